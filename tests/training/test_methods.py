"""Every adapter method through a whole training, and through one that was interrupted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
import pytest
import torch

from crosstask.config.adapter import Initialization, Lora
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from crosstask.storage import adapter_files
from crosstask.storage.store import Store
from crosstask.training.outcome import TrainingReport
from tests.support.adapter_settings import IA3
from tests.support.training import train_small

EXAMPLES = [Example(f"train-{i}", f"the film {i}\nAnswer:\n", "good" if i % 2 else "bad bad") for i in range(12)]
TOKENS = torch.tensor([[1, 5, 6, 7]])
LORA = Lora(rank=4, dropout=0.2)
METHODS = {
    "rslora": replace(LORA, rslora=True),
    "dora": replace(LORA, dora=True),
    "pissa": replace(LORA, init=Initialization.pissa),
    "ia3": IA3,
}


class Killed(BaseException):
    pass


def train(base: BaseModel, store: Store, recipe: str, lora: Lora, stop: int | None = None) -> TrainingReport:
    def follow(step: int, steps: int, note: str) -> None:
        if step == stop:
            raise Killed

    return train_small(
        base,
        EXAMPLES,
        store,
        recipe,
        lora=lora,
        optimizer=Optimizer(learning_rate=1e-2, warmup_steps=1),
        trainer=Trainer(max_epochs=2, batch_size=4, accelerator="cpu", checkpoint_steps=2),
        progress=follow,
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_adapter_in_the_store_is_what_training_ended_with(
    base: BaseModel, model_folder: Path, store: Store, method: str, monkeypatch: pytest.MonkeyPatch
):
    from transformers import AutoModelForCausalLM

    ended, save = [], adapters.save

    def look(model: Any, folder: Path) -> None:
        with torch.inference_mode():
            ended.append(model(input_ids=TOKENS).logits)
        save(model, folder)

    monkeypatch.setattr(adapters, "save", look)
    report = train(base, store, "r", METHODS[method])
    assert report.last_loss < report.first_loss
    other = AutoModelForCausalLM.from_pretrained(model_folder)
    other = peft.PeftModel.from_pretrained(other, store.adapter("r")).eval()
    with torch.inference_mode():
        torch.testing.assert_close(other(input_ids=TOKENS).logits, ended[0], rtol=0, atol=1e-5)
        assert not torch.allclose(base.model(input_ids=TOKENS).logits, ended[0], atol=1e-2)


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupted_training_of_any_method_continues_to_the_same_bytes(base: BaseModel, store: Store, method: str):
    train(base, store, "whole", METHODS[method])
    with pytest.raises(Killed):
        train(base, store, "cut", METHODS[method], stop=3)
    assert store.checkpoint("cut").exists()
    train(base, store, "cut", METHODS[method])
    assert adapter_files.content(store.adapter("cut")) == adapter_files.content(store.adapter("whole"))
