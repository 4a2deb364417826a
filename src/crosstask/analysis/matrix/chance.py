"""What guessing scores on a target, as far as its labels or its options tell."""

import pandas as pd

from crosstask.analysis.matrix.answers import Answers

CHANCE = "chance"
"""Metric of multiple choice: what guessing gives."""


def chance_scores(answers: Answers | None) -> dict[str, float]:
    """Score of guessing among the labels, for each closed target whose labels are known."""
    return {name: 1 / len(found.gold) for name, found in answers.targets.items() if found.gold} if answers else {}


def majority_scores(answers: Answers | None) -> dict[str, float]:
    """Score of always answering the commonest label, for each closed target whose labels are known."""
    counts = {name: found.gold for name, found in answers.targets.items() if found.gold} if answers else {}
    return {name: max(gold.values()) / sum(gold.values()) for name, gold in counts.items()}


def chance_metrics(metrics: pd.DataFrame | None) -> dict[str, float]:
    """Score of guessing among the options of each row, for each target of multiple choice."""
    found = None if metrics is None else metrics[metrics["metric"] == CHANCE].groupby("target")["value"].first()
    return {} if found is None else {str(target): float(value) for target, value in found.items()}
