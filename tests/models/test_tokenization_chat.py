"""Prompts as the user's turn in the tokenizer's own chat template, token by token."""

import json
import re
import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from crosstask.config.inputs import Model
from crosstask.errors import UserError
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode, training_sequence, truncate_prompt

BEGINNING = "{{ bos_token }}"
TURNS = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
DATED = (
    "{% if strftime_now is defined %}{%- set today = strftime_now('%d %b %Y') %}{% endif %}"
    "{{ bos_token }}{{ today }}, {{ strftime_now('%A %Y-%m-%d') }}:{{ messages[0]['content'] }}"
)
SILENT = "{{ bos_token }}What is it?"
REFUSING = "{{ raise_exception('only tools may speak') }}"


def chat_model(model_folder: Path, folder: Path, template: str | None) -> Model:
    """The tiny model with a chat template."""
    shutil.copytree(model_folder, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    if template is not None:
        settings["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return Model(name="chat", path=str(folder), chat_template=True)


@pytest.fixture
def chat(model_folder: Path, tmp_path: Path) -> BaseModel:
    return base_model.load(chat_model(model_folder, tmp_path / "chat", BEGINNING + TURNS))


def text(base: BaseModel, tokens: tuple[int, ...]) -> str:
    return base.tokenizer.decode(list(tokens))


def test_the_prompt_is_the_users_turn_and_the_answer_follows(chat: BaseModel):
    (pair,) = encode(chat, ["the film\nAnswer:\n"], ["good"])
    assert text(chat, pair.prompt) == "<bos><|user|>\nthe film\nAnswer:\n\n<|assistant|>\n"
    assert text(chat, pair.answer) == "good"
    assert text(chat, training_sequence(pair, chat, 64).answer) == "good<eos>"


def test_tokens_are_those_of_transformers(chat: BaseModel):
    """The other route: the tokenizer renders and tokenises the whole conversation by itself."""
    prompts, answers = ["the film\nAnswer:\n", "0 1 2"], ["good", "bad"]
    for pair, prompt, answer in zip(encode(chat, prompts, answers), prompts, answers, strict=True):
        turn = [{"role": "user", "content": prompt}]
        tokenizer = AutoTokenizer.from_pretrained(chat.tokenizer.name_or_path)
        expected = tokenizer.apply_chat_template(turn, add_generation_prompt=True, return_dict=False)
        assert list(pair.prompt) == expected
        assert list(pair.answer) == tokenizer(answer, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize(("template", "begins"), [(BEGINNING + TURNS, 1), (TURNS, 0)])
def test_the_template_decides_on_the_begin_token(model_folder: Path, tmp_path: Path, template: str, begins: int):
    base = base_model.load(chat_model(model_folder, tmp_path / "chat", template))
    (pair,) = encode(base, ["the film"], ["good"])
    assert pair.prompt.count(base.tokenizer.bos_token_id) == begins


def test_the_opening_and_the_end_of_the_prompt_stay(chat: BaseModel):
    (pair,) = encode(chat, ["the film the film the film was"], ["good"])
    assert text(chat, pair.prompt[: pair.opening]) == "<bos><|user|>\n"
    limit = len(pair.prompt) + len(pair.answer) - 3
    cut = truncate_prompt(pair, chat, limit)
    assert len(cut.prompt) + len(cut.answer) == limit
    assert cut.prompt == (*pair.prompt[: pair.opening], *pair.prompt[pair.opening + 3 :])
    assert cut.cut_prompt == 3
    assert text(chat, cut.prompt).startswith("<bos><|user|>\n")
    assert text(chat, cut.prompt).endswith("\n<|assistant|>\n")


def test_a_user_who_says_what_the_template_says_changes_no_opening(chat: BaseModel):
    pairs = encode(chat, ["<|user|>\n", "USER WORDS", ""], ["a"] * 3)
    assert len({pair.opening for pair in pairs}) == 1


def test_where_the_opening_leaves_no_room_there_is_no_answer(chat: BaseModel):
    (pair,) = encode(chat, ["the film"], ["good"])
    assert training_sequence(pair, chat, pair.opening).answer == ()
    sequence = training_sequence(pair, chat, pair.opening + 1)
    assert (sequence.prompt, sequence.answer) == (pair.prompt[: pair.opening], pair.answer[:1])
    assert sequence.cut_answer == len(pair.answer) + 1 - 1


def test_prompts_do_not_change_from_day_to_day(model_folder: Path, tmp_path: Path):
    base = base_model.load(chat_model(model_folder, tmp_path / "chat", DATED))
    (pair,) = encode(base, [" it is"], ["good"])
    assert text(base, pair.prompt) == "<bos>26 Jul 2024, Friday 2024-07-26: it is"


def test_a_chat_is_another_base_model(model_folder: Path, tmp_path: Path):
    chat = chat_model(model_folder, tmp_path / "chat", TURNS)
    plain = Model(name="plain", path=chat.path)
    assert base_model.identity(chat) != base_model.identity(plain)
    assert not base_model.load(plain).chat_template
    (pair,) = encode(base_model.load(plain), ["the film"], ["good"])
    assert text(base_model.load(plain), pair.prompt) == "<bos>the film"


def test_a_model_without_a_template_is_refused(model_folder: Path, tmp_path: Path):
    model = chat_model(model_folder, tmp_path / "chat", None)
    with pytest.raises(
        UserError, match=f"^model.chat_template=true: the tokenizer in {model.path} has no chat template"
    ):
        base_model.load(model)


def test_a_template_that_leaves_the_prompt_out_is_refused(model_folder: Path, tmp_path: Path):
    base = base_model.load(chat_model(model_folder, tmp_path / "chat", SILENT))
    message = "^model.chat_template=true: the tokenizer's template leaves the user's words out$"
    with pytest.raises(UserError, match=message):
        encode(base, ["the film"], ["good"])


def test_a_template_that_refuses_is_one_line(model_folder: Path, tmp_path: Path):
    base = base_model.load(chat_model(model_folder, tmp_path / "chat", REFUSING))
    message = "model.chat_template=true: the template cannot render a prompt: only tools may speak"
    with pytest.raises(UserError, match=re.escape(message)):
        encode(base, ["the film"], ["good"])
