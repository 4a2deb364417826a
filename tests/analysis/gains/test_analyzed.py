"""What a folder of results says that it is of."""

import pandas as pd

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.analyzed import analyzed
from crosstask.analysis.transfer import Transfer

SCORES = pd.DataFrame(
    [("base", "x", 0.5), ("a", "x", 0.6), ("b", "x", None)], columns=["source", "target", "score"]
).assign(seed=pd.array([pd.NA, 0, 0], "Int64"), metric="accuracy", n=100, stderr=0.05)
METRICS = pd.DataFrame({"source": ["a"], "target": ["x"], "seed": [0], "metric": ["f1"], "value": [0.1]})


def of(transfer: Transfer) -> list[tuple[str, str]]:
    found = analyzed(transfer)
    return list(zip(found["what"], found["value"], strict=True))


def test_runs_are_told_by_their_models_and_data():
    runs = "3 runs of model small, data hub"
    told = of(Transfer(SCORES, Conventions(alpha=0.01234567), metrics=METRICS, runs=runs, notes=("something else",)))
    assert told == [
        ("runs", "3 runs of model small, data hub"),
        ("matrix", "2 sources x 1 target, 1 seed per source, n = 100 rows per target"),
        ("level", "0.01234567"),
    ]


def test_scores_of_a_table_are_counted():
    assert of(Transfer(SCORES, Conventions()))[0] == ("scores", "2 scores from a table")
