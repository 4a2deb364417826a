import pytest

from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded, encode, training_sequence, truncate_prompt


def text(base: BaseModel, tokens: tuple[int, ...]) -> str:
    return base.tokenizer.decode(list(tokens))


def test_prompt_and_answer_are_parted_at_the_prompts_own_tokens(base: BaseModel):
    (pair,) = encode(base, ["the film\nAnswer:\n"], ["positive"])
    assert text(base, pair.prompt) == "<bos>the film\nAnswer:\n"
    assert text(base, pair.answer) == "positive"
    whole = base.tokenizer("the film\nAnswer:\npositive", add_special_tokens=False)["input_ids"]
    assert [*pair.prompt[1:], *pair.answer] == whole


def test_a_token_across_the_border_is_not_shared(base: BaseModel):
    whole = base.tokenizer("good", add_special_tokens=False)["input_ids"]
    alone = base.tokenizer("goo", add_special_tokens=False)["input_ids"]
    assert whole[: len(alone)] != alone, "the tokenizer must merge over the border for this test to mean something"
    (pair,) = encode(base, ["goo"], ["d"])
    assert (text(base, pair.prompt), text(base, pair.answer)) == ("<bos>goo", "d")
    assert pair.straddled
    assert not encode(base, ["good"], ["0"])[0].straddled


def test_there_is_exactly_one_begin_token(base: BaseModel):
    (pair,) = encode(base, ["the film"], ["good"])
    assert pair.prompt.count(base.tokenizer.bos_token_id) == 1


def test_the_end_token_is_supervised(base: BaseModel):
    (pair,) = encode(base, ["the film"], ["good"])
    assert training_sequence(pair, base, 64).answer == (*pair.answer, base.tokenizer.eos_token_id)


PAIR = Encoded(prompt=(1, 10, 11, 12, 13), answer=(20, 21))


def test_the_prompt_gives_way_from_its_left(base: BaseModel):
    assert truncate_prompt(PAIR, base, 5) == Encoded((1, 12, 13), (20, 21), cut_prompt=2)
    assert truncate_prompt(PAIR, base, 7) == PAIR


def test_the_answer_is_cut_only_where_it_is_too_long_alone(base: BaseModel):
    assert base.begin == (1,)
    assert training_sequence(PAIR, base, 4) == Encoded((1,), (20, 21, base.end), cut_prompt=4)
    assert training_sequence(PAIR, base, 3) == Encoded((1,), (20, 21), cut_prompt=4, cut_answer=1)


@pytest.mark.parametrize("limit", [2, 3, 4, 5, 6, 7, 8])
def test_a_training_sequence_is_never_longer_than_the_limit(base: BaseModel, limit: int):
    sequence = training_sequence(PAIR, base, limit)
    assert len(sequence.prompt) + len(sequence.answer) <= limit
    assert len(sequence.answer) + sequence.cut_answer == len(PAIR.answer) + 1
    assert len(sequence.prompt) + sequence.cut_prompt == len(PAIR.prompt)
