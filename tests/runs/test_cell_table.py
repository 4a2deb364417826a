"""Settings of runs as columns, and the rest of their training settings as a hash."""

from dataclasses import fields, replace
from enum import Enum
from typing import Any

import pytest

from crosstask.config.adapter import AdapterMethod, Lora
from crosstask.config.flat import columns
from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.job import Tracking, TrainConfig
from crosstask.config.training import Optimizer, Trainer
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.runs.cell_table import cell_table
from crosstask.storage.scored_run import ScoredRun
from crosstask.training.recipe import settings
from tests.support.records import cell_score, run_record

LORA = Lora(target_modules=["q", "k"])
CONFIG = TrainConfig(lora=LORA, model=Model(name="m", path="m"), data=Data(name="d", kind=DataKind.miniature))


def row(config: TrainConfig = CONFIG, source: str = "goat") -> ScoredRun:
    """A run with one cell."""
    return ScoredRun(run_record(source=source, config=columns(config)), {"goat": cell_score()})


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("lora.rank", {"lora": replace(LORA, rank=16)}, "16"),
        ("lora.rank", {"lora": replace(LORA, rank=None)}, "none"),
        ("lora.method", {"lora": replace(LORA, method=AdapterMethod.ia3)}, "ia3"),
        ("lora.target_modules", {"lora": Lora(target_modules=["q", "v"])}, "q+v"),
        ("lora.dora", {"lora": replace(LORA, dora=True)}, "true"),
        ("optimizer.learning_rate", {"optimizer": Optimizer(learning_rate=1e-4)}, "0.0001"),
        ("data.train_rows", {"data": replace(CONFIG.data, train_rows=50)}, "50"),
    ],
)
def test_any_setting_is_a_column_and_the_rest_has_one_hash(name: str, change: dict[str, Any], expected: str):
    changed = replace(CONFIG, **change)
    table = cell_table([row(), row(changed)], ("source", name))
    assert table[name].nunique() == 2
    assert table[name].iloc[1] == expected
    assert table["settings"].nunique() == 1


@pytest.mark.parametrize(
    ("change", "others"),
    [
        ({"optimizer": Optimizer(clip=9)}, 2),
        ({"trainer": Trainer(max_epochs=9)}, 2),
        ({"data": replace(CONFIG.data, train_rows=9)}, 2),
        ({"trainer": Trainer(batch_tokens=9, patience=9)}, 1),
        ({"lora": Lora(rank=16, target_modules=["k", "q"])}, 1),
        ({"data": replace(CONFIG.data, test_rows=9), "store": "s", "tracking": Tracking(project="p")}, 1),
    ],
)
def test_what_is_not_asked_for_is_told_apart_by_its_hash(change: dict[str, Any], others: int):
    table = cell_table([row(), row(replace(CONFIG, **change))], ("source", "lora.rank"))
    assert table["settings"].nunique() == others


PARTS = {"lora": Lora(), "optimizer": Optimizer(), "trainer": Trainer(), "data": CONFIG.data}
EVERY = [(part, field.name) for part, of_part in PARTS.items() for field in fields(of_part)]


def another(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, Enum):
        return next(other for other in type(value) if other != value)
    if isinstance(value, bool):
        return not value
    return value + (["x"] if isinstance(value, list) else "x" if isinstance(value, str) else 1) if value else 1


@pytest.mark.parametrize(("part", "key"), EVERY)
@pytest.mark.parametrize("held_out", [0.0, 0.5])
def test_the_hash_tells_apart_what_the_identity_does(part: str, key: str, held_out: float):
    before = replace(CONFIG, trainer=Trainer(held_out=held_out))
    of_part = getattr(before, part)
    after = replace(before, **{part: replace(of_part, **{key: another(getattr(of_part, key))})})
    ways = [fingerprint(settings(config)) for config in (before, after)]
    table = cell_table([row(before), row(after)], ("source", "scoring.max_new_tokens"))
    assert table["settings"].nunique() == len(set(ways))


def test_the_base_model_has_no_settings():
    table = cell_table([row(source="base"), row()], ("source", "lora.rank"))
    assert table[["lora.rank", "settings"]].isna().all(axis=1).tolist() == [True, False]


def test_without_settings_the_records_hash_stands():
    assert cell_table([row()], ("source", "seed", "model"))["settings"].tolist() == ["s"]


def test_a_key_that_no_run_has_is_named_with_those_that_there_are():
    message = (
        r"^analysis\.rows: 'lora\.r' is nothing that runs are told apart by; there are source, seed, model, base, "
    )
    with pytest.raises(
        UserError, match=message + r"data, data_id, settings, data\.test_rows, data\.train_rows, .*lora\.r"
    ):
        cell_table([row()], ("source", "lora.r"))
    with pytest.raises(UserError, match="'score' is nothing"):
        cell_table([row()], ("source", "score"))
    assert cell_table([], ("source", "lora.r")).empty
