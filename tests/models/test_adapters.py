"""Adapters are loaded whole and exactly, or not at all."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from crosstask.config.adapter import Initialization, Lora
from crosstask.config.inputs import Model
from crosstask.errors import UserError
from crosstask.models import adapters, base_model
from crosstask.models.architecture import linear_layers
from crosstask.models.language_model import BaseModel
from crosstask.storage import adapter_files
from tests.support.adapter_settings import IA3
from tests.support.architectures import write_architecture

TOKENS = torch.tensor([[1, 5, 6, 7]])
ROUNDING = 1e-4
"""Of logits of some ten units in float32; how the sums are rounded depends on the processor."""


METHODS = {
    "lora": Lora(rank=4),
    "rslora": Lora(rank=4, rslora=True),
    "dora": Lora(rank=4, dora=True),
    "pissa": Lora(rank=4, init=Initialization.pissa, dropout=0.5),
    "rslora-pissa": Lora(rank=4, rslora=True, init=Initialization.pissa),
    "output": Lora(rank=4, target_modules=["q_proj", "lm_head"]),
    "ia3": IA3,
}


@pytest.fixture
def folder(base: BaseModel, tmp_path: Path) -> Path:
    """An adapter that changes what the model says."""
    return make(base, METHODS["lora"], tmp_path)


def make(base: BaseModel, lora: Lora, folder: Path) -> Path:
    """Save an adapter whose weights are changed from their initial values at random."""
    with adapters.fresh(base, lora, seed=0) as model:
        torch.manual_seed(1)
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data += torch.randn_like(weight) / 4
        adapters.save(model, folder)
    return folder


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(input_ids=TOKENS).logits


def change(folder: Path, edit: Any) -> None:
    weights = load_file(folder / adapter_files.WEIGHTS)
    edit(weights)
    save_file(weights, folder / adapter_files.WEIGHTS, metadata={"format": "pt"})


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
    peft_config = json.loads((folder / adapter_files.CONFIG).read_text())
    assert peft_config["target_modules"] == sorted(peft_config["target_modules"])
    with adapters.attached(base, folder):
        pass
    for name in (adapter_files.WEIGHTS, adapter_files.CONFIG):
        (again / name).write_bytes((folder / name).read_bytes())
    assert adapter_files.content(again) == adapter_files.content(folder)


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
    before = adapter_files.content(folder)
    settings = json.loads((folder / adapter_files.CONFIG).read_text())
    (folder / adapter_files.CONFIG).write_text(json.dumps(settings | {key: value}))
    assert (adapter_files.content(folder) == before) == same


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
    settings = json.loads((folder / adapter_files.CONFIG).read_text())
    (folder / adapter_files.CONFIG).write_text(json.dumps(settings | {"r": 2}))
    with (
        pytest.raises(UserError, match=r"has the shape \(4, 64\), expected \(2, 64\)|shape"),
        adapters.attached(base, folder),
    ):
        pass


def test_an_unreadable_file_is_an_error(base: BaseModel, folder: Path):
    (folder / adapter_files.WEIGHTS).write_bytes(b"broken")
    with pytest.raises(UserError, match="adapter_model.safetensors: damaged: "), adapters.attached(base, folder):
        pass


def test_an_error_leaves_the_base_bare(base: BaseModel, folder: Path):
    change(folder, lambda weights: weights.pop(min(weights)))
    with pytest.raises(UserError), adapters.attached(base, folder):
        pass
    assert not any("lora" in name for name, _ in base.model.named_modules())


def as_peft_has_it(model_folder: Path, folder: Path) -> torch.Tensor:
    """Logits of a base model read anew with the adapter loaded by peft alone."""
    from transformers import AutoModelForCausalLM

    return logits(peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model_folder), folder).eval())


@pytest.mark.parametrize("method", METHODS)
def test_what_is_saved_does_to_the_base_what_training_ended_with(
    base: BaseModel, model_folder: Path, tmp_path: Path, method: str
):
    bare, before = logits(base.model), {key: value.clone() for key, value in base.model.state_dict().items()}
    with adapters.fresh(base, METHODS[method], seed=0) as model:
        # Every method starts from the base.
        torch.testing.assert_close(logits(model.eval()), bare, rtol=0, atol=ROUNDING)
        optimizer = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=1e-2)
        for _ in range(4):
            model.train()
            model(input_ids=TOKENS, labels=TOKENS).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        trained = logits(model.eval())
        adapters.save(model, tmp_path)
    assert (trained - bare).abs().max() > 0.1
    after = base.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    torch.testing.assert_close(as_peft_has_it(model_folder, tmp_path), trained, rtol=0, atol=ROUNDING)
    with adapters.attached(base, tmp_path) as model:
        torch.testing.assert_close(logits(model), trained, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("method", METHODS)
def test_a_tensor_of_any_method_that_is_missing_is_an_error(base: BaseModel, tmp_path: Path, method: str):
    change(make(base, METHODS[method], tmp_path), lambda weights: weights.pop(max(weights)))
    with pytest.raises(UserError, match="lacks 1 tensors"), adapters.attached(base, tmp_path):
        pass


def test_pissa_starts_from_the_largest_singular_values(base: BaseModel):
    lora = METHODS["pissa"]
    name = "model.layers.0.self_attn.q_proj"
    left, values, right = torch.linalg.svd(base.model.get_submodule(name).weight)
    with adapters.fresh(base, lora, seed=0) as model:
        layer = model.base_model.model.get_submodule(name)
        product = lora.alpha / lora.rank * layer.lora_B["default"].weight @ layer.lora_A["default"].weight
        largest = left[:, : lora.rank] @ values[: lora.rank].diag() @ right[: lora.rank]
        torch.testing.assert_close(product, largest, rtol=0, atol=1e-5)


def test_pissa_trains_its_own_factors_only(base: BaseModel):
    counts = {}
    for name in ("lora", "pissa"):
        with adapters.fresh(base, METHODS[name], seed=0) as model:
            counts[name] = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert counts["pissa"] == counts["lora"]


def test_pissa_with_more_than_all_singular_values_is_an_error(base: BaseModel):
    lora = Lora(rank=17, init=Initialization.pissa)
    message = (
        r"lora\.rank=17: lora\.init=pissa takes at most 16, the shorter side of model\.layers\.0\.self_attn\.k_proj"
    )
    with pytest.raises(UserError, match=message), adapters.fresh(base, lora, seed=0):
        pass


def test_a_rank_that_is_larger_than_every_layer_is_an_error(base: BaseModel):
    sides = {side for name, weight in base.model.named_parameters() if "proj" in name for side in weight.shape}
    with adapters.fresh(base, Lora(rank=max(sides)), seed=0):
        pass
    message = rf"lora\.rank={max(sides) + 1}: must be at most {max(sides)}, the longest side of a layer"
    with pytest.raises(UserError, match=message), adapters.fresh(base, Lora(rank=max(sides) + 1), seed=0):
        pass


def test_pissa_draws_the_same_factors_again(base: BaseModel):
    drawn = []
    for _ in range(2):
        with adapters.fresh(base, METHODS["pissa"], seed=0) as model:
            drawn.append({name: weight.clone() for name, weight in model.named_parameters() if "lora_" in name})
    assert all(torch.equal(drawn[0][name], drawn[1][name]) for name in drawn[0])


def edit_config(folder: Path, **changes: Any) -> None:
    settings = json.loads((folder / adapter_files.CONFIG).read_text())
    (folder / adapter_files.CONFIG).write_text(json.dumps(settings | changes))


@pytest.mark.parametrize(
    ("method", "changes", "message"),
    [
        ("dora", {"use_dora": False}, "has the unexpected 14 tensors, e.g. .*lora_magnitude_vector"),
        ("lora", {"use_dora": True}, "lacks 14 tensors, e.g. .*lora_magnitude_vector"),
        ("lora", {"target_modules": ["q_proj"]}, "has the unexpected 24 tensors, e.g. .*down_proj.lora_A"),
        ("lora", {"target_modules": ["q_proj", "lm_head"]}, "lacks 2 tensors, e.g. .*lm_head.lora_A"),
        ("pissa", {"r": 4}, r"has the shape \(8, \d+\), expected \(4, \d+\)"),
        ("ia3", {"feedforward_modules": []}, r"down_proj.ia3_l has the shape \(1, 64\), expected \(32, 1\)"),
    ],
)
def test_weights_that_were_not_trained_with_their_configuration_are_an_error(
    base: BaseModel, tmp_path: Path, method: str, changes: dict[str, Any], message: str
):
    edit_config(make(base, METHODS[method], tmp_path), **changes)
    with (
        pytest.raises(UserError, match=f"{message}.*than its adapter_config.json says"),
        adapters.attached(base, tmp_path),
    ):
        pass


def test_an_adapter_whose_factors_are_split_off_needs_whole_weights(base: BaseModel, folder: Path):
    edit_config(folder, init_lora_weights="pissa")
    with (
        pytest.raises(UserError, match="init_lora_weights=pissa: its factors are split off whole weights"),
        adapters.attached(replace(base, quantized=True), folder),
    ):
        pass


def test_nothing_is_added_to_quantized_weights(base: BaseModel, folder: Path):
    before = {key: value.clone() for key, value in base.model.state_dict().items()}
    with adapters.attached(base, folder) as model:
        merged = logits(model)
    with adapters.attached(replace(base, quantized=True), folder) as model:
        held = {key.replace(".base_layer", ""): value for key, value in model.state_dict().items()}
        assert all(torch.equal(value, held[key]) for key, value in before.items())
        torch.testing.assert_close(logits(model), merged)


@pytest.mark.parametrize(
    ("names", "unknown"), [(["q_proj", "v_porj"], "v_porj"), (["proj"], "proj"), (["mlp.q_proj"], "mlp.q_proj")]
)
def test_a_name_that_is_no_layer_s_is_an_error(base: BaseModel, names: list[str], unknown: str):
    message = rf"^lora.target_modules=\[{','.join(names)}\]: the base model has no layer named {unknown}; possible are "
    with (
        pytest.raises(UserError, match=message + "down_proj, gate_proj, .*, and null is all of them$"),
        adapters.fresh(base, Lora(target_modules=names), seed=0),
    ):
        pass


def test_a_layer_that_can_have_no_adapter_is_an_error(base: BaseModel):
    with (
        pytest.raises(UserError, match=r"^lora.target_modules=\[norm\]: Target module .* is not supported"),
        adapters.fresh(base, Lora(target_modules=["norm"]), seed=0),
    ):
        pass


def test_the_layers_of_experts_get_no_adapter(model_folder: Path, tmp_path: Path):
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    experts = base_model.load(Model(path=str(write_architecture(tmp_path / "experts", "qwen2_moe", tokenizer))))
    with (
        pytest.raises(UserError, match="down_proj is what the experts' layers are called, which share tensors"),
        adapters.fresh(experts, Lora(target_modules=["q_proj", "down_proj"]), seed=0),
    ):
        pass


def test_all_linear_layers_are_adapted_where_none_are_named(base: BaseModel):
    layers = dict.fromkeys(linear_layers(base.model), 2)
    with adapters.fresh(base, Lora(), seed=0) as model:
        assert adapters.adapted_layers(model) == layers
