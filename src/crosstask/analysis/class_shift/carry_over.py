"""Do adapters lean towards the labels that were frequent in what they were trained on?

For source i and target t with the label strings L that both have, and pi[i, k] the share of label k of the training
rows of i ::

    x[i, k]  =  log pi[i, k]  -  mean over L of the same,        y[i, t, k]  =  b[i, t, k]  -  mean over L

Sources with the same label strings are one lot: their training rows could have been each other's. Within each target
and lot, what all of them have in common is taken off, and the slope is ::

    slope  =  sum of y (x less its mean over the lot)  /  sum of (x less its mean over the lot)^2

1 where an adapter leans towards a label as much as its training shares say, 0 where it does not. The p value is the
share of the assignments of training shares to sources, within lots, whose sum of products is as far from 0. The
interval has the slopes that are not rejected so: for a slope s, y - s x takes the place of y. Its ends are exact: with
A and B the sums of products of an assignment with y and with x, A0 and B0 those of the true one, whether
|A - s B| >= |A0 - s B0| changes at ::

    s  =  (A0 + A) / (B0 + B),      s  =  (A0 - A) / (B0 - B)

Source and target that share fewer than two label strings say nothing, nor do in-domain cells, nor a lot whose training
shares are all about the same: whatever is assigned to whom there, hardly anything changes, so that it would only add
assignments that cannot be told from the true one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

Shares = Mapping[str, Mapping[str, float]]
"""Source -> label -> its share of the training rows, above 0."""
_ALIKE = 0.1
"""Training shares are about the same where no logarithm of one differs by more."""


@dataclass(frozen=True)
class CarryOver:
    """The slope, its interval and its test; NaN where they cannot be told."""

    slope: float
    ci_low: float
    ci_high: float
    p: float
    sources: int
    """That share labels with the target, or any of the targets, and have others to be compared with."""
    cells: int
    """Of these sources with these targets."""
    relabelings: int
    """Assignments that the p value is a share of, the true one among them."""


@dataclass(frozen=True)
class _Products:
    """Sums of products with the training shares that each relabeling assigns, (relabelings,), the true one first."""

    of_shifts: Array
    of_shares: Array

    def p_value(self, slope: float) -> float:
        """Share of the relabelings whose sum, less what the slope makes of it, is as far from 0 as the true one."""
        distance = np.abs(self.of_shifts - slope * self.of_shares)
        return float((distance >= distance[0] * (1 - 1e-9)).mean())


def carry_over(
    shifts: pd.DataFrame, shares: Shares, alpha: float, most: int, generator: np.random.Generator
) -> CarryOver:
    """The slope over the cells of a table.

    Parameters
    ----------
    shifts : DataFrame
        Columns ``source``, ``target``, ``label`` and ``value``, b; one row of each source, target and label, without
        in-domain cells.
    shares : mapping
        Training shares of the sources.
    alpha : float
        1 minus the level of the interval.
    most : int
        Random relabelings besides the true one, where there are more than that.
    generator : Generator
        Source of randomness.
    """
    lots = _lots(shifts, shares)
    cells = [_cells(shifts, shares, lot) for lot in lots]
    used = [(lot, of_lot) for lot, of_lot in zip(lots, cells, strict=True) if of_lot]
    telling = [(lot, of_lot) for lot, of_lot in used if not _are_alike(lot, shares)]
    used = telling or used
    sources = sum(len({place for rows, _, _ in of_lot for place in rows.tolist()}) for _, of_lot in used)
    if not used:
        return CarryOver(np.nan, np.nan, np.nan, np.nan, 0, 0, 0)
    assigned = _relabelings([len(lot) for lot, _ in used], most, generator)
    of_shifts, of_shares = np.zeros(len(assigned[0])), np.zeros(len(assigned[0]))
    for (_, of_lot), places in zip(used, assigned, strict=True):
        for rows, y, x in of_lot:
            given = x[places[:, rows]]
            # What a lot has in common is taken off on one side of a product, which is enough.
            own = x[rows]
            of_shifts += np.einsum("ik,pik->p", y - y.mean(axis=0), given)
            of_shares += np.einsum("ik,pik->p", own - own.mean(axis=0), given)
    found = _Products(of_shifts, of_shares)
    count = sum(len(rows) for _, of_lot in used for rows, _, _ in of_lot)
    if not telling or not of_shares[0] > 1e-12:
        return CarryOver(np.nan, np.nan, np.nan, np.nan, sources, count, len(of_shifts))
    slope = float(of_shifts[0] / of_shares[0])
    low, high = _lower_limit(found, alpha), -_lower_limit(_Products(-of_shifts, of_shares), alpha)
    return CarryOver(slope, low, high, found.p_value(0.0), sources, count, len(of_shifts))


def _lots(shifts: pd.DataFrame, shares: Shares) -> list[list[str]]:
    """Sources with the same label strings, several each."""
    lots: dict[frozenset[str], list[str]] = {}
    for source in dict.fromkeys(shifts["source"]):
        if shares.get(source):
            lots.setdefault(frozenset(shares[source]), []).append(source)
    return [lot for lot in lots.values() if len(lot) > 1]


def _are_alike(lot: Sequence[str], shares: Shares) -> bool:
    """Whether the sources of a lot have about the same training shares."""
    logarithms = np.log([[shares[source][label] for label in shares[lot[0]]] for source in lot])
    return bool(np.ptp(logarithms, axis=0).max() < _ALIKE)


def _cells(shifts: pd.DataFrame, shares: Shares, lot: Sequence[str]) -> list[tuple[NDArray[np.intp], Array, Array]]:
    """By target with shared labels: places in the lot of sources that have cells, y of these, x of the whole lot."""
    found = []
    of_lot = shifts[shifts["source"].isin(lot) & shifts["label"].isin(list(shares[lot[0]]))]
    for _, of_target in of_lot.groupby("target", sort=False):
        wide = of_target.pivot(index="source", columns="label", values="value").reindex(lot)
        present = np.flatnonzero(wide.notna().all(axis=1))
        if wide.shape[1] < 2 or len(present) < 2:
            continue
        x = np.log([[shares[source][label] for label in wide.columns] for source in lot])
        y = wide.to_numpy(float)[present]
        found.append((present, y - y.mean(axis=1, keepdims=True), x - x.mean(axis=1, keepdims=True)))
    return found


def _relabelings(sizes: Sequence[int], most: int, generator: np.random.Generator) -> list[NDArray[np.intp]]:
    """For each lot which source's training shares each source is given, (relabelings, size), the true one first."""
    if prod(map(factorial, sizes)) <= most + 1:
        every = list(product(*(permutations(range(size)) for size in sizes)))
        return [np.array([of_lots[place] for of_lots in every], dtype=np.intp) for place in range(len(sizes))]
    drawn = [np.tile(np.arange(size), (most + 1, 1)) for size in sizes]
    for of_lot in drawn:
        of_lot[1:] = generator.permuted(of_lot[1:], axis=1)
    return drawn


def _lower_limit(found: _Products, alpha: float) -> float:
    """The smallest slope whose p value is above alpha; NaN where there is none, as all that are far below are.

    Below the estimate, where every relabeling is as far from 0 as the true one, a relabeling with |B| < B0 is so from
    the smaller of both slopes of the module's docstring on. With |B| > B0, which cells that are lacking make possible,
    it is so everywhere but between the two. With |B| = B0 there is one such slope, or none.
    """
    shifts, shares = found.of_shifts, found.of_shares
    sums, rounding = np.array([shares[0] + shares, shares[0] - shares]), 1e-9 * shares[0]
    products = np.array([shifts[0] + shifts, shifts[0] - shifts])
    products[np.abs(products) <= 1e-9 * np.abs(shifts[0])] = 0
    one = (np.abs(sums) <= rounding).any(axis=0)
    slopes = np.sort(np.divide(products, sums, out=np.full(sums.shape, np.inf), where=np.abs(sums) > rounding), axis=0)
    estimate, far = shifts[0] / shares[0], np.abs(shares) > shares[0]
    # Such a slope at the estimate, or above it, says nothing of what is below.
    from_start = ~one & far | one & (slopes[0] >= estimate - 1e-12 * np.abs(estimate))
    start = np.where(from_start, -np.inf, slopes[0])
    gaps = slopes[:, ~one & far & (slopes[1] <= estimate)]
    ends = np.concatenate([start, *gaps])
    counted = np.concatenate([np.ones(len(start)), -np.ones(gaps.shape[1]), np.ones(gaps.shape[1])])
    order = np.argsort(ends, kind="stable")
    first = ends[order[np.argmax(np.cumsum(counted[order]) / len(start) > alpha)]]
    return float(first) if np.isfinite(first) else float("nan")
