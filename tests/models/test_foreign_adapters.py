"""Adapters that peft alone made and saved: loaded as peft loads them, or refused."""

import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from crosstask.config.inputs import Model
from crosstask.errors import UserError
from crosstask.models import adapters, base_model
from crosstask.models.language_model import BaseModel
from crosstask.storage.layout import CONFIG, WEIGHTS
from tests.support.architectures import write_architecture
from tests.support.foreign_adapters import fresh, made_by_peft

TOKENS = torch.tensor([[1, 5, 6, 7]])
ROUNDING = 1e-4
"""Of logits of some ten units in float32, where the sum with the weights is rounded otherwise."""
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def lora(**settings: Any) -> peft.LoraConfig:
    return peft.LoraConfig(**{"r": 4, "target_modules": LINEAR, "task_type": "CAUSAL_LM", **settings})


METHODS: dict[str, Any] = {
    "lora": lora(),
    "without a task": lora(task_type=None),
    "rslora": lora(use_rslora=True),
    "dora": lora(use_dora=True, use_rslora=True),
    "pissa": lora(init_lora_weights="pissa"),
    "olora": lora(init_lora_weights="olora"),
    "orthogonal": lora(init_lora_weights="orthogonal"),
    "ia3": peft.IA3Config(
        target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"], task_type="CAUSAL_LM"
    ),
    "rank patterns": lora(rank_pattern={"q_proj": 2, "down_proj": 7}, alpha_pattern={"v_proj": 3}),
    "one layer": lora(layers_to_transform=[0]),
    "a pattern": lora(target_modules=r".*layers\.1\..*q_proj"),
    "output layer saved": lora(modules_to_save=["lm_head"]),
    "embedding saved": lora(modules_to_save=["embed_tokens"]),
    "both saved": lora(modules_to_save=["embed_tokens", "lm_head"]),
    "tied": lora(modules_to_save=["embed_tokens"], ensure_weight_tying=True),
    "norm saved": lora(modules_to_save=["norm"]),
    "some tokens": lora(trainable_token_indices=[5, 6]),
    "biases of factors": lora(lora_bias=True),
    "on the embedding": lora(target_modules=["q_proj", "embed_tokens"]),
    "on the output layer": lora(target_modules=["q_proj", "lm_head"]),
}


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(input_ids=TOKENS).logits


def by_peft(model_folder: Path, folder: Path) -> torch.Tensor:
    """What peft's own forward pass gives."""
    return logits(peft.PeftModel.from_pretrained(fresh(model_folder), folder).eval())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", METHODS)
def test_an_adapter_of_any_method_acts_as_in_peft(base: BaseModel, model_folder: Path, tmp_path: Path, method: str):
    made_by_peft(model_folder, tmp_path, METHODS[method])
    bare = logits(base.model)
    modules = list(base.model.modules())
    with adapters.attached(base, tmp_path) as model:
        found = logits(model)
    torch.testing.assert_close(found, by_peft(model_folder, tmp_path), rtol=0, atol=ROUNDING)
    assert (found - bare).abs().max() > 0.05
    assert torch.equal(logits(base.model), bare)
    assert [*map(id, base.model.modules())] == [*map(id, modules)]
    assert all(not weight.requires_grad for weight in base.model.parameters())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("architecture", "config"),
    [
        ("gpt2", lora(target_modules=["c_attn", "c_fc"], fan_in_fan_out=True)),
        ("gpt2", lora(target_modules=["c_attn"], fan_in_fan_out=True, bias="all")),
        ("qwen2", lora(target_modules=["q_proj"], bias="lora_only")),
    ],
)
def test_biases_and_transposed_layers_are_those_of_peft(
    model_folder: Path, tmp_path: Path, architecture: str, config: peft.LoraConfig
):
    write_architecture(tmp_path / "base", architecture, AutoTokenizer.from_pretrained(model_folder))
    adapter = made_by_peft(tmp_path / "base", tmp_path / "adapter", config)
    base = base_model.load(Model(name="tiny", path=str(tmp_path / "base")))
    before = {name: weight.clone() for name, weight in base.model.state_dict().items()}
    with adapters.attached(base, adapter) as model:
        found = logits(model)
    torch.testing.assert_close(found, by_peft(tmp_path / "base", adapter), rtol=0, atol=ROUNDING)
    assert all(torch.equal(weight, before[name]) for name, weight in base.model.state_dict().items())


def changed_config(folder: Path, **changes: Any) -> None:
    settings = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(settings | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"peft_type": "PREFIX_TUNING"}, r"peft_type='PREFIX_TUNING': adapters can be of LORA or IA3"),
        ({"peft_type": None}, r"peft_type=None: adapters can be of LORA or IA3"),
        ({"task_type": "SEQ_CLS"}, r"task_type='SEQ_CLS': the adapter is of no causal language model"),
        ({"layer_replication": [[0, 1], [0, 2]]}, r"layer_replication=\[\[0, 1\], \[0, 2\]\]: .* is not loaded"),
        ({"alora_invocation_tokens": [1, 2]}, r"alora_invocation_tokens=\[1, 2\]: such an adapter is not loaded"),
        ({"use_of_tomorrow": True}, r"use_of_tomorrow=True: such an adapter is unknown to this version of peft"),
        ({"init_lora_weights": "pissa_niter_4"}, "init_lora_weights=pissa_niter_4: such an adapter belongs to a chang"),
        ({"init_lora_weights": "loftq"}, "init_lora_weights=loftq: such an adapter belongs to a changed base model"),
        ({"target_modules": ["query"]}, "not an adapter for this base model: Target modules"),
        ({"target_modules": ".*"}, "not an adapter for this base model: Target module LlamaModel is not supported"),
    ],
)
def test_what_would_not_be_loaded_exactly_is_refused(
    base: BaseModel, model_folder: Path, tmp_path: Path, changes: dict[str, Any], message: str
):
    changed_config(made_by_peft(model_folder, tmp_path, lora()), **changes)
    with pytest.raises(UserError, match=message), adapters.attached(base, tmp_path):
        pass


def changed_weights(folder: Path, edit: Any) -> None:
    weights = load_file(folder / WEIGHTS)
    edit(weights)
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})


def test_a_merged_model_under_the_name_of_an_adapter_is_refused(base: BaseModel, model_folder: Path, tmp_path: Path):
    made_by_peft(model_folder, tmp_path, lora())
    merged = peft.PeftModel.from_pretrained(fresh(model_folder), tmp_path).merge_and_unload()
    state = {name: weight.clone() for name, weight in merged.state_dict().items() if "lm_head" not in name}
    save_file(state, tmp_path / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(UserError, match="lacks 28 tensors, e.g. base_model"), adapters.attached(base, tmp_path):
        pass


def test_a_saved_embedding_of_another_base_model_is_refused(base: BaseModel, model_folder: Path, tmp_path: Path):
    made_by_peft(model_folder, tmp_path, METHODS["on the embedding"])
    key = next(key for key in load_file(tmp_path / WEIGHTS) if "embed_tokens" in key and "lora" not in key)
    changed_weights(tmp_path, lambda weights: weights[key].add_(1))
    with (
        pytest.raises(UserError, match="model.embed_tokens.weight is another one than the base model's"),
        adapters.attached(base, tmp_path),
    ):
        pass


@pytest.mark.parametrize("method", ["on the embedding", "embedding saved"])
def test_an_adapter_with_added_tokens_is_refused(base: BaseModel, model_folder: Path, tmp_path: Path, method: str):
    torch.manual_seed(1)
    larger = fresh(model_folder)
    larger.resize_token_embeddings(larger.config.vocab_size + 3)
    peft.get_peft_model(larger, METHODS[method]).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="tokens were added for its training"), adapters.attached(base, tmp_path):
        pass


def test_pickled_weights_are_not_read(base: BaseModel, model_folder: Path, tmp_path: Path):
    made_by_peft(model_folder, tmp_path, lora())
    (tmp_path / WEIGHTS).rename(tmp_path / "adapter_model.bin")
    with (
        pytest.raises(UserError, match=r"no such file.*adapter_model.bin is pickled"),
        adapters.attached(base, tmp_path),
    ):
        pass
