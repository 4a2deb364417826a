"""Distances between the lengths of answers and of what a source trains on.

With F the distribution function of log(1 + length) of a model's answers to a target, and G that of the source's ::

    Wasserstein  =  integral of |F(x) - G(x)| dx,      Kolmogorov-Smirnov  =  max over x of |F(x) - G(x)|

Where F is drawn, the first changes with an answer of length t, to first order, by its influence ::

    I(t)  =  integral of sign(F(x) - G(x)) (1[t <= x] - F(x)) dx

(the Kantorovich potential), so that the distance varies as a mean over answers does, and the crossed variance of rows
and seeds holds for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from crosstask.analysis.statistics.variance_parts import Array


@dataclass(frozen=True)
class Distances:
    """Distances of samples of lengths, each from the reference of its own.

    Parameters
    ----------
    values : ndarray, shape (samples, n)
        Logs of the lengths.
    references : ndarray, shape (different references, m)
        Distribution functions of the references on ``support``.
    own : ndarray of int, shape (samples,)
        Which of these is a sample's.
    support : ndarray, shape (m,)
        Every value of the samples and the references, sorted.
    sizes : ndarray of int, shape (different references,)
        Number of values that each reference is of.
    """

    values: Array
    references: Array
    own: NDArray[np.intp]
    support: Array
    sizes: NDArray[np.intp]

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Place of each value in the support, (samples, n)."""
        return np.searchsorted(self.support, self.values)

    @cached_property
    def functions(self) -> Array:
        """Distribution function of each sample on the support, (samples, m)."""
        return distribution(self.places, len(self.support))

    @cached_property
    def _difference(self) -> Array:
        found: Array = self.functions - self.references[self.own]
        return found

    @cached_property
    def _steps(self) -> Array:
        """From each value of the support to the next; behind the last all functions are 1."""
        return np.diff(self.support, append=self.support[-1:])

    @property
    def wasserstein(self) -> Array:
        """(samples,)."""
        found: Array = np.abs(self._difference) @ self._steps
        return found

    @property
    def excess(self) -> Array:
        """By about how much the Wasserstein distance may be too large on average, (samples,).

        At each x the difference d of both functions has a standard error s, and the distance has its size, which is
        that of a folded normal variable ::

            E |d + s z| - |d|  =  2 s phi(d / s) - 2 |d| Phi(-|d| / s),    s^2  =  F (1 - F) / n  +  G (1 - G) / m

        which is largest where d is 0: two samples of one model are some distance apart. |d| is taken one s smaller
        than it came out, since it came out too large as well.
        """
        n, m = self.values.shape[1], self.sizes[self.own][:, None]
        references = self.references[self.own]
        variance = self.functions * (1 - self.functions) / n + references * (1 - references) / m
        error = np.sqrt(np.clip(variance, 0, None))
        size = np.divide(np.abs(self._difference), error, out=np.full(error.shape, np.inf), where=error > 0)
        size = np.clip(size - 1, 0, 40)
        # With t = |d| / s: 2 s (phi(t) - t Phi(-t)).
        folded = np.exp(-(size**2) / 2) / np.sqrt(2 * np.pi) - size * ndtr(-size)
        found: Array = (2 * error * folded) @ self._steps
        return found

    @property
    def kolmogorov_smirnov(self) -> Array:
        """(samples,)."""
        found: Array = np.abs(self._difference).max(axis=1)
        return found

    @cached_property
    def potentials(self) -> Array:
        """Integral of the sign of F - G from each value of the support on, (samples, m)."""
        # Differences of rounding have no sign.
        signs = np.where(np.abs(self._difference) > 1e-12, np.sign(self._difference), 0.0) * self._steps
        found: Array = signs[:, ::-1].cumsum(axis=1)[:, ::-1]
        return found

    @property
    def influences(self) -> Array:
        """Of each value of a sample on its Wasserstein distance, (samples, n); 0 on average."""
        found: Array = np.take_along_axis(self.potentials, self.places, axis=1)
        return found - found.mean(axis=1, keepdims=True)


def distribution(places: NDArray[np.intp], size: int) -> Array:
    """Distribution function of each row of places in a support of some size, (rows, size)."""
    rows, n = places.shape
    counts = np.bincount((np.arange(rows)[:, None] * size + places).ravel(), minlength=rows * size)
    found: Array = counts.reshape(rows, size).cumsum(axis=1) / n
    return found


def distances(values: Array, names: Sequence[str], sources: Mapping[str, Array]) -> Distances:
    """Distances of samples, each from the source named.

    Parameters
    ----------
    values : ndarray, shape (samples, n)
        Logs of the lengths.
    names : sequence of str
        The source of each sample.
    sources : mapping of str to ndarray
        Logs of the lengths that sources train on, in any order.
    """
    order = list(dict.fromkeys(names))
    support = np.unique(np.concatenate([values.ravel(), *(sources[name] for name in order)]))
    places = (np.searchsorted(support, sources[name]) for name in order)
    references = np.concatenate([distribution(of_source[None], len(support)) for of_source in places])
    own = np.array([order.index(name) for name in names], dtype=np.intp)
    sizes = np.array([len(sources[name]) for name in order], dtype=np.intp)
    return Distances(values, references, own, support, sizes)
