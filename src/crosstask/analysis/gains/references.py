"""What a score is to be seen against: the base model, the majority class, chance, the target's own adapter."""

from collections.abc import Mapping

import pandas as pd

from crosstask.analysis.gains.columns import REFERENCES
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.proportions import wilson


def chance_scores(answers: Answers | None) -> dict[str, float]:
    """Score of guessing among the labels, for each closed target whose labels are known."""
    return {name: 1 / len(found.gold) for name, found in answers.targets.items() if found.gold} if answers else {}


def references(scores: pd.DataFrame, answers: Answers | None, order: TaskOrder, alpha: float = 0.05) -> pd.DataFrame:
    """References of each target.

    Parameters
    ----------
    scores : DataFrame
        Columns ``MATRIX_LONG``.
    answers : Answers, optional
        Where they are known they give the classes.
    order : TaskOrder
        Order of the targets, and each source's home.
    alpha : float
        1 minus the level of intervals.

    Returns
    -------
    DataFrame
        Columns ``REFERENCES``, target by target; those that are not known are left out.
    """
    rows: list[dict[str, object]] = []
    for target in order.targets(scores["target"].unique()):
        of_target = scores[scores["target"] == target]
        kinds = [("base" if s == BASE else "home" if order.home(s) == target else "") for s in of_target["source"]]
        cells = of_target.assign(reference=kinds, name=of_target["source"])
        rows += cells[cells["reference"] == "base"].to_dict("records")
        if answers and target in answers.targets and answers.targets[target].gold:
            rows += _classes(target, answers.targets[target].gold, alpha)
        rows += cells[cells["reference"] == "home"].to_dict("records")
    return pd.DataFrame(rows, columns=column_names(REFERENCES)).astype({"n": "Int64"})


def _classes(target: str, gold: Mapping[str, int], alpha: float) -> list[dict[str, object]]:
    """What always the commonest class, and what guessing, scores."""
    n, label = sum(gold.values()), max(gold, key=lambda name: gold[name])
    low, high = wilson(gold[label] / n, n, alpha)
    majority = {"reference": "majority", "name": label, "score": gold[label] / n, "ci_low": low, "ci_high": high}
    chance = {"reference": "chance", "name": f"{len(gold)} labels", "score": 1 / len(gold)}
    return [{"target": target, "n": n, **row} for row in (majority, chance)]
