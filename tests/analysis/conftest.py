"""A cell table of the run store, built row by row."""

from collections.abc import Callable

import pandas as pd
import pytest

DEFAULTS = {
    "seed": 0,
    "train_seed": None,
    "model": "small",
    "base": "b1",
    "data": "tasks",
    "data_id": "d1",
    "settings": "s1",
    "group": "first",
    "updated": "2025-01-01T00:00:00+00:00",
    "prompt": 0,
    "shots": None,
    "target": "goat",
    "target_id": "t1",
    "metric": "accuracy",
    "score": 0.5,
    "stderr": 0.01,
    "n": 100,
}


@pytest.fixture
def cell_table() -> Callable[..., pd.DataFrame]:
    """A function that makes the table from one dict per cell, which need only say what is not as usual."""

    def make(*cells: dict[str, object]) -> pd.DataFrame:
        rows = []
        for cell in cells:
            row = DEFAULTS | cell
            if row["source"] == "base":
                row |= {"seed": None, "train_seed": None, "settings": None}
            row.setdefault("run", f"{row['source']}-{row['seed']}-{row['base']}-{row['updated']}")
            row.setdefault("labels", ())
            row.setdefault("metrics", {row["metric"]: row["score"]})
            rows.append(row)
        return pd.DataFrame(rows).astype(dict.fromkeys(("seed", "train_seed", "prompt", "shots"), "Int64"))

    return make
