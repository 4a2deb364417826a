"""Tables that the reports are made of."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names

TARGETS = ("gsm8k", "goat", "mnli_words", "imdb")
SOURCES = ("base", "metamath", "goat", "mnli_words", "imdb")


@pytest.fixture(scope="session")
def order() -> TaskOrder:
    """Four targets in order, with metamath at home on gsm8k."""
    return TaskOrder(TARGETS, {"metamath": "gsm8k"})


@pytest.fixture(scope="session")
def cells() -> pd.DataFrame:
    """Four sources with two seeds each and the base model on four targets."""
    rng = np.random.default_rng(5)
    rows = []
    for source in SOURCES:
        for seed in (None,) if source == "base" else (0, 1):
            for target in TARGETS:
                score = round(float(rng.uniform(0.1, 0.9)), 3)
                rows.append(
                    {
                        "run": f"{source}-{seed}",
                        "source": source,
                        "seed": seed,
                        "model": "small",
                        "base": "b1",
                        "data": "tasks",
                        "data_id": "d1",
                        "settings": None if source == "base" else "s1",
                        "group": "first",
                        "updated": "2025-01-01T00:00:00+00:00",
                        "prompt": 0,
                        "target": target,
                        "target_id": "t1",
                        "metric": "accuracy",
                        "score": score,
                        "stderr": 0.01,
                        "n": 200,
                        "metrics": {"accuracy": score, "kappa": score / 2},
                        "labels": (),
                    }
                )
    return pd.DataFrame(rows, columns=column_names(CELLS)).astype(
        {"seed": "Int64", "prompt": "Int64", "shots": "Int64"}
    )


@pytest.fixture
def scores(cells) -> pd.DataFrame:
    """The same as a score table."""
    return cells[["source", "target", "seed", "metric", "score", "stderr", "n"]]
