"""What is particular to pairs of a matrix, with the rows and the columns at one spread.

Sources move by different amounts and so do targets: what a single violent adapter does to all targets would decide
every mean and every correlation of residuals. So each residual is divided by the spread of its row and of its column,
which leaves the rank of the matrix as it is. With weights w of the rows and v of the columns ::

    gain[i, t]       =  donor[i] + recipient[t] + residual[i, t]            by least squares, weighted w[i] v[t]
    residual[i, t]   =  r[i] c[t] z[i, t]           mean of z^2 = 1 in each row and in each column
    w[i]             =  (J + d) / (J r[i]^2 + d),       v[t]  =  1 / c[t]^2,       geometric mean of r = 1

first with equal weights, then once more with those that follow. Without them what a violent source does would, through
the effects of the targets, be taken off all other sources, and of quiet ones it would be most of what is left. A row
of J cells says little of its own spread; d = 8 cells of the middle spread are added, so that no source is believed to
be certain.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

_ADDED = 8
"""d: cells of the middle spread that are added to those of a row."""
_ROUNDS, _BALANCE = 8, 15
"""Rounds in which donors and recipients, and row and column spreads, are found in turn."""
_NOTHING = 1e-200
"""Squared spread of the columns where nothing is left of any cell."""
_LEAST = 1e-12
"""Share of the largest spread, squared, below which one counts as that share: a row may be all zeros."""


@dataclass(frozen=True)
class EvenResiduals:
    """Residuals at one spread, of one matrix or of a stack of matrices with the same cells."""

    values: Array
    """z, (..., sources, targets); 0 for cells that are not used."""
    rows: Array
    """r, (..., sources)."""
    columns: Array
    """c, (..., targets)."""
    recipients: Array
    """Of the weighted fit, up to a constant, (..., targets)."""
    weights: Array
    """v of that fit, (..., targets)."""

    def of_other_rows(self, gains: Array) -> Array:
        """Residuals, in the spread of the columns, of rows (..., others, targets) that the model was not fitted to.

        Each with a donor of its own; a row is taken to be of the middle spread. 0 where a gain is NaN.
        """
        left = gains - self.recipients[..., None, :]
        weights = np.where(np.isnan(left), 0.0, self.weights[..., None, :])
        left = np.nan_to_num(left)
        donors = (left * weights).sum(axis=-1, keepdims=True) / weights.sum(axis=-1, keepdims=True)
        others: Array = np.where(weights > 0, left - donors, 0.0) / self.columns[..., None, :]
        return others

    @property
    def spreads(self) -> Array:
        """R c of every cell, (..., sources, targets)."""
        spreads: Array = self.rows[..., :, None] * self.columns[..., None, :]
        return spreads


def even_residuals(gains: Array, used: NDArray[np.bool_], even_rows: bool = True) -> EvenResiduals:
    """Return the residuals of the weighted additive model with rows and columns at one spread.

    Parameters
    ----------
    gains : ndarray, shape (..., sources, targets)
        One matrix or many.
    used : ndarray of bool, shape (sources, targets)
        Cells that take part; those of the others do not matter. Donors and recipients must be told apart by them
        (`additive_model`).
    even_rows : bool
        Whether rows are brought to one spread as well, or columns alone (all r are 1).

    Examples
    --------
    >>> additive = np.add.outer([1.0, 2.0, 4.0], [0.0, 3.0, 5.0])
    >>> pair = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    >>> even_residuals(additive + 100 * pair, np.ones((3, 3), bool)).values[:2, :2].round(1).tolist()
    [[1.2, -1.2], [-1.2, 1.2]]
    """
    counts = used.sum(axis=1)
    known = np.where(used, gains, 0.0)
    rows, columns = np.ones(gains.shape[:-1]), np.ones((*gains.shape[:-2], gains.shape[-1]))
    for _ in range(2):
        weights = 1 / columns
        left, recipients = _left_by_effects(known, used, 1 / rows, weights)
        of_rows, columns = _squared_spreads(left**2, used, even_rows)
        columns = np.maximum(columns, _NOTHING)
        rows = (counts * of_rows + _ADDED) / (counts + _ADDED)
    found = EvenResiduals(np.zeros(left.shape), np.sqrt(of_rows), np.sqrt(columns), recipients, weights)
    # Where nothing is left of any cell there is no spread either.
    return replace(found, values=np.divide(left, found.spreads, out=found.values, where=found.spreads > 0))


def _left_by_effects(known: Array, used: NDArray[np.bool_], rows: Array, columns: Array) -> tuple[Array, Array]:
    """Residuals of weighted least squares, 0 for cells that are not used, and recipients; both effects in turn."""
    donors = np.zeros(rows.shape)
    of_rows = used @ columns[..., :, None]
    of_columns = rows[..., None, :] @ used
    sums_of_rows, sums_of_columns = known @ columns[..., :, None], rows[..., None, :] @ known
    for _ in range(_ROUNDS):
        # Sums over a row or column of the gains less those of the effects: no matrix of differences is made on the way.
        recipients = (sums_of_columns - (rows * donors)[..., None, :] @ used) / of_columns
        donors = ((sums_of_rows - used @ (recipients[..., 0, :] * columns)[..., :, None]) / of_rows)[..., 0]
    left: Array = np.where(used, known - recipients - donors[..., :, None], 0.0)
    return left, recipients[..., 0, :]


def _squared_spreads(squares: Array, used: NDArray[np.bool_], even_rows: bool) -> tuple[Array, Array]:
    """r^2 and c^2; the geometric mean of the first is 1."""
    of_rows, of_columns = used.sum(axis=1), used.sum(axis=0)
    columns = np.ones((*squares.shape[:-2], squares.shape[-1]))
    if not even_rows:
        return np.ones(squares.shape[:-1]), _at_least(squares.sum(axis=-2) / of_columns)
    for _ in range(_BALANCE):
        rows = _at_least((squares @ (1 / columns)[..., :, None])[..., 0] / of_rows)
        columns = _at_least(((1 / rows)[..., None, :] @ squares)[..., 0, :] / of_columns)
    middle = np.exp(np.log(rows).mean(axis=-1, keepdims=True))
    return rows / middle, columns * middle


def _at_least(spreads: Array) -> Array:
    """Squared spreads, none of them 0."""
    limited: Array = np.maximum(spreads, _LEAST * spreads.max(axis=-1, keepdims=True) + np.finfo(float).tiny)
    return limited
