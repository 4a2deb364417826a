"""The weighted fit that `even_residuals` takes off: donors, recipients, and how each target responds to a donor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

NOTHING = 1e-200
"""Squared spread of the columns where nothing is left of any cell."""
_TURNS, _FILLS = 8, 5
"""Rounds in which donors and recipients are found in turn, and cells are filled."""


@dataclass(frozen=True)
class Effects:
    """Effects of sources and targets, of one matrix or of a stack of matrices."""

    donors: Array
    """(..., sources)."""
    recipients: Array
    """Up to a constant, (..., targets)."""
    slopes: Array
    """How much more than 1 a target responds to a donor, (..., targets)."""
    bends: Array
    """How much it turns at the middle, (..., targets)."""
    middle: Array
    """Donor that slopes and bends do not change, (..., 1)."""
    weights: Array
    """v of the fit, (..., targets)."""

    @property
    def fitted(self) -> Array:
        """Gains without residuals, (..., sources, targets)."""
        return self.recipients[..., None, :] + self.responses(self.donors[..., :, None])

    def responses(self, donors: Array) -> Array:
        """What each target makes of donors (..., sources, 1)."""
        from_middle = donors - self.middle[..., None, :]
        of_targets: Array = donors + self.slopes[..., None, :] * from_middle
        if self.bends.any():
            of_targets += self.bends[..., None, :] * np.abs(from_middle)
        return of_targets


def fitted_effects(known: Array, used: NDArray[np.bool_], rows: Array, columns: Array) -> Effects:
    """Donors and recipients in turn, then slopes; weighted least squares of the cells that are used."""
    donors = np.zeros(rows.shape)
    of_rows = used @ columns[..., :, None]
    of_columns = rows[..., None, :] @ used
    sums_of_rows, sums_of_columns = known @ columns[..., :, None], rows[..., None, :] @ known
    for _ in range(_TURNS):
        # Sums over a row or column of the gains less those of the effects: no matrix of differences is made on the way.
        recipients = (sums_of_columns - (rows * donors)[..., None, :] @ used) / of_columns
        donors = ((sums_of_rows - used @ (recipients[..., 0, :] * columns)[..., :, None]) / of_rows)[..., 0]
    none = np.zeros(columns.shape)
    return Effects(donors, recipients[..., 0, :], none, none, none[..., :1], columns)


def with_slopes(known: Array, used: NDArray[np.bool_], effects: Effects, rows: Array, bends: bool) -> Effects:
    """The effects with slopes, and with bends if asked for; they start from those without."""
    of_rows, of_columns = effects.weights / effects.weights.sum(axis=-1, keepdims=True), rows[..., None, :]
    of_columns = of_columns / of_columns.sum(axis=-1, keepdims=True)
    for _ in range(_FILLS):
        # Without a row's own task its mean is over other targets than that of others, and these respond otherwise.
        filled = np.where(used, known, effects.fitted)
        recipients = of_columns @ filled
        donors = (filled - recipients) @ of_rows[..., :, None]
        middle = of_columns @ donors
        from_middle = donors - middle
        slopes = _along(from_middle, filled - recipients, of_columns, nothing=1.0) - 1
        recipients, turns = recipients - middle, np.zeros(slopes.shape)
        if bends:
            # What slope and recipient leave of the distance from the middle: its turn changes neither of them.
            distances = np.abs(from_middle)
            mean = of_columns @ distances
            share = _along(from_middle, distances - mean, of_columns)
            turns = _along(distances - mean - share * from_middle, filled - recipients, of_columns)
            recipients, slopes = recipients - turns * mean, slopes - turns * share
        effects = Effects(
            donors[..., 0], recipients[..., 0, :], slopes[..., 0, :], turns[..., 0, :], middle[..., 0], effects.weights
        )
    return effects


def _along(direction: Array, values: Array, weights: Array, nothing: float = 0.0) -> Array:
    """Regression coefficient of each column of values (..., sources, n) on a direction (..., sources, 1)."""
    products, squares = weights @ (direction * values), weights @ direction**2
    return np.divide(products, squares, out=np.full(products.shape, nothing), where=squares > NOTHING)
