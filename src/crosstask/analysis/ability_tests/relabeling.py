"""Relabelings: the abilities assigned to the tasks anew, as often each as they are declared."""

from collections import Counter
from dataclasses import dataclass
from itertools import product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Relabelings:
    """Assignments of abilities to tasks, the declared one first."""

    labels: NDArray[np.intp]
    """(relabelings, tasks): number of the ability."""
    smallest_p: float
    """The smallest p value that a statistic can have for which only matters which tasks share an ability."""

    def p_value(self, statistics: NDArray[np.float64]) -> float:
        """Share of the relabelings whose statistic reaches that of the first; NaN if that is not defined.

        Up to rounding: relabelings that come to the same have statistics that differ in their last digits.
        """
        declared = statistics[0]
        if np.isnan(declared):
            return float("nan")
        return float((statistics >= declared - 1e-9 * max(abs(declared), 1e-9)).mean())


def relabelings(
    declared: NDArray[np.intp], most: int, generator: np.random.Generator, strata: NDArray[np.intp] | None = None
) -> Relabelings:
    """Return every distinct assignment, or as many random ones as wanted where there are more.

    Of n tasks of which n[k] have ability k there are n! / (product of n[k]!) assignments; those of several strata
    multiply. Abilities with as many tasks (in each stratum) may change places without any task getting into other
    company, so that of m such abilities m! assignments come to the same as the declared one: no p value can be smaller
    than their share.

    Parameters
    ----------
    declared : ndarray of int, shape (tasks,)
        Number of the ability of each task, from 0 on.
    most : int
        Random relabelings, besides the declared one.
    generator : Generator
        Source of randomness.
    strata : ndarray of int, shape (tasks,), optional
        Abilities are assigned anew among the tasks of a stratum: each keeps as many of each ability as it has. Were
        they not kept, relabelings would have other numbers of pairs than what they are compared with.

    Examples
    --------
    >>> found = relabelings(np.array([0, 0, 1, 1]), 99, np.random.default_rng(0))
    >>> found.labels.tolist()
    [[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]]
    >>> round(found.smallest_p, 2)
    0.33
    """
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)] if strata is not None else []
    members = members or [np.arange(len(declared))]
    sizes = [Counter(declared[places].tolist()) for places in members]
    count = prod(factorial(of.total()) // prod(map(factorial, of.values())) for of in sizes)
    alike = Counter(tuple(of[label] for of in sizes) for label in set(declared.tolist()))
    same = prod(map(factorial, alike.values())) / count
    if count <= most + 1:
        return Relabelings(_every(declared, members, sizes), same)
    drawn = np.tile(declared, (most, 1))
    for places in members:
        drawn[:, places] = generator.permuted(drawn[:, places], axis=1)
    return Relabelings(np.vstack([declared, drawn]), max(same, 1 / (most + 1)))


def _every(declared: NDArray[np.intp], members: list[NDArray[np.intp]], sizes: list[Counter[int]]) -> NDArray[np.intp]:
    """Every distinct assignment, the declared one first."""
    order = np.argsort(np.concatenate(members))  # from stratum by stratum to the order of the tasks
    found = product(*(_arrangements(of, of.total()) for of in sizes))
    rows = np.array([np.concatenate(row)[order] for row in found], dtype=np.intp)
    first = (rows == declared).all(axis=1)
    return np.vstack([rows[first], rows[~first]])


def _arrangements(left: Counter[int], places: int) -> list[tuple[int, ...]]:
    """Every distinct order of labels, of each as many as are left, in lexicographic order."""
    if places == 0:
        return [()]
    found = []
    for label in sorted(left):
        if left[label]:
            found += [(label, *rest) for rest in _arrangements(left - Counter([label]), places - 1)]
    return found
