"""Over all cells off the diagonal: do sources with long answers make answers long?

The log length of fine-tuned answers has an effect of the target and goes with the source's ::

    T[i, j]  =  target[j]  +  beta S[i]  +  rest

beta is the slope of the sources' effects in the additive model of T (`additive_model`) on S. The source is the unit of
replication: p comes from relabeling the sources, the interval from Student's t with sources - 2 degrees of freedom.
T - B is never compared with S - B: base stands on both sides, and the slope is one half without any effect at all.

Where lengths lie between base's and the source's, T = (1 - beta) B + beta S, the targets' effects go with base's log
lengths by 1 - beta; the second row tests that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from crosstask.analysis.lengths.columns import LENGTH_CARRYOVER
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.ratios import quantiles
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.errors import UserError

FEWEST = 4
"""Sources, or targets, below which no slope is fitted."""


@dataclass(frozen=True)
class _Slope:
    """Of a regression on one variable."""

    slope: float
    error: float
    df: int

    def limits(self, alpha: float) -> tuple[float, float]:
        half = float(quantiles(self.df, alpha)) * self.error
        return self.slope - half, self.slope + half


def carryover(
    logs: pd.DataFrame,
    sources: Mapping[str, float],
    base: pd.Series | None,
    relabelings: int,
    alpha: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """The coefficients of source and base.

    Parameters
    ----------
    logs : DataFrame, shape (sources, targets)
        Mean log lengths of fine-tuned answers; NaN on own tasks and where they are not known.
    sources : mapping of str to float
        Mean log length of what each source trains on, where it is known.
    base : Series, optional
        Mean log length of base's answers by target.
    relabelings : int
        Random assignments of the lengths to the sources.
    alpha : float
        1 minus the level.
    generator : Generator
        Of the relabelings.

    Returns
    -------
    DataFrame
        Columns ``LENGTH_CARRYOVER`` but unit; without rows where there are fewer than four sources that differ.
    """
    rows = [name for name in logs.index if name in sources and logs.loc[name].notna().any()]
    table = logs.loc[rows].dropna(axis=1, how="all")
    lengths = np.array([sources[name] for name in rows], float)
    names = [name for name in column_names(LENGTH_CARRYOVER) if name != "unit"]
    if len(rows) < FEWEST or np.ptp(lengths) == 0:
        return pd.DataFrame(columns=names)
    used = table.notna().to_numpy()
    effects = _effects(table.to_numpy(float))
    if effects is None:
        return pd.DataFrame(columns=names)
    donors, recipients = effects
    of_source = _slope(lengths, donors)
    p = _relabeled_p(lengths, donors, relabelings, generator)
    found = [("source", of_source, p, len(rows))]
    known = None if base is None else base.reindex(table.columns).to_numpy(float)
    if known is not None and (~np.isnan(known)).sum() >= FEWEST and np.nanstd(known) > 0:
        kept = ~np.isnan(known)
        of_base = _slope(known[kept], recipients[kept])
        found.append(("base", of_base, _sum_to_one(of_source, of_base), int(kept.sum())))
    lines = [(term, of.slope, *of.limits(alpha), value, number, int(used.sum())) for term, of, value, number in found]
    return pd.DataFrame(lines, columns=names)


def _effects(table: Array) -> tuple[Array, Array] | None:
    """Effects of sources and of targets; None where missing cells leave them open."""
    if table.shape[1] == 1:
        return table[:, 0] - table.mean(), np.zeros(1)
    try:
        effects = additive_model(~np.isnan(table)).effects(table)
    except UserError:
        return None
    return effects[1 : 1 + len(table)], effects[1 + len(table) :]


def _slope(x: Array, y: Array) -> _Slope:
    """Least squares with an intercept."""
    from_mean = x - x.mean()
    square = float((from_mean**2).sum())
    slope = float(from_mean @ y) / square
    rest = y - y.mean() - slope * from_mean
    df = len(x) - 2
    return _Slope(slope, float((rest**2).sum() / df / square) ** 0.5, df)


def _relabeled_p(x: Array, y: NDArray[np.float64], relabelings: int, generator: np.random.Generator) -> float:
    """Share of relabelings of x with a slope at least as far from 0, two-sided."""
    from_mean = x - x.mean()
    drawn = generator.permuted(np.broadcast_to(from_mean, (relabelings, len(x))), axis=1)
    as_far = np.abs(drawn @ y) >= abs(float(from_mean @ y)) - 1e-12
    return float((1 + as_far.sum()) / (1 + relabelings))


def _sum_to_one(of_source: _Slope, of_base: _Slope) -> float:
    """P value of both slopes summing to 1, by t with the fewer degrees of freedom."""
    distance = abs(of_source.slope + of_base.slope - 1)
    error = (of_source.error**2 + of_base.error**2) ** 0.5
    return 1.0 if error == 0 else float(2 * stdtr(min(of_source.df, of_base.df), -distance / error))
