"""Contrasts of paired runs: means over examples, with intervals over examples and over what is replicated.

A contrast is a number for each example and replicate, such as what a change does to the answer of one seed. Its mean
has the variance of `crossed_parts`: replicates (seeds, draws, or sources) crossed with examples. Where answers are
right or wrong, the variance over the n examples is that with one more example on which the contrast is as large as one
answer can make it, and one on which it is as far below 0 ::

    middle    =  sum over e of d[e]  /  (n + 2)
    variance  =  ((sum over e of d[e]^2 + 2 step^2) / (n + 2) - middle^2)  /  (n + 2)

(Bonett and Price 2012, as `PairedExamples.differences`; step is 1 for a difference of two runs), so that no interval
has a width of 0 because no answer happened to change.

That an effect is no larger than a margin m is shown by two one-sided tests (Schuirmann 1987, "A comparison of the two
one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability",
doi:10.1007/BF01068419), of effect <= -m and of effect >= m; p is the larger of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.crossed_parts import Estimates, crossed_parts
from crosstask.analysis.matrix.source_runs import SourceRuns
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


@dataclass(frozen=True)
class Replicates:
    """One contrast on one target, replicate by replicate."""

    keys: tuple[str, ...]
    """What tells it from the others of the target, the source first."""
    units: tuple[int, ...]
    """Names of the replicates: seeds, or draws."""
    values: Array
    """(replicates, n)."""
    step: float = 0.0
    """Most that one right or wrong answer adds; 0 where answers are graded."""


Lots = Mapping[str, Sequence[Replicates]]
"""By target; the keys of a target's contrasts differ."""


@dataclass(frozen=True)
class Contrasts:
    """Estimates with the parts of their variances."""

    table: pd.DataFrame
    """The keys, ``target``, ``unit`` (NaN of a mean over several), ``units``, ``n`` and ``value``; one row each."""
    middle: Array
    """Of the interval of each row."""
    parts: VarianceParts
    """Of each row; arrays (rows,)."""

    def limits(self, alpha: float) -> tuple[Array, Array]:
        """Lower and upper limits of the intervals; NaN where nothing is known of the variance."""
        half = np.where(self.parts.standard_error > 0, self.parts.half_width(alpha), np.nan)
        return self.middle - half, self.middle + half

    def intervals(self, alpha: float) -> dict[str, Array]:
        """Columns ``ci_low``, ``ci_high`` and ``p``; NaN where nothing is known of the variance."""
        low, high = self.limits(alpha)
        p = np.where(np.isnan(low), np.nan, _p_values(self.parts, self.middle))
        return {"ci_low": low, "ci_high": high, "p": p}

    def equivalence(self, margin: float) -> Array:
        """P value of effects beyond the margin on either side: small where there is none."""
        return equivalence(self.middle, self.parts, margin)


def equivalence(middle: Array, parts: VarianceParts, margin: float) -> Array:
    """Larger p value of both one-sided tests; NaN where nothing is known of the variance.

    Examples
    --------
    >>> nothing, one = np.zeros(1), np.full(1, np.inf)
    >>> parts = VarianceParts(nothing, nothing, np.full(1, 0.01**2), nothing, one, nothing)
    >>> float(equivalence(np.zeros(1), parts, 0.02).round(4)[0])  # 2 standard errors from either margin
    0.0228
    """
    nearer = margin - np.abs(middle)  # the margin that is nearer has the larger p value
    both = _p_values(parts, nearer)
    return np.where(parts.standard_error > 0, np.where(nearer > 0, both / 2, 1 - both / 2), np.nan)


def _p_values(parts: VarianceParts, estimates: Array) -> Array:
    """Two-sided p values: of estimates with one part, single seeds for example, in closed form."""
    one = ((parts.between_seeds == 0) | (parts.seeds_df == 0)) & (parts.prompts == 0)
    found = np.empty(len(estimates))
    for rows in (one, ~one):
        if rows.any():
            some = VarianceParts(*(getattr(parts, field.name)[rows] for field in fields(parts)))
            found[rows] = some.p_value(estimates[rows])
    return found


def contrasts(lots: Lots, names: Sequence[str], each: bool = False) -> Contrasts:
    """Estimate contrasts, variances between few replicates moderated by those of all of them.

    Parameters
    ----------
    lots : mapping
        Contrasts of one kind, by target.
    names : sequence of str
        What the keys are called.
    each : bool
        Whether every replicate has a row besides, before that of their mean, with its interval over the examples.
    """
    lots = {target: lot for target, lot in lots.items() if lot}
    found = [_estimates(target, lot) for target, lot in lots.items()]
    joint = crossed_parts(found) if found else []
    rows: list[tuple[object, ...]] = []
    numbers: list[tuple[float, ...]] = []
    for (target, lot), estimates, parts in zip(lots.items(), found, joint, strict=True):
        values_of_means = estimates.mean[:, 0].tolist()
        for place, one in enumerate(lot):
            several = len(one.units) > 1
            for unit, values in zip(one.units, one.values, strict=True) if several and each else ():
                rows.append((*one.keys, target, unit, 1, values.size, float(values.mean())))
                numbers.append((*over_examples(values, one.step), 0.0, 0.0, 0.0, values.size - 1.0))
            mean = one.values.mean(axis=0)
            rows.append(
                (
                    *one.keys,
                    target,
                    None if several else one.units[0],
                    len(one.units),
                    mean.size,
                    values_of_means[place],
                )
            )
            kept = (getattr(parts, name)[place, 0] for name in ("seeds", "interaction", "seeds_df", "examples_df"))
            numbers.append((*over_examples(mean, one.step), *map(float, kept)))
    table = pd.DataFrame(rows, columns=[*names, "target", "unit", "units", "n", "value"])
    types = {"unit": "Int64", "units": "Int64", "n": "Int64", "value": float}
    columns = np.array(numbers, dtype=float).reshape(-1, 6).T
    middle, examples, seeds, interaction, seeds_df, df = columns
    parts_of_all = VarianceParts(seeds, interaction, examples, seeds_df, df, np.zeros(len(df)))
    return Contrasts(table.astype(types), middle, parts_of_all)


def over_examples(values: Array, step: float) -> tuple[float, float]:
    """Middle of the interval of a mean over examples, and its variance; NaN from a single example.

    Examples
    --------
    >>> middle, variance = over_examples(np.array([1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0]), 1.0)
    >>> middle, round(variance, 3)
    (0.1, 0.049)
    """
    n = values.size
    if not step or n < 2:
        return float(values.mean()), float(values.var(ddof=1)) / n if n > 1 else np.nan
    middle = float(values.sum()) / (n + 2)
    return middle, ((float((values**2).sum()) + 2 * step**2) / (n + 2) - middle**2) / (n + 2)


def _estimates(target: str, lot: Sequence[Replicates]) -> Estimates:
    """The contrasts of one target, as statistics of runs."""
    ends = np.cumsum([len(one.units) for one in lot])
    runs = tuple(
        SourceRuns(one.keys[0], one.keys[1:], tuple(range(end - len(one.units), end)), one.units, None)
        for one, end in zip(lot, ends.tolist(), strict=True)
    )
    values = np.concatenate([one.values for one in lot])
    means = values.mean(axis=1, keepdims=True)
    return Estimates(target, ("contrast",), runs, means, (values - means)[:, :, None])
