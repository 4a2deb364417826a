"""Reference scores of each target, and alarms: rows and columns of the matrix that are worth less than they look.

Reference scores (baselines) are the base model, the majority class, chance, and the target's own adapter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crosstask.analysis.gains.columns import REFERENCES
from crosstask.analysis.gains.unchanged import unchanged
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.score_unit import FRACTION, ScoreUnit
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import ALARMS, BASE, column_names
from crosstask.analysis.statistics.proportions import wilson


@dataclass(frozen=True)
class FurtherReferences:
    """References that scores and answers do not tell."""

    others: Sequence[tuple[str, pd.DataFrame]] = ()
    """Names and scores (columns ``MATRIX_LONG``) of the base model under other conditions."""
    chance: Mapping[str, float] = field(default_factory=dict)
    """Score of guessing on targets of multiple choice."""
    over: Mapping[str, str] = field(default_factory=dict)
    """Target -> what the base model of the scores is called, where that is not ``base``."""


def references(
    scores: pd.DataFrame,
    answers: Answers | None,
    order: TaskOrder,
    alpha: float = 0.05,
    further: FurtherReferences | None = None,
) -> pd.DataFrame:
    """Reference scores of each target.

    Parameters
    ----------
    scores : DataFrame
        Columns ``MATRIX_LONG``.
    answers : Answers, optional
        Where they are known they give the classes.
    order : TaskOrder
        Order of the targets, and each source's own task.
    alpha : float
        1 minus the level of intervals.
    further : FurtherReferences, optional
        What scores and answers do not tell.

    Returns
    -------
    DataFrame
        Columns ``REFERENCES``, target by target; those that are not known are left out.
    """
    rows: list[dict[str, object]] = []
    further = further or FurtherReferences()
    for target in order.targets(scores["target"].unique()):
        of_target = scores[scores["target"] == target]
        kinds = [("base" if s == BASE else "home" if order.home(s) == target else "") for s in of_target["source"]]
        cells = of_target.assign(reference=kinds, name=of_target["source"])
        of_base = cells[cells["reference"] == "base"]
        rows += of_base.assign(reference=further.over.get(target, "base")).to_dict("records")
        for name, found in further.others:
            also = found[found["target"] == target]
            rows += also.assign(reference=name, name=also["source"]).to_dict("records")
        if target in further.chance:
            rows.append({"target": target, "reference": "chance", "name": "options", "score": further.chance[target]})
        if answers and target in answers.targets and answers.targets[target].gold:
            rows += _classes(target, answers.targets[target].gold, alpha)
        rows += cells[cells["reference"] == "home"].to_dict("records")
    return pd.DataFrame(rows, columns=column_names(REFERENCES)).astype({"n": "Int64"})


def _classes(target: str, gold: Mapping[str, int], alpha: float) -> list[dict[str, object]]:
    """Score of always answering the commonest class, and of guessing."""
    n, label = sum(gold.values()), max(gold, key=lambda name: gold[name])
    low, high = wilson(gold[label] / n, n, alpha)
    majority = {"reference": "majority", "name": label, "score": gold[label] / n, "ci_low": low, "ci_high": high}
    chance = {"reference": "chance", "name": f"{len(gold)} labels", "score": 1 / len(gold)}
    return [{"target": target, "n": n, **row} for row in (majority, chance)]


def unknown_homes(homes: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """One row of alarms if names say that sources are on their own task in cells that all count as transfer.

    Parameters
    ----------
    homes : mapping of str to str
        Own tasks that the names of sources suggest, as from `homes_by_name`.
    """
    if not homes:
        return []
    source, target = next(iter(homes.items()))
    pairs = ", ".join(f"{name}: {home}" for name, home in homes.items())
    line = f"cells such as {source} -> {target} count as transfer; if they are not, analysis.homes={{{pairs}}}"
    return [("unknown_home", source, line)]


def alarms(
    gains: pd.DataFrame,
    baselines: pd.DataFrame,
    other: str = BASE,
    refused: pd.DataFrame | None = None,
    unit: ScoreUnit = FRACTION,
    known: Iterable[tuple[str, str, str]] = (),
) -> pd.DataFrame:
    """Sources without effect, targets that no source changes, and targets where the majority class scores better.

    Parameters
    ----------
    gains : DataFrame
        Columns ``GAINS_LONG``; cells that were not tested do not count.
    baselines : DataFrame
        Columns ``REFERENCES``.
    other : str
        What the gains are over, as messages call it.
    refused : DataFrame, optional
        Columns ``REFUSED``.
    unit : ScoreUnit
        In which the messages give scores and gains, as all else that is printed.
    known : iterable of (str, str, str)
        Rows that come before these, as from `unknown_homes` and `doubtful_errors`.

    Returns
    -------
    DataFrame
        Columns ``ALARMS``; empty when all is well.
    """
    still = [alarm for kind in ("no_effect", "nothing_moves") for alarm in unchanged(gains, kind, other, unit)]
    rows = [*known, *still, *_below_majority(baselines, unit)]
    if refused is not None:
        rows += [
            ("refused", row["source"], f"{row['source']} -> {row['target']} is not tested: {row['reason']}")
            for row in refused.to_dict("records")
        ]
    return pd.DataFrame(rows, columns=column_names(ALARMS))


def _below_majority(baselines: pd.DataFrame, unit: ScoreUnit) -> list[tuple[str, str, str]]:
    """Targets on which base, or the target's own adapter, is not above the majority class."""
    found = []
    for target, rows in baselines.groupby("target", sort=False):
        majority = rows.loc[rows["reference"] == "majority", "score"]
        if majority.empty:
            continue
        # Equal counts as well: a model that always answers the commonest class has exactly its share.
        # The first row is the base model that gains are over.
        counted = (rows["reference"] == "home") | (np.arange(len(rows)) == 0) & (rows["name"] == BASE)
        models = rows[counted & (rows["score"] <= majority.iloc[0])]
        if not models.empty:
            names = models["name"].where(models["reference"] == "home", models["reference"])
            own = " and ".join(
                f"{name} ({_shown(score, unit)})" for name, score in zip(names, models["score"], strict=True)
            )
            best = _shown(majority.iloc[0], unit)
            line = f"on {target} always the commonest class scores {best}, no less than {own}"
            found.append(("below_majority", str(target), line))
    return found


def _shown(score: float, unit: ScoreUnit) -> str:
    """52.5 %, or the number alone where scores have no unit."""
    return f"{unit.factor * score:z.1f}{' %' if unit.score_label == '%' else ''}"
