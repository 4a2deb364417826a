"""Weighted sums of the cells of a matrix, and the quadratic forms of their weights that variances are made of.

With weights c[i, t] and means x[i, t] of source i on target t, a sum is L = sum of c[i, t] x[i, t], and its variance is
a sum of quadratic forms of c: over the targets where the errors of different targets are independent (the examples),
over the sources where those of different sources are (the seeds), over the cells where all are ::

    on_target:  |sum over i of c[i, t] F[i, :]|^2       F F' the covariance of the means on target t
    on_source:  |sum over t of c[i, t] F[t, :]|^2       F F' the covariance of the means of source i
    powers:     sum over i, t of c[i, t]^p v[i, t]

The residuals of a matrix are as many sums as it has cells, each over all cells: written out, the weights of 200 x 200
would be 1.6 billion numbers. But the weights of a residual are those of its cell less f that goes with its source and g
that goes with its target, and ::

    |f + g|^2  =  |f|^2 + |g|^2 + 2 f . g

so every form of all residuals comes from the weights of sources and targets alone, by products of matrices.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

ROUNDING = 1e-12
"""Weight up to which one is 0: those of single cells add up to about 1."""


class WeightedSums(Protocol):
    """Sums over a matrix of means, sources (base included) x targets; results have one number for each sum."""

    def on_target(self, place: int, factor: Array) -> Array:
        """Squared length of the sums' weights on one target times ``factor``, (sources, any number)."""

    def on_source(self, place: int, factor: Array | None = None) -> Array:
        """The same of their weights for one source; ``factor``: (targets, any number), the identity if left out."""

    def powers(self, values: Array, power: int) -> Array:
        """Sum of the weights' power, which is even, times ``values``, (sources, targets).

        NaN where a value with a weight is; values without a weight do not count.
        """


@dataclass(frozen=True)
class PlainSums:
    """Sums whose weights are written out.

    Parameters
    ----------
    weights : ndarray, shape (sums, sources, targets)
        0 for cells without a mean.
    """

    weights: Array

    def on_target(self, place: int, factor: Array) -> Array:
        """Shape (sums,)."""
        return _squared(self.weights[:, :, place] @ factor)

    def on_source(self, place: int, factor: Array | None = None) -> Array:
        """Shape (sums,)."""
        weights = self.weights[:, place]
        return _squared(weights if factor is None else weights @ factor)

    def powers(self, values: Array, power: int) -> Array:
        """Shape (sums,)."""
        if not values.any():  # as parts of a variance often are, in all cells
            return np.zeros(len(self.weights))
        found: Array = self.raised(power).reshape(len(self.weights), -1) @ np.nan_to_num(values).ravel()
        # Unknown values were counted as 0: a sum that gives one of them a weight is unknown.
        unknown = np.isnan(values)
        if unknown.any():
            found[(self.weights[:, unknown] != 0).any(axis=1)] = np.nan
        return found

    def raised(self, power: int) -> Array:
        """The weights to a power of 1 to 4, which is kept."""
        if power not in self._raised:
            self._raised[power] = _raised(self.weights, power)
        return self._raised[power]

    @cached_property
    def _raised(self) -> dict[int, Array]:
        return {}


@dataclass(frozen=True)
class CellsLessMargins:
    """Of each source and target: the cell itself, less a sum of the source and one of the target.

    The sum of source i and target u has, with e the unit vector of the cell and w the weights of the reference that is
    subtracted from it, the weights ::

        c[j, t]  =  [t = u] (e[j = i] - w[j, u])  -  f_i[j, t]  -  g_u[j, t]

    so that the cell itself has weights on its own target only: everywhere else the forms are those of -(f + g).

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Places of the n sources among those of the matrix of means.
    reference : ndarray, shape (sources, targets)
        w: weights of what is subtracted from a cell, of its own target.
    by_source : ndarray, shape (n, sources, targets)
        f: weights of the sum of each source.
    by_target : PlainSums
        g: the sum of each target.
    """

    rows: NDArray[np.intp]
    reference: Array
    by_source: Array
    by_target: PlainSums

    def on_target(self, place: int, factor: Array) -> Array:
        """Shape (n, targets)."""
        by_source, by_target = self.by_source[:, :, place] @ factor, self.by_target.weights[:, :, place] @ factor
        found = _squared_of_both(by_source, by_target)
        # The sums of the cells of this very target have the cells' own weights as well.
        found[:, place] = _squared(self._cells(place) @ factor - by_source - by_target[place])
        return found

    def on_source(self, place: int, factor: Array | None = None) -> Array:
        """Shape (n, targets)."""
        by_source, by_target = self.by_source[:, place], self.by_target.weights[:, place]
        # The one weight c of the cell itself for this source, which stands on the target u of the sum:
        # |c F_u - (f + g) F|^2  =  |(f + g) F|^2 + c (c |F_u|^2 - 2 F_u . (f + g) F)
        cells = (self.rows == place)[:, None] - self.reference[place]
        if factor is None:
            lengths, across, along = np.ones(len(by_target)), by_source, np.diagonal(by_target)
        else:
            by_source, by_target = by_source @ factor, by_target @ factor
            lengths, across, along = _squared(factor), by_source @ factor.T, (by_target * factor).sum(axis=1)
        # Rounding may leave a square of 0 a little below it, as in `powers`.
        return np.maximum(_squared_of_both(by_source, by_target) + cells * (cells * lengths - 2 * (across + along)), 0)

    def powers(self, values: Array, power: int) -> Array:
        """Shape (n, targets)."""
        if not values.any():
            return np.zeros((len(self.rows), len(self.by_target.weights)))
        known, unknown, by_target = np.nan_to_num(values), np.isnan(values), self.by_target.weights
        # (f + g)^p by the binomial theorem, first k = p and k = 0, then the terms between; the power is even, so the
        # sign of -(f + g) is lost.
        found = self._of_sources.powers(known, power)[:, None] + self.by_target.powers(known, power)
        for k in range(1, power):
            of_source = self._of_sources.raised(k) * known
            found += comb(power, k) * np.tensordot(of_source, self.by_target.raised(power - k), ((1, 2), (1, 2)))
        for place in range(len(by_target)):
            found[:, place] += self._cells_raised(place, power, known[:, place])
        found = np.maximum(found, 0)
        for place in map(int, np.flatnonzero(unknown.any(axis=0))):
            found[self._has_weight(place, unknown[:, place])] = np.nan
        return found

    @cached_property
    def _of_sources(self) -> PlainSums:
        return PlainSums(self.by_source)

    def _cells_raised(self, place: int, power: int, values: Array) -> Array:
        """What `powers` has of one target from the weights of the cells themselves, (n,).

        These are few, 1 in the own row and -w in those of the reference: only there is the power another one.
        """
        rows, reference = np.arange(len(self.rows)), self.reference[:, place]
        margins = self.by_source[:, :, place] + self.by_target.weights[place, :, place]
        referred = np.flatnonzero(reference)
        of_reference = _raised(reference[referred] + margins[:, referred], power) - _raised(margins[:, referred], power)
        others = reference[self.rows] + margins[rows, self.rows]
        own = _raised(1 - others, power) - _raised(others, power)
        found: Array = of_reference @ values[referred] + own * values[self.rows]
        return found

    def _has_weight(self, place: int, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which sums give a weight to some rows of one target, (n, targets).

        Cell and margins may cancel: no residual depends on what is taken from all gains of a target.
        """
        by_source, by_target = self.by_source[:, None, rows, place], self.by_target.weights[None, :, rows, place]
        weights = by_source + by_target
        weights[:, place] -= self._cells(place)[:, rows]
        return np.asarray((np.abs(weights) > ROUNDING).any(axis=2))

    def _cells(self, place: int) -> Array:
        """Weights on a target of the cells themselves, (n, sources)."""
        cells: Array = (self.rows[:, None] == np.arange(len(self.reference))) - self.reference[:, place]
        return cells


def _raised(values: Array, power: int) -> Array:
    """Values to a power of 1 to 4, by products: they are many, and ``**`` takes logarithms."""
    if power == 1:
        return values
    squares: Array = values * values
    return squares if power == 2 else squares * (values if power == 3 else squares)


def _squared(values: Array) -> Array:
    """Squared length of each row."""
    lengths: Array = np.einsum("ij,ij->i", values, values)
    return lengths


def _squared_of_both(by_source: Array, by_target: Array) -> Array:
    """Squared length of the sum of each row of the one and each row of the other."""
    lengths = _squared(by_source)[:, None] + _squared(by_target) + 2 * by_source @ by_target.T
    return np.maximum(lengths, 0)  # rounding may leave a length of 0 a little below it
