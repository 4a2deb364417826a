"""Do adapters lean towards the labels that were frequent in what they were trained on?

For source i and target t with the label strings L that both have, and pi[i, k] the share of label k of the training
rows of i ::

    x[i, k]  =  log pi[i, k]  -  mean over L of the same,        y[i, t, k]  =  b[i, t, k]  -  mean over L

Sources with the same label strings are one lot: their training rows could have been each other's. Within each target
and lot, what all of them have in common is taken off, and the slope is ::

    slope  =  sum of y (x less its mean over the lot)  /  sum of (x less its mean over the lot)^2

1 where an adapter leans towards a label as much as its training shares say, 0 where it does not. The p value is the
share of the assignments of training shares to sources, within lots, whose sum of products is as far from 0. The
interval has the slopes that are not rejected so: for a slope s, y - s x takes the place of y. Source and target that
share fewer than two label strings say nothing, nor do in-domain cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product
from math import factorial, prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

Shares = Mapping[str, Mapping[str, float]]
"""Source -> label -> its share of the training rows, above 0."""
_DOUBLINGS, _HALVINGS = 12, 30


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
    if not of_shares[0] > 1e-12:  # all have the same training shares
        return CarryOver(np.nan, np.nan, np.nan, np.nan, sources, count, len(of_shifts))
    slope = float(of_shifts[0] / of_shares[0])
    low, high = (_limit(found, slope, alpha, side) for side in (-1, 1))
    return CarryOver(slope, low, high, found.p_value(0.0), sources, count, len(of_shifts))


def _lots(shifts: pd.DataFrame, shares: Shares) -> list[list[str]]:
    """Sources with the same label strings, several each."""
    lots: dict[frozenset[str], list[str]] = {}
    for source in dict.fromkeys(shifts["source"]):
        if shares.get(source):
            lots.setdefault(frozenset(shares[source]), []).append(source)
    return [lot for lot in lots.values() if len(lot) > 1]


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


def _limit(found: _Products, slope: float, alpha: float, side: int) -> float:
    """The slope farthest to one side whose p value is above alpha; NaN where there is none."""
    step = max(abs(slope), 0.1)
    outside = next(
        (
            far
            for far in (slope + side * step * 2**k for k in islice(range(_DOUBLINGS), None))
            if found.p_value(far) <= alpha
        ),
        None,
    )
    if outside is None:
        return float("nan")
    inside = slope
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if found.p_value(middle) > alpha:
            inside = middle
        else:
            outside = middle
    return inside
