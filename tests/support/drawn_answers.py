"""Answers drawn from models whose truth is known."""

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import transfer_matrix


def answers(scores: dict[str, np.ndarray], sources: list[str], seeds: int = 1, gold: dict | None = None) -> Answers:
    """Answers from arrays (1 + sources * seeds, n) by target, the base model first."""
    rows = (("base", None), *((source, seed) for source in sources for seed in range(seeds)))
    targets = {}
    for name, values in scores.items():
        ids = np.array([f"{name}-{place}" for place in range(values.shape[1])], dtype=object)
        targets[name] = TargetAnswers(rows[: len(values)], ids, values.astype(np.float32), (gold or {}).get(name, {}))
    return Answers(targets)


def score_table(found: Answers) -> pd.DataFrame:
    """The score table that belongs to answers."""
    rows = [
        (
            source,
            target,
            seed,
            "accuracy",
            of_row.mean(dtype=float),
            of_row.std(ddof=1, dtype=float) / len(of_row) ** 0.5,
            len(of_row),
        )
        for target, of_target in found.targets.items()
        for (source, seed), of_row in zip(of_target.rows, of_target.scores, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "stderr", "n"])
    return frame.astype({"seed": "Int64", "n": "Int64"})


def matrix(found: Answers, order: TaskOrder | None = None) -> pd.DataFrame:
    """Their transfer matrix."""
    return transfer_matrix(score_table(found), order)
