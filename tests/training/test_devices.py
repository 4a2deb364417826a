"""Two processes train what one trains: the same steps, the same losses, the same adapter."""

import os
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from signal import SIGKILL, SIGSEGV, Signals
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pytorch_lightning.loggers.logger import Logger
from safetensors.torch import load_file

from crosstask.config.adapter import Lora
from crosstask.config.training import Loss, Optimizer, Strategy, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store
from crosstask.training import devices, strategies
from crosstask.training.outcome import TrainingReport
from tests.support.training import train_small

EXAMPLES = [
    Example(f"train-{i}", f"the film {'was ' * (i % 5)}{i}\nAnswer:\n", "good" if i % 2 else "bad bad")
    for i in range(25)
]
ONE = Trainer(max_epochs=1, batch_size=4, accumulate=2, accelerator="cpu", checkpoint_steps=2)
TWO = replace(ONE, strategy=Strategy.ddp, devices=2)
OPTIMIZER = Optimizer(learning_rate=1e-2, warmup_steps=2, weight_decay=0.1)


class Recorder(Logger):
    """Keeps every curve."""

    name = "recorder"
    version = ""

    def __init__(self) -> None:
        super().__init__()
        self.curves: dict[str, list[float]] = {}

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        for key, value in metrics.items():
            self.curves.setdefault(key, []).append(value)

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        pass


def train(
    base: BaseModel, store: Store, recipe: str, trainer: Trainer, **more: Any
) -> tuple[TrainingReport, dict[str, list[float]], dict[str, torch.Tensor]]:
    recorder = Recorder()
    settings = {"lora": Lora(rank=4), "optimizer": OPTIMIZER} | more
    report = train_small(base, EXAMPLES, store, recipe, trainer=trainer, logger=recorder, **settings)
    return report, recorder.curves, load_file(store.adapter(recipe) / adapters.WEIGHTS)


def agree(one: Any, two: Any) -> None:
    """Hold two trainings to be the same but for the order of sums."""
    assert one[0].steps == two[0].steps > 3
    assert one[1].keys() == two[1].keys()
    for key, curve in one[1].items():
        assert two[1][key] == pytest.approx(curve, rel=1e-4), key
    assert one[2].keys() == two[2].keys()
    for key, weight in one[2].items():
        torch.testing.assert_close(two[2][key], weight, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_two_processes_train_the_same_adapter_as_one(base: BaseModel, store: Store):
    """The last of 4 steps has one sequence, so that the second process has nothing to do in it but to take part."""
    seen = []
    one = train(base, store, "one", ONE)
    two = train(base, store, "two", TWO, progress=lambda *told: seen.append(told))
    agree(one, two)
    assert [step for step, _, _ in seen] == [1, 2, 3, 4]
    assert two[0].first_loss == pytest.approx(one[0].first_loss, rel=1e-5)
    assert not store.checkpoint("two").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        {"loss": Loss.sequence, "batch_tokens": 60},
        {"packing": True, "max_length": 60},
        {"held_out": 0.3, "evaluate_steps": 1, "patience": 1, "max_epochs": 20},
        {"gradient_checkpointing": True},
    ],
    ids=lambda more: next(iter(more)),
)
@pytest.mark.parametrize("strategy", [Strategy.ddp, Strategy.fsdp])
def test_so_they_do_with_every_way_of_batching(base: BaseModel, store: Store, strategy: Strategy, more: dict[str, Any]):
    one = train(base, store, "one", replace(ONE, **more))
    agree(one, train(base, store, "two", replace(TWO, strategy=strategy, **more)))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", [Strategy.ddp, Strategy.fsdp])
@pytest.mark.parametrize("continued", ["one", "two"])
def test_an_interrupted_training_continues_on_any_number_of_devices(
    base: BaseModel, store: Store, strategy: Strategy, continued: str
):
    class Killed(BaseException):
        pass

    def kill(step: int, steps: int, note: str) -> None:
        if step == 3:
            raise Killed

    two = replace(TWO, strategy=strategy)
    whole = train(base, store, "whole", ONE)
    with pytest.raises(Killed):
        train(base, store, "cut", two, progress=kill)
    assert store.checkpoint("cut").exists()
    assert not store.adapter("cut").exists()
    seen: list[int] = []
    after = train(
        base,
        store,
        "cut",
        two if continued == "two" else ONE,
        progress=lambda step, steps, note: seen.append(step),
    )
    assert seen == [3, 4]
    assert (after[0].first_loss, after[0].last_loss) == pytest.approx(
        (whole[0].first_loss, whole[0].last_loss), rel=1e-4
    )
    for key, weight in whole[2].items():
        torch.testing.assert_close(after[2][key], weight, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "why"), [(SIGSEGV, ""), (SIGKILL, ", as the system does where memory is short")])
def test_a_process_that_crashes_is_an_error_after_which_the_training_continues(
    base: BaseModel, store: Store, signal: Signals, why: str
):
    others = set(active_children())  # those of other tests' fixtures, whose numbers may be higher or lower

    def crash(step: int, steps: int, note: str) -> None:
        if step == 3:
            training = set(active_children()) - others
            os.kill(next(iter(training)).pid or 0, signal)

    with pytest.raises(UserError, match=rf"^process \d of 2 that train ended by {signal.name}{why}; the same command"):
        train(base, store, "crashed", replace(TWO, max_epochs=8), progress=crash)
    assert not store.adapter("crashed").exists()
    seen: list[int] = []
    train(base, store, "crashed", replace(TWO, max_epochs=8), progress=lambda step, *_: seen.append(step))
    assert seen[0] > 2


@pytest.mark.slow
def test_an_error_of_a_process_is_an_error_here(base: BaseModel, store: Store):
    with pytest.raises(UserError, match=r"^the loss became nan at step \d .*optimizer.learning_rate=1e\+30"):
        train(base, store, "r", TWO, optimizer=replace(OPTIMIZER, learning_rate=1e30, clip=0.0))
    assert not store.adapter("r").exists()


def test_more_devices_than_there_are_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    with pytest.raises(UserError, match="trainer.devices=4: this machine has 2 GPUs"):
        strategies.strategy(Trainer(strategy=Strategy.fsdp, devices=4))


def test_a_model_that_does_not_fit_into_shared_memory_is_an_error(base: BaseModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "SHARED_MEMORY", Path("/"))
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=2**10))
    with pytest.raises(UserError, match=r"takes 0\.0 GiB, / has 0\.0 GiB free"):
        devices.check_shared_memory(base.model)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=2**30))
    devices.check_shared_memory(base.model)
