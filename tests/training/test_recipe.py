"""Everything that makes an adapter changes its name in the store; nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from crosstask.config.adapter import Lora
from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.job import Tracking, TrainConfig
from crosstask.config.scoring import Scoring
from crosstask.config.training import Loss, Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.fingerprint import fingerprint
from crosstask.training import recipe as recipes

ROWS = [Example("train-0", "p", "a"), Example("train-1", "q", "b")]
LORA = Lora(target_modules=["q_proj", "v_proj"])
CONFIG = TrainConfig(lora=LORA, model=Model(name="m", path="m"), data=Data(name="d", kind=DataKind.miniature))


def recipe(config: TrainConfig = CONFIG, base: str = "base", rows: list[Example] = ROWS, name: str = "goat") -> str:
    return fingerprint(recipes.recipe(config, base, {name: rows}))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"lora": replace(LORA, rank=9)},
        {"lora": replace(LORA, alpha=9)},
        {"lora": replace(LORA, dropout=0.1)},
        {"lora": Lora(target_modules=["q_proj"])},
        {"optimizer": Optimizer(learning_rate=1)},
        {"optimizer": Optimizer(warmup_steps=1)},
        {"optimizer": Optimizer(weight_decay=1)},
        {"optimizer": Optimizer(clip=9)},
        {"trainer": Trainer(max_epochs=9)},
        {"trainer": Trainer(max_steps=9)},
        {"trainer": Trainer(batch_size=9)},
        {"trainer": Trainer(accumulate=9)},
        {"trainer": Trainer(max_length=9)},
        {"trainer": Trainer(loss=Loss.sequence)},
        {"trainer": Trainer(bucket=True)},
        {"trainer": Trainer(held_out=0.1)},
    ],
)
def test_every_setting_that_is_learned_from_makes_another_adapter(change: dict[str, Any]):
    assert recipe(replace(CONFIG, **change)) != recipe()


@pytest.mark.parametrize("change", [{"evaluate_steps": 9}, {"patience": 9}])
def test_early_stopping_makes_another_adapter_where_rows_are_held_out(change: dict[str, Any]):
    trainer = Trainer(held_out=0.1)
    changed = replace(CONFIG, trainer=replace(trainer, **change))
    assert recipe(changed) != recipe(replace(CONFIG, trainer=trainer))


def test_base_and_data_make_another_adapter():
    assert recipe(base="other") != recipe()
    assert recipe(rows=ROWS[:1]) != recipe()
    assert recipe(rows=ROWS[::-1]) != recipe()


@pytest.mark.parametrize(
    "change",
    [
        {"store": "elsewhere"},
        {"tracking": Tracking(project="other")},
        {"scoring": Scoring(batch_tokens=1)},
        {"model": Model(name="renamed", path="moved")},
        {"data": Data(name="renamed", kind=DataKind.local, root="moved", test_rows=9)},
        {"trainer": Trainer(checkpoint_steps=9, accelerator="cpu")},
        {"trainer": Trainer(batch_tokens=9, packing=True, gradient_checkpointing=True)},
        {"trainer": Trainer(evaluate_steps=9, patience=9)},
        {"lora": Lora(target_modules=["v_proj", "q_proj"])},
    ],
)
def test_names_paths_and_bookkeeping_do_not(change: dict[str, Any]):
    assert recipe(replace(CONFIG, **change)) == recipe()
