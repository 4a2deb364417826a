"""Packing, token budgets and gradient checkpointing: less memory or padding, and the same result."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from crosstask.config.adapter import Lora
from crosstask.config.training import Loss, Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded
from crosstask.storage.store import Store
from crosstask.training.batches import pack
from crosstask.training.memory import check_packing, gradient_checkpointing
from crosstask.training.outcome import TrainingReport
from tests.support.training import train_small

EXAMPLES = [Example(f"train-{i}", "the film " * (1 + i * 7 % 5) + "\n", "good bad " * (1 + i % 3)) for i in range(30)]
TRAINER = Trainer(batch_size=5, accumulate=2, max_epochs=2, accelerator="cpu")


def train(base: BaseModel, store: Store, recipe: str, trainer: Trainer, **changes: Any) -> TrainingReport:
    settings = {"lora": Lora(rank=4, alpha=8), "optimizer": Optimizer(warmup_steps=2)} | changes
    return train_small(base, EXAMPLES, store, recipe, trainer=trainer, **settings)


def weights(store: Store, recipe: str) -> dict[str, torch.Tensor]:
    return load_file(store.adapter(recipe) / adapters.WEIGHTS)


def assert_same_training(base: BaseModel, store: Store, trainer: Trainer, other: Trainer) -> None:
    one, two = train(base, store, "one", trainer), train(base, store, "two", other)
    assert one.steps == two.steps == 6
    assert two.first_loss == pytest.approx(one.first_loss, rel=1e-5)
    assert two.last_loss == pytest.approx(one.last_loss, rel=1e-5)
    expected, found = weights(store, "one"), weights(store, "two")
    assert expected.keys() == found.keys()
    for key, value in expected.items():
        torch.testing.assert_close(found[key], value, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize(
    "more", [{"batch_tokens": 70}, {"batch_tokens": 1000}, {"packing": True}, {"packing": True, "batch_tokens": 70}]
)
def test_the_memory_layout_does_not_change_what_is_learned(
    base: BaseModel, store: Store, loss: Loss, more: dict[str, Any]
):
    trainer = replace(TRAINER, loss=loss)
    assert_same_training(base, store, trainer, replace(trainer, **more))


def test_the_share_of_padding_is_written_down(base: BaseModel, store: Store):
    budgets: list[dict[str, Any]] = [{}, {"batch_tokens": 70}, {"packing": True}]
    shares = [train(base, store, str(n), replace(TRAINER, **more)).padding for n, more in enumerate(budgets)]
    assert shares[0] > shares[1] > shares[2] == 0
    assert json.loads((store.adapter("1") / "adapter.json").read_text())["report"]["padding"] == shares[1]


def test_a_budget_below_the_longest_sequence_is_refused(base: BaseModel, store: Store):
    ids = base.tokenizer([e.prompt + e.answer for e in EXAMPLES], add_special_tokens=False)["input_ids"]
    longest = 2 + max(map(len, ids))  # begin and end token
    message = f"trainer.batch_tokens=9: the longest training sequence has {longest} tokens; raise it, or lower"
    with pytest.raises(UserError, match=re.escape(message)):
        train(base, store, "r", replace(TRAINER, batch_tokens=9))


@pytest.fixture(params=["eager", "sdpa", "unmasked"])
def backend(base: BaseModel, request: pytest.FixtureRequest) -> Iterator[str]:
    """The model with one attention backend after another; the last one knows nothing of packing."""
    AttentionInterface.register("unmasked", sdpa_attention_forward)
    before = base.model.config._attn_implementation
    base.model.set_attn_implementation(request.param)
    yield request.param
    base.model.set_attn_implementation(before)


SEQUENCES = [Encoded((1, *range(9, 9 + n)), tuple(range(40, 40 + n % 3))) for n in (5, 1, 17, 8)]


@torch.no_grad()
def test_packed_and_unpacked_logits_agree(base: BaseModel, backend: str):
    if backend == "unmasked":
        with pytest.raises(
            UserError, match=r"^trainer\.packing=true: with the attention 'unmasked' of this model packed"
        ):
            check_packing(base.model)
        return
    check_packing(base.model)
    batch = pack(SEQUENCES, 1, Loss.completion)
    inputs = {key: batch[key] for key in ("input_ids", "position_ids")}
    found = base.model(**inputs, use_cache=False).logits[0]
    alone = [base.model(input_ids=torch.tensor([[*s.prompt, *s.answer]])).logits[0] for s in SEQUENCES]
    assert torch.cat(alone).shape == found.shape
    torch.testing.assert_close(found, torch.cat(alone), rtol=0, atol=1e-5)


def test_training_packed_on_an_unsafe_backend_is_refused(base: BaseModel, store: Store):
    AttentionInterface.register("unmasked", sdpa_attention_forward)
    before = base.model.config._attn_implementation
    base.model.set_attn_implementation("unmasked")
    with pytest.raises(UserError, match=r"sequences see each other .*; trainer\.batch_tokens saves padding too"):
        train(base, store, "r", replace(TRAINER, packing=True))
    base.model.set_attn_implementation(before)


def test_gradient_checkpointing_computes_layers_twice_and_the_same(base: BaseModel, store: Store):
    calls = []
    norm = base.model.model.layers[0].input_layernorm
    hook = norm.register_forward_hook(lambda layer, *_: calls.append(1) if layer.training else None)
    dropout = Lora(rank=4, dropout=0.3)  # what is computed again must draw the same
    train(base, store, "plain", TRAINER, lora=dropout)
    plain = len(calls)
    train(base, store, "twice", replace(TRAINER, gradient_checkpointing=True), lora=dropout)
    assert (plain, len(calls) - plain) == (12, 24)
    expected, found = weights(store, "plain"), weights(store, "twice")
    for key, value in expected.items():
        torch.testing.assert_close(found[key], value, rtol=1e-4, atol=1e-6)
    train(base, store, "after", TRAINER, lora=dropout)
    assert len(calls) == 48, "it must be off again"
    hook.remove()


def test_a_model_without_gradient_checkpointing_is_refused(base: BaseModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(base.model), "supports_gradient_checkpointing", False)
    message = r"^trainer\.gradient_checkpointing=true: LlamaForCausalLM does not support"
    with pytest.raises(UserError, match=message), gradient_checkpointing(base.model, True):
        pass
