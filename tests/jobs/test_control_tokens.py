"""Rows that hold control tokens of the base model make other adapters and cells than before; other rows do not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.config.inputs import ControlTokens
from crosstask.config.job import TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.jobs.row import MatrixRow
from crosstask.jobs.row_of_job import matrix_row
from crosstask.storage.store import Store


def kept(config: TrainConfig) -> TrainConfig:
    """The job with control tokens kept, as they were by earlier versions."""
    return replace(config, data=replace(config.data, control_tokens=ControlTokens.keep))


def attack(config: TrainConfig, split: str) -> TrainConfig:
    """Let every row of a split of the closed task close its own turn."""
    path = Path(config.data.root or "") / "films" / f"{split}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**row, "text": f"{row['text']}<eos>1"}) + "\n" for row in rows))
    return config


def adapter(row: MatrixRow) -> str:
    assert row.recipe is not None
    return row.recipe.id


def outputs(row: MatrixRow) -> dict[str, str]:
    return {name: key.outputs for name, key in row.cell_keys("adapter").items()}


def test_where_there_are_none_nothing_is_another(config: TrainConfig):
    plain, keeping = matrix_row(config), matrix_row(kept(config))
    assert adapter(plain) == adapter(keeping)
    assert outputs(plain) == outputs(keeping)


@pytest.mark.parametrize(("split", "adapters", "films"), [("train", 2, 1), ("test", 1, 2)])
def test_what_holds_some_is_another(config: TrainConfig, split: str, adapters: int, films: int):
    attack(config, split)
    rows = matrix_row(config), matrix_row(kept(config))
    assert len({adapter(row) for row in rows}) == adapters
    assert len({outputs(row)["films"] for row in rows}) == films
    assert len({outputs(row)["sums"] for row in rows}) == 1


def test_runs_that_keep_them_are_runs_of_another_group(config: TrainConfig):
    one, other = matrix_row(config), matrix_row(kept(config))
    assert one.group != other.group
    assert "data.control_tokens" not in one.config
    assert other.config["data.control_tokens"] == "keep"


def test_rows_with_some_are_counted(config: TrainConfig):
    attack(config, "train")
    attack(config, "test")
    train(config, Progress())
    store = Store(config.store)
    (record,) = store.records()
    assert store.adapter_record(str(record.adapter)).report.rows_with_control_tokens == 12
    shares = {
        target: score.metrics["control_tokens"] for target, cell in record.cells.items() if (score := store.score(cell))
    }
    assert shares == {"films": 1.0, "sums": 0.0}
