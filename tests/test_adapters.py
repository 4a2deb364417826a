"""Adapters are loaded whole and exactly, or not at all."""

import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file

from crosstask import adapters
from crosstask.base_model import BaseModel
from crosstask.config import Lora
from crosstask.errors import UserError

TOKENS = torch.tensor([[1, 5, 6, 7]])


@pytest.fixture
def folder(base: BaseModel, tmp_path: Path) -> Path:
    """An adapter that changes what the model says."""
    with adapters.fresh(base, Lora(rank=4), seed=0) as model:
        torch.manual_seed(1)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.data.normal_()
        adapters.save(model, tmp_path)
    return tmp_path


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(input_ids=TOKENS).logits


def change(folder: Path, edit: Any) -> None:
    weights = load_file(folder / adapters.WEIGHTS)
    edit(weights)
    save_file(weights, folder / adapters.WEIGHTS, metadata={"format": "pt"})


def test_an_adapter_acts_as_peft_itself_makes_it_act(base: BaseModel, folder: Path, model_folder: Path):
    from transformers import AutoModelForCausalLM

    bare = logits(base.model)
    with adapters.attached(base, folder) as model:
        found = logits(model)
    other = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model_folder), folder).eval()
    torch.testing.assert_close(found, logits(other))
    assert not torch.allclose(found, bare)


def test_the_base_model_is_bare_again_afterwards(base: BaseModel, folder: Path):
    bare = logits(base.model)
    with adapters.attached(base, folder):
        pass
    assert torch.equal(logits(base.model), bare)
    assert not any("lora" in name for name, _ in base.model.named_modules())


def test_no_folder_is_the_bare_model(base: BaseModel):
    with adapters.attached(base, None) as model:
        assert model is base.model


def test_the_seed_draws_the_initial_weights(base: BaseModel):
    drawn = []
    for seed in (0, 0, 1):
        with adapters.fresh(base, Lora(), seed) as model:
            drawn.append(next(w.clone() for n, w in model.named_parameters() if "lora_A" in n))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_the_files_are_the_same_bytes_for_the_same_adapter(base: BaseModel, folder: Path, tmp_path_factory: Any):
    again = tmp_path_factory.mktemp("again")
    peft_config = json.loads((folder / adapters.CONFIG).read_text())
    assert peft_config["target_modules"] == sorted(peft_config["target_modules"])
    with adapters.attached(base, folder):
        pass
    for name in (adapters.WEIGHTS, adapters.CONFIG):
        (again / name).write_bytes((folder / name).read_bytes())
    assert adapters.content(again) == adapters.content(folder)


@pytest.mark.parametrize(
    ("key", "value", "same"),
    [
        ("base_model_name_or_path", "elsewhere", True),
        ("peft_version", "0", True),
        ("lora_alpha", 99, False),
        ("r", 2, False),
    ],
)
def test_the_content_is_what_the_adapter_computes(folder: Path, key: str, value: Any, same: bool):
    before = adapters.content(folder)
    settings = json.loads((folder / adapters.CONFIG).read_text())
    (folder / adapters.CONFIG).write_text(json.dumps(settings | {key: value}))
    assert (adapters.content(folder) == before) == same


def test_a_missing_tensor_is_an_error(base: BaseModel, folder: Path):
    change(folder, lambda weights: weights.pop(min(weights)))
    with (
        pytest.raises(UserError, match=r"lacks 1 tensors, e\.g\. base_model\.model\..*lora_A"),
        adapters.attached(base, folder),
    ):
        pass


def test_an_unexpected_tensor_is_an_error(base: BaseModel, folder: Path):
    change(folder, lambda weights: weights.update({"foreign": torch.zeros(1)}))
    with (
        pytest.raises(UserError, match=r"has the unexpected 1 tensors, e\.g\. foreign"),
        adapters.attached(base, folder),
    ):
        pass


def test_another_rank_is_an_error(base: BaseModel, folder: Path):
    settings = json.loads((folder / adapters.CONFIG).read_text())
    (folder / adapters.CONFIG).write_text(json.dumps(settings | {"r": 2}))
    with (
        pytest.raises(UserError, match=r"has the shape \(4, 64\), expected \(2, 64\)|shape"),
        adapters.attached(base, folder),
    ):
        pass


def test_an_unreadable_file_is_an_error(base: BaseModel, folder: Path):
    (folder / adapters.WEIGHTS).write_bytes(b"broken")
    with pytest.raises(UserError, match="not an adapter for this base model"), adapters.attached(base, folder):
        pass


def test_an_error_leaves_the_base_bare(base: BaseModel, folder: Path):
    change(folder, lambda weights: weights.pop(min(weights)))
    with pytest.raises(UserError), adapters.attached(base, folder):
        pass
    assert not any("lora" in name for name, _ in base.model.named_modules())
