"""What is particular to pairs of sources and targets, of a measure and of gains, and how far they go together."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from crosstask.analysis.matrix.additive_model import AdditiveModel, additive_model
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.errors import UserError

Mask = NDArray[np.bool_]
Permutation = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Order of the rows and order of the columns."""
ROUNDING = 1e-9
"""Relative size of what counts as rounding."""
_AT_ONCE, _IN_CACHE = 2_000_000, 100_000
"""Numbers in memory at a time, and in a processor's cache."""


@dataclass(frozen=True)
class Pairs:
    """What is particular to pairs in the gains, and the orders in which a measure is held against it."""

    model: AdditiveModel
    gains: Array
    """Residuals, (sources, targets); 0 in cells that are not used."""
    orders: Sequence[Permutation]

    def correlations(self, x: Array, others: Array) -> tuple[float, Array]:
        """Correlation of what other measures (any number, sources, targets) leave of both; NaN if nothing is left of x.

        And the same with x in each of the orders.
        """
        used = self.model.used
        columns = self.model.left(others).reshape(len(others), x.size).T
        basis, own = _orthonormal(columns), self.model.left(x).ravel()
        # Fitted over the cells but taken off everywhere: a permutation may bring any entry into a cell.
        shares = np.linalg.lstsq(columns, own, rcond=ROUNDING)[0]
        left = x - np.einsum("k,kij->ij", shares, others)
        of_gains = _less(self.gains.ravel(), basis)
        if np.linalg.norm(_less(own, basis)) <= ROUNDING * np.linalg.norm(x[used]):
            return float("nan"), np.array([])
        observed = _cosines(_less(own, basis)[None], of_gains)[0]
        found = (self.model.left(values).reshape(len(values), -1) for values in self._permuted(left, _AT_ONCE))
        null = [_cosines(_less(values, basis), of_gains) for values in found]
        return float(observed), np.concatenate(null)

    def products(self, x: Array) -> "PairProducts":
        """What slopes of the gains on a measure are made of, as it is and in each of the orders.

        Of a reordered measure no residuals are made: those of gains and of the measure as it is take from it what
        is particular to pairs, and its size is what its effects leave of its sum of squares ::

            |M x|^2  =  |x|^2 - <fit, x>,     <fit, x> = sum of effects times the sums of x over the cells they are in
        """
        own, used = self.model.left(x), self.model.used
        found = []
        for values in self._permuted(x, _IN_CACHE):
            values = np.where(used, values, 0.0)
            effects = self.model.effects(values)
            sums = np.concatenate([values.sum(axis=(1, 2))[:, None], values.sum(axis=2), values.sum(axis=1)], axis=1)
            flat = values.reshape(len(values), -1)
            sizes = np.einsum("ij,ij->i", flat, flat) - (effects * sums).sum(axis=1)
            found.append((np.maximum(sizes, 0.0), flat @ self.gains.ravel(), flat @ own.ravel()))
        sizes, with_gains, with_own = (np.concatenate(of) for of in zip(*found, strict=True))
        return PairProducts(float((own**2).sum()), float((own * self.gains).sum()), sizes, with_gains, with_own)

    def _permuted(self, x: Array, at_once: int) -> Iterator[Array]:
        """A measure in each of the orders, some at a time; (some, sources, targets)."""
        some = max(1, at_once // x.size)
        for start in range(0, len(self.orders), some):
            rows, columns = (np.array(order) for order in zip(*self.orders[start : start + some], strict=True))
            yield x[rows[:, :, None], columns[:, None, :]]


@dataclass(frozen=True)
class PairProducts:
    """Sums over cells of products of what is particular to pairs: of a measure x, of gains, and of x reordered."""

    size: float
    """x with itself."""
    with_gains: float
    sizes: Array
    """x reordered with itself, (orders,)."""
    of_orders: Array
    """x reordered with the gains."""
    with_own: Array
    """x reordered with x."""


def own_pairs(matrix: Array, reached: Mask, ranked: bool = True) -> Array:
    """What effects of sources and targets leave of a measure, or of its ranks, of all cells that a renaming may reach.

    0 for a pair of which the measure says nothing, and everywhere where the effects cannot be told apart.
    """
    known, found = reached & np.isfinite(matrix), np.zeros(matrix.shape)
    at = np.ix_(known.any(axis=1), known.any(axis=0))
    values = np.where(known, matrix, np.nan)
    values = np.nan_to_num(_ranks(values) if ranked else values)
    with contextlib.suppress(UserError):
        found[at] = additive_model(known[at]).left(values[at])
    return found


def _orthonormal(columns: Array) -> Array:
    """A basis of what columns span, without directions that are nothing but rounding, of measures that say the same."""
    if not columns.size:
        return columns
    found = np.linalg.svd(columns, full_matrices=False)
    basis: Array = found.U[:, ROUNDING * found.S[0] < found.S]
    return basis


def _less(values: Array, basis: Array) -> Array:
    """Values (..., cells) less their projection on an orthonormal basis."""
    left: Array = values - (values @ basis) @ basis.T
    return left


def _cosines(values: Array, other: Array) -> Array:
    """Correlation of each row, of mean 0, with another vector; 0 where one does not vary."""
    sizes = np.linalg.norm(values, axis=1) * np.linalg.norm(other)
    return np.divide(values @ other, sizes, out=np.zeros(len(values)), where=sizes > ROUNDING)


def varies(own: Array, cells: Mask) -> bool:
    """Tell whether anything is left of a measure to be correlated with."""
    return bool(np.abs(own[cells]).max() > ROUNDING * own.size)


def _ranks(matrix: Array) -> Array:
    """Return the ranks of a matrix's entries among all of them; NaN stays."""
    return rankdata(matrix, nan_policy="omit").reshape(matrix.shape)


def label_orders(
    gains: pd.DataFrame, homes: Mapping[str, str], count: int, seed: int
) -> tuple[list[Permutation], bool]:
    """Return orders of rows and columns; those of the columns follow the rows where they are the same data sets."""
    own = [homes.get(source, source) for source in gains.index]
    paired = sorted(own) == sorted(gains.columns)
    place = np.array([gains.columns.get_loc(name) for name in own]) if paired else None
    generator = np.random.default_rng(seed)
    permutations = []
    for _ in range(count):
        rows = generator.permutation(gains.shape[0])
        # place[i] is the column of the own task of row i. If row i gets row pi(i), column place[i] must get column
        # place[pi(i)]; argsort inverts a permutation, and puts these in the order of the columns.
        columns = generator.permutation(gains.shape[1]) if place is None else place[rows][np.argsort(place)]
        permutations.append((rows, columns))
    return permutations, paired
