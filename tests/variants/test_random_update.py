"""Random updates have the norms of an adapter, layer by layer, and nothing else of it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from crosstask.errors import UserError
from crosstask.models.random_update import norm_of_product, random_update, write_random_update


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    made = {}
    for layer, (rows, columns) in {"q": (16, 24), "down": (24, 40)}.items():
        made[f"model.{layer}.lora_A.weight"] = torch.randn(4, columns) * 0.1
        made[f"model.{layer}.lora_B.weight"] = torch.randn(rows, 4) * (0.5 if layer == "q" else 0.02)
    return made


def test_every_layer_has_the_norm_and_the_rank_of_the_adapter(weights):
    drawn = random_update(weights, 0)
    assert drawn.keys() == weights.keys()
    for layer in ("q", "down"):
        down, up = (f"model.{layer}.lora_{side}.weight" for side in "AB")
        before, after = (of[up] @ of[down] for of in (weights, drawn))
        assert torch.linalg.norm(after) == pytest.approx(float(torch.linalg.norm(before)), rel=1e-5)
        assert torch.linalg.matrix_rank(after) == 4
        cosine = float((before * after).sum() / torch.linalg.norm(before) ** 2)
        assert abs(cosine) < 0.4, "in another direction"


def test_draws_differ_and_are_the_same_again(weights):
    first, again, other = (random_update(weights, draw) for draw in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in weights)
    assert all(not torch.equal(first[name], other[name]) for name in weights)


def test_the_norm_of_a_product_is_that_of_the_whole_matrix():
    up, down = torch.randn(30, 5), torch.randn(5, 20)
    assert norm_of_product(up, down) == pytest.approx(float(torch.linalg.norm(up @ down)), rel=1e-5)


def test_an_update_of_nothing_stays_nothing(weights):
    nothing = {name: torch.zeros_like(weight) if "lora_B" in name else weight for name, weight in weights.items()}
    drawn = random_update(nothing, 0)
    assert all(not weight.any() for name, weight in drawn.items() if "lora_B" in name)


def test_other_weights_are_refused(weights):
    with pytest.raises(UserError, match=r"variant=random_update: model\.q\.lora_magnitude_vector is no factor"):
        random_update({**weights, "model.q.lora_magnitude_vector": torch.ones(16)}, 0)


def test_a_folder_has_the_settings_of_the_adapter(weights, tmp_path: Path):
    (tmp_path / "of").mkdir()
    (tmp_path / "to").mkdir()
    save_file(weights, tmp_path / "of/adapter_model.safetensors")
    (tmp_path / "of/adapter_config.json").write_text('{"r": 4}')
    assert write_random_update(tmp_path / "of", tmp_path / "to", 0) == sum(
        weight.numel() for weight in weights.values()
    )
    assert (tmp_path / "to/adapter_config.json").read_text() == '{"r": 4}'
    assert load_file(tmp_path / "to/adapter_model.safetensors").keys() == weights.keys()
