"""The effect of an adapter on the logits of the probe prompts."""

from pathlib import Path

import pytest
import torch

from crosstask.config.adapter import Lora
from crosstask.errors import UserError
from crosstask.models import adapter_effect, adapters
from crosstask.models.language_model import BaseModel


@pytest.fixture
def folder(base: BaseModel, tmp_path: Path) -> Path:
    with adapters.fresh(base, Lora(rank=4), seed=0) as model:
        torch.manual_seed(1)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.data.normal_()
        adapters.save(model, tmp_path)
    return tmp_path


def test_the_effect_is_the_largest_difference_of_a_logit(base: BaseModel, folder: Path):
    bare = adapter_effect.probe_logits(base, base.model)
    with adapters.attached(base, folder) as model:
        found = adapter_effect.effect(base, model, bare)
        prompts = [
            base.tokenizer(text, add_special_tokens=False, return_tensors="pt") for text in adapter_effect.PROMPTS
        ]
        begin = torch.tensor([base.begin])
        with torch.inference_mode():
            moved = [model(torch.cat([begin, prompt.input_ids], 1)).logits[0, -1] for prompt in prompts]
    expected = [float((row - before).abs().max()) for row, before in zip(moved, bare, strict=True)]
    assert found == pytest.approx(expected, rel=1e-4)
    adapter_effect.check_effect(found, found, torch.float32, "x")


def test_an_adapter_that_does_nothing_is_an_error(base: BaseModel):
    bare = adapter_effect.probe_logits(base, base.model)
    with adapters.fresh(base, Lora(), seed=0) as model, pytest.raises(UserError, match="the adapter has no effect"):
        adapter_effect.effect(base, model.eval(), bare)


def test_another_effect_than_the_recorded_one_is_an_error():
    adapter_effect.check_effect([1.0, 2.0], [1.001, 1.999], torch.float32, "a/b")
    with pytest.raises(UserError, match=r"a/b: the adapter's effect differs .* by 1 instead of 1\.1$"):
        adapter_effect.check_effect([1.0, 2.0], [1.1, 2.0], torch.float32, "a/b")
