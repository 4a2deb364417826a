"""What stands around a prompt: a system prompt, with and without a chat template."""

import json
import shutil
from pathlib import Path

import pytest

from crosstask.config.inputs import Model
from crosstask.errors import UserError
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode, truncate_prompt

ROLES = "{{ bos_token }}{% for m in messages %}[{{ m['role'][0] }}]{{ m['content'] }}{% endfor %}[a]"
NO_SYSTEM = "{% for m in messages %}{% if m['role'] == 'user' %}[u]{{ m['content'] }}{% endif %}{% endfor %}[a]"
REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + ROLES


def chat(model_folder: Path, folder: Path, template: str) -> BaseModel:
    copied = shutil.copytree(model_folder, folder / "chat")
    settings = json.loads((copied / "tokenizer_config.json").read_text()) | {"chat_template": template}
    (copied / "tokenizer_config.json").write_text(json.dumps(settings))
    return base_model.load(Model(name="chat", path=str(copied), chat_template=True))


def text(base: BaseModel, tokens: tuple[int, ...]) -> str:
    return base.tokenizer.decode(tokens)


def test_without_a_template_it_is_a_paragraph_before_the_prompt(base: BaseModel):
    (found,) = encode(base, ["the film="], ["1"], ["good 12"])
    (joined,) = encode(base, ["good 12\n\nthe film="], ["1"])
    assert (found.prompt, found.answer) == (joined.prompt, joined.answer)
    assert found.opening == len(base.tokenizer("good 12\n\n", add_special_tokens=False)["input_ids"])


def test_with_one_it_is_the_systems_turn(model_folder: Path, tmp_path: Path):
    base = chat(model_folder, tmp_path, ROLES)
    with_system, without = encode(base, ["the film="] * 2, ["1"] * 2, ["good 12", ""])
    assert text(base, with_system.prompt) == "<bos>[s]good 12[u]the film=[a]"
    assert text(base, without.prompt) == "<bos>[u]the film=[a]"


@pytest.mark.parametrize("templated", [False, True])
def test_a_prompt_that_is_cut_keeps_it(base: BaseModel, model_folder: Path, tmp_path: Path, templated: bool):
    used = chat(model_folder, tmp_path, ROLES) if templated else base
    (found,) = encode(used, ["the film was the film was the film="], ["1"], ["good 12"])
    cut = truncate_prompt(found, used, len(found.prompt) - 3)
    kept = len(used.begin) + found.opening
    assert cut.prompt[:kept] == found.prompt[:kept]
    assert cut.prompt[kept:] == found.prompt[kept + 4 :]
    assert "good 12" in text(used, cut.prompt)


@pytest.mark.parametrize(
    ("template", "message"),
    [(NO_SYSTEM, "template leaves the system prompt out: 'good'"), (REFUSES, "cannot render a prompt: no system role")],
)
def test_a_template_without_room_for_it_is_an_error(model_folder: Path, tmp_path: Path, template: str, message: str):
    base = chat(model_folder, tmp_path, template)
    encode(base, ["the"], ["1"])
    with pytest.raises(UserError, match=rf"^model\.chat_template=true: .*{message}"):
        encode(base, ["the"], ["1"], ["good"])


def test_control_tokens_in_it_are_text(base: BaseModel):
    (found,) = encode(base, ["the"], ["1"], ["<eos>"])
    assert base.end not in found.prompt
    assert found.control_tokens == 1


def test_a_model_without_weights_reads_texts_as_the_model_does(model_folder: Path, base: BaseModel):
    described = base_model.without_weights(Model(name="tiny", path=str(model_folder)))
    assert encode(described, ["the film="], ["12"], ["good"]) == encode(base, ["the film="], ["12"], ["good"])
    assert (described.context, described.ends, described.pad) == (base.context, base.ends, base.pad)
    assert described.model.device.type == "meta"
