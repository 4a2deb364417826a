"""Greedy generation against a plain loop."""

import pytest
import torch

from crosstask.config.scoring import Generation
from crosstask.evaluation import generation
from crosstask.evaluation.generation import Continuation, GenerationRequests
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode

PROMPTS = ["the film was good\nAnswer:\n", "a", "the film was bad and it was very long\nAnswer:\n", "7 8 9\n"]


def plain_loop(base: BaseModel, prompt: str, limit: int) -> tuple[list[int], bool]:
    tokens = list(encode(base, [prompt], [""])[0].prompt)
    start = len(tokens)
    with torch.inference_mode():
        while len(tokens) < start + limit:
            token = int(base.model(input_ids=torch.tensor([tokens])).logits[0, -1].argmax())
            if token in base.ends:
                return tokens[start:], True
            tokens.append(token)
    return tokens[start:], False


def generate(base: BaseModel, prompts: list[str], limit: int) -> list[Continuation]:
    return GenerationRequests(base, prompts, limit).run(base.model, range(len(prompts)))


@pytest.mark.parametrize("size", [1, 3, 4])
@pytest.mark.parametrize("stretch", [1, 3, 100])
def test_agrees_with_a_plain_loop(base: BaseModel, size: int, stretch: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(generation, "STRETCH", stretch)
    outputs = [output for start in range(0, 4, size) for output in generate(base, PROMPTS[start : start + size], 12)]
    for prompt, output in zip(PROMPTS, outputs, strict=True):
        tokens, stopped = plain_loop(base, prompt, 12)
        assert output.text == base.tokenizer.decode(tokens)
        assert (output.tokens, output.stopped, output.cut) == (len(tokens), stopped, 0)


@pytest.mark.slow  # it takes much of the memory that is free
def test_continuous_batching_says_the_same(base: BaseModel):
    both = [GenerationRequests(base, PROMPTS, 12, way) for way in Generation]
    batch, continuous = (requests.run(base.model, range(len(PROMPTS))) for requests in both)
    assert batch == continuous
    assert both[1].batch_tokens > both[0].batch_tokens


def test_an_output_that_continuous_batching_lost_is_an_error(base: BaseModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base.model, "generate_batch", lambda inputs, **settings: {})
    with pytest.raises(RuntimeError, match="continuous batching returned 0 of 4 outputs"):
        GenerationRequests(base, PROMPTS, 12, Generation.continuous).run(base.model, range(len(PROMPTS)))


@pytest.mark.parametrize("stretch", [1, 2, 5])
def test_an_answer_that_ends_leaves_the_others_as_they_are(
    base: BaseModel, stretch: int, monkeypatch: pytest.MonkeyPatch
):
    """The tokens of the first answers are made end tokens one after the other, so that answers end at many places."""
    spoken = [token for prompt in PROMPTS for token in plain_loop(base, prompt, 12)[0][2:9:3]]
    monkeypatch.setattr(generation, "STRETCH", stretch)
    lengths = set()
    for token in spoken:
        monkeypatch.setitem(base.__dict__, "ends", (token,))
        expected = [plain_loop(base, prompt, 12) for prompt in PROMPTS]
        outputs = generate(base, PROMPTS, 12)
        assert [(o.tokens, o.stopped) for o in outputs] == [(len(tokens), stopped) for tokens, stopped in expected]
        assert [o.text for o in outputs] == [base.tokenizer.decode(tokens) for tokens, _ in expected]
        lengths |= {tuple(o.tokens for o in outputs)}
    assert len(lengths) > 3


def test_a_model_that_ends_at_once_says_nothing(base: BaseModel, monkeypatch: pytest.MonkeyPatch):
    tokens, _ = plain_loop(base, PROMPTS[0], 1)
    monkeypatch.setitem(base.__dict__, "ends", (tokens[0],))
    (output,) = generate(base, PROMPTS[:1], 12)
    assert (output.text, output.tokens, output.stopped) == ("", 0, True)


def test_the_prompt_leaves_room_for_the_answer(base: BaseModel):
    long = "the film was good " * 30
    (output,) = generate(base, [long], 1000)
    (pair,) = encode(base, [long], [""])
    assert output.cut == len(pair.prompt) - base.context // 2
    assert output.tokens <= base.context // 2


def test_another_engine_can_generate(base: BaseModel):
    requests = GenerationRequests(
        base, PROMPTS, 12, lambda model, prompts, limit, stop: [[5, base.end, 6]] * len(prompts)
    )
    expected = Continuation(base.tokenizer.decode([5]), 1, True, 0)
    assert requests.run(base.model, [0, 2]) == [expected, expected]
