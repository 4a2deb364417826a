"""Intervals of shares of test rows, and of means of shares of classes, that hold where shares are near 0 or 1.

Where a class has a dozen rows and nearly all of them are right, the variance that they show says little of what it is,
and value +- t standard errors holds the truth in three quarters of draws. A share has Wilson's interval instead, with n
rows, or with the effective number where outcomes are means over seeds ::

    n_effective  =  p (1 - p) / (variance of the rows' means over n),      n to n times seeds

and a change of a share the adjusted Wald interval of Bonett and Price (2012, doi:10.3102/1076998611411915), as in
`PairedExamples.differences`: with one row more that is won and one more that is lost. Balanced accuracy is a mean of
the shares of K classes, among which the two rows are divided. With l and u the limits of the class with the share p ::

    value - low   =  sqrt(sum over classes of (p - l)^2) / K,        high - value  =  sqrt(sum of (u - p)^2) / K

(Zou and Donner 2008, "Construction of confidence limits about effect measures: A general approach",
doi:10.1002/sim.3095.) Over several seeds the seeds' part of half the interval is added to each in squares.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.source_runs import SourceRuns
from crosstask.analysis.statistics.proportions import wilson
from crosstask.analysis.statistics.variance_parts import Array

Sides = tuple[Array, Array]
"""Distances of the value from the lower and to the upper limit."""
_SCORES = ("accuracy", "balanced_accuracy")


def level_sides(
    runs: Sequence[SourceRuns], outcomes: NDArray[np.floating], strata: NDArray[np.intp], alpha: float
) -> Sides:
    """Those of shares of outcomes, over test rows.

    Parameters
    ----------
    runs : sequence of SourceRuns
        Whose.
    outcomes : ndarray, shape (rows of the target, n, k)
        0 or 1 for each test row and statistic.
    strata : ndarray of int, shape (n,)
        Class of each test row; a statistic is the mean of the shares of classes.
    alpha : float
        1 minus the level.

    Returns
    -------
    low, high : ndarray, shape (lots, k)
        The runs of each source, and after them, of several, their mean.
    """
    lots = _lots(runs)
    means = np.stack([outcomes[list(places)].mean(axis=0) for places, _ in lots])
    seeds = np.array([len(places) for places, _ in lots], float)[:, None]

    def limits(of_class: Array) -> Sides:
        n, share = of_class.shape[1], of_class.mean(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            number = share * (1 - share) / (of_class.var(axis=1) / n)
        return wilson(share, np.clip(np.nan_to_num(number, nan=n, posinf=n), n, n * seeds), alpha)

    return _of_classes(means, strata, limits)


def change_sides(
    runs: Sequence[SourceRuns], outcomes: NDArray[np.floating], strata: NDArray[np.intp], alpha: float
) -> Sides:
    """The same of shares less those of the base model; NaN where there is none."""
    lots = _lots(runs)
    none = np.full(outcomes.shape[1:], np.nan)
    differences = np.stack(
        [outcomes[list(places)].mean(axis=0) - (none if base is None else outcomes[base]) for places, base in lots]
    )
    extra, quantile = 2 / len(np.unique(strata)), -stdtrit(max(len(strata) - 1, 1), alpha / 2)

    def limits(of_class: Array) -> Sides:
        n, total = of_class.shape[1] + extra, of_class.sum(axis=1)
        half = quantile * np.sqrt((of_class**2).sum(axis=1) + extra - total**2 / n) / n
        return np.maximum(total / n - half, -1), np.minimum(total / n + half, 1)

    return _of_classes(differences, strata, limits)


def sides_of_scores(target: ClosedTarget, alpha: float) -> dict[str, Sides]:
    """Those of accuracy and balanced accuracy, and of their changes, one for each row of `crossed_table`."""
    right, one = (target.predicted == target.gold).astype(float)[:, :, None], np.zeros(target.n, np.intp)
    found = {}
    for name, strata in zip(_SCORES, (one, target.gold), strict=True):
        found[name] = level_sides(target.runs, right, strata, alpha)
        found[f"change of {name}"] = change_sides(target.runs, right, strata, alpha)
    return found


def predicted_sides(target: ClosedTarget, alpha: float) -> Sides:
    """Those of the shares of predicted labels."""
    answered = (target.predicted[:, :, None] == np.arange(len(target.predictions))).astype(np.float32)
    return level_sides(target.runs, answered, np.zeros(target.n, np.intp), alpha)


def with_score_sides(scores: pd.DataFrame, sides: Sequence[Mapping[str, Sides]]) -> pd.DataFrame:
    """Put intervals of accuracy and balanced accuracy, and of their changes, into a table of `beside_base`.

    ``sides`` are those of each target, as `sides_of_scores` has them.
    """
    for name in _SCORES:
        rows = scores["name"] == name
        scores = with_sides(scores, rows, [of_target[name] for of_target in sides])
        scores = with_sides(scores, rows, [of_target[f"change of {name}"] for of_target in sides], change=True)
    return scores


def with_sides(table: pd.DataFrame, rows: pd.Series, sides: Sequence[Sides], change: bool = False) -> pd.DataFrame:
    """Put intervals into the rows of one statistic, or of several side by side, of a table of `beside_base`.

    Parameters
    ----------
    table : DataFrame
        The table.
    rows : Series of bool
        Which.
    sides : sequence of Sides
        Of each target, in the order of the rows.
    change : bool
        Whether they are of the changes, -1 to 1, and not of the values, 0 to 1.
    """
    value, low, high, of_seeds = (
        ("change", "change_low", "change_high", "change_seeds_half")
        if change
        else ("value", "ci_low", "ci_high", "seeds_half")
    )
    middle, seeds = table.loc[rows, [value, of_seeds]].to_numpy(float).T
    lower, upper = (
        np.hypot(np.concatenate([of_target[end].ravel() for of_target in sides]), np.nan_to_num(seeds))
        for end in (0, 1)
    )
    table = table.copy()
    table.loc[rows, low] = np.maximum(middle - lower, -1 if change else 0)
    table.loc[rows, high] = np.minimum(middle + upper, 1)
    return table


def _lots(runs: Sequence[SourceRuns]) -> list[tuple[tuple[int, ...], int | None]]:
    """Places of every run, and of all runs of a source that has several, each with that of base."""
    lots: list[tuple[tuple[int, ...], int | None]] = []
    for of_source in runs:
        lots += [((place,), of_source.base) for place in of_source.places]
        lots += [(of_source.places, of_source.base)] if len(of_source.places) > 1 else []
    return lots


def _of_classes(values: Array, strata: NDArray[np.intp], limits: Callable[[Array], Sides]) -> Sides:
    """The sides of means of class means, from what gives the limits of a class, (lots, k), from (lots, rows, k)."""
    classes = np.unique(strata)
    squares = np.zeros((2, len(values), values.shape[2]))
    for number in classes:
        of_class = values[:, strata == number]
        low, high = limits(of_class)
        mean = of_class.mean(axis=1)
        squares += np.stack([mean - low, high - mean]) ** 2
    lower, upper = np.sqrt(squares) / len(classes)
    return lower, upper
