"""What comes back in every replicate: components of their mean, tested by relabeling sources within each.

A trait of data and tasks shows with one base model as with another; what is particular to one adapter or one model does
not. With the residuals Z[1] .. Z[K] of K replicates, each of length 1, the mean correlation over pairs is ::

    r  =  2 / (K (K - 1))  sum over k < l of  <Z[k], Z[l]>

It is compared with that of matrices whose sources are relabeled, each by itself (`relabeled_sources`). If r is larger
than that null, the first component of the mean (`masked_components`) is taken off every replicate, with effects of rows
and columns and a strength of its own, and what is left is tested again: first one component, then both of two, and so
on until the null is not exceeded. Replicates that are one under two names count once (`same_models`).

A replicate has loadings and source scores of its own, by projection on the component of the others, so that no
replicate speaks for itself. Intervals are Student's over replicates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.replication.masked_components import left_by_components, masked_components
from crosstask.analysis.traits.replication.relabeled_sources import mean_correlation, relabeled_correlations
from crosstask.analysis.traits.replication.replicates import Replicates
from crosstask.analysis.traits.replication.same_models import counted_once, same_replicates
from crosstask.errors import UserError

_ROUNDING = 1e-12
_WORK, _FEWEST = 4e8, 199  # numbers drawn in all, about, after which there are fewer relabelings, but never fewer


@dataclass(frozen=True)
class Step:
    """One component and its test, given those before it."""

    correlation: float
    """Mean over pairs of replicates of what those before it leave."""
    null_mean: float
    null_p95: float
    """Of the same with sources relabeled."""
    reached: float
    """What these reach as often as the level says."""
    p: float
    """How often relabeling gives as much; at least 1 / (1 + relabelings)."""
    share: float
    """Of the squares of the replicates, on average, that the component takes off with a strength in each."""


@dataclass(frozen=True)
class Estimate:
    """Loadings or source scores of a component with their intervals, all of shape (n_targets or n_sources,)."""

    values: Array
    """Means over replicates, together of length 1."""
    low: Array
    high: Array


@dataclass(frozen=True)
class Consensus:
    """Components of replicates."""

    steps: tuple[Step, ...]
    """Those retained, and the first that is not."""
    retained: int
    loadings: tuple[Estimate, ...]
    """Of the retained, or of the first where none is."""
    sources: tuple[Estimate, ...]
    relabelings: int
    same: tuple[tuple[str, ...], ...]
    """Names of replicates that count as one, of each group of several."""


def consensus(found: Replicates, draws: int, alpha: float, seed: int = 0) -> Consensus:
    """Look for components that come back.

    Parameters
    ----------
    found : Replicates
        At least two.
    draws : int
        Relabelings; fewer for large matrices.
    alpha : float
        Level of each test; intervals have level 1 - alpha.
    seed : int
        Seed of the generator.

    Raises
    ------
    UserError
        If all are one.
    """
    groups = same_replicates(found.values, found.used, alpha, found.of_models)
    if len(groups) < 2:
        raise UserError(f"{', '.join(found.names)} are one under several names: their residuals are equal")
    values = counted_once(found.values, groups)
    draws = int(min(draws, max(_FEWEST, np.ceil(1 / alpha), _WORK / values.size)))
    generator = np.random.default_rng(seed)
    model, left = additive_model(found.used), values
    steps: list[Step] = []
    while len(steps) < min(values.shape[1:]) - 1:
        components = masked_components(values.mean(axis=0), found.used, len(steps) + 1)
        rest = left_by_components(values, model, components)
        null = relabeled_correlations(left, found.used, found.home, draws, generator)
        steps.append(_step(left, rest, null, alpha))
        left = rest
        if steps[-1].p > alpha:
            break
    retained = sum(step.p <= alpha for step in steps)
    pairs = [_estimates(values, found.used, place, alpha) for place in range(max(retained, 1))]
    loadings, sources = zip(*pairs, strict=True)
    same = tuple(tuple(found.names[place] for place in group) for group in groups if len(group) > 1)
    return Consensus(tuple(steps), retained, loadings, sources, draws, same)


def _step(left: Array, rest: Array, null: Array, alpha: float) -> Step:
    """Test what is left; ``rest``: what the next component leaves of it; ``null``: of relabeled sources."""
    observed = float(mean_correlation(left.sum(axis=0), left))
    p = (1 + int((null >= observed).sum())) / (1 + len(null))
    share = float((left**2).sum() - (rest**2).sum()) / len(left)
    reached = float(np.quantile(null, 1 - alpha))
    return Step(observed, float(null.mean()), float(np.quantile(null, 0.95)), reached, p, share)


def _estimates(values: Array, used: NDArray[np.bool_], place: int, alpha: float) -> tuple[Estimate, Estimate]:
    """Loadings and source scores of one component of the mean."""
    columns = masked_components(values.mean(axis=0), used, place + 1)[1][:, place]
    loadings, scores = [], []
    for number in range(len(values)):
        rows, others = masked_components(np.delete(values, number, axis=0).mean(axis=0), used, place + 1)
        # Which of the others' components is this one: the one whose targets are most like it.
        alike = others.T @ columns
        at = int(np.abs(alike).argmax())
        row, column = rows[:, at], others[:, at] * np.sign(alike[at])
        row = row * np.sign(alike[at])
        # Least squares on the cells that take part.
        loadings.append(row @ values[number] / np.maximum(row**2 @ used, _ROUNDING))
        scores.append(values[number] @ column / np.maximum(used @ column**2, _ROUNDING))
    sign = np.sign(columns[np.abs(columns).argmax()])
    return _interval(sign * np.array(loadings), alpha), _interval(sign * np.array(scores), alpha)


def _interval(of_each: Array, alpha: float) -> Estimate:
    """Mean over replicates (n_replicates, n), of length 1, and Student's interval."""
    count, mean = len(of_each), of_each.mean(axis=0)
    error = of_each.std(axis=0, ddof=1) / np.sqrt(count)
    half = stdtrit(count - 1, 1 - alpha / 2) * error
    length = float(np.linalg.norm(mean)) or 1.0
    return Estimate(mean / length, (mean - half) / length, (mean + half) / length)
