"""What is particular to pairs of sources and targets, of a measure and of gains, and how far they go together."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
_AT_ONCE = 2_000_000
"""Numbers in memory at a time."""


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
        null = []
        at_once = max(1, _AT_ONCE // x.size)
        for start in range(0, len(self.orders), at_once):
            rows, columns = (np.array(order) for order in zip(*self.orders[start : start + at_once], strict=True))
            permuted = left[rows[:, :, None], columns[:, None, :]]
            values = self.model.left(permuted).reshape(len(permuted), -1)
            null.append(_cosines(_less(values, basis), of_gains))
        return float(observed), np.concatenate(null)


def own_pairs(matrix: Array, reached: Mask) -> Array:
    """What effects of sources and targets leave of a measure's ranks, of all cells that a renaming may reach.

    0 for a pair of which the measure says nothing, and everywhere where the effects cannot be told apart.
    """
    known, found = reached & np.isfinite(matrix), np.zeros(matrix.shape)
    at = np.ix_(known.any(axis=1), known.any(axis=0))
    ranks = np.nan_to_num(_ranks(np.where(known, matrix, np.nan)))
    with contextlib.suppress(UserError):
        found[at] = additive_model(known[at]).left(ranks[at])
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
