"""The weighted fit that `even_residuals` takes off: donors, recipients, and how each target responds to a donor."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

NOTHING = 1e-200
"""Squared spread of the columns where nothing is left of any cell."""
_TURNS, _FILLS = 8, 5
"""Rounds in which donors and recipients are found in turn, and cells are filled."""
_CELLS, _SOURCES = (300, 600, 1200), 10
"""Cells from which on there is a turn more, and sources that each takes."""
_RIDGE = 1e-9
"""Share of the variance of the directions that is added to that of each."""


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
    """How much it turns at each of the knots, (..., knots, targets)."""
    knots: Array
    """Donors at which targets may turn, (..., knots); none without bends."""
    middle: Array
    """Donor that slopes do not change, (..., 1)."""
    weights: Array
    """v of the fit, (..., targets)."""

    @property
    def fitted(self) -> Array:
        """Gains without residuals, (..., sources, targets)."""
        return self.recipients[..., None, :] + self.responses(self.donors[..., :, None])

    def among(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> "Effects":
        """The same with further sources and targets, those that are False, whose effects and weights are 0."""
        return replace(
            self,
            donors=placed(self.donors, rows),
            **{name: placed(getattr(self, name), columns) for name in ("recipients", "slopes", "bends", "weights")},
        )

    def responses(self, donors: Array) -> Array:
        """What each target makes of donors (..., sources, 1)."""
        of_targets: Array = donors + self.slopes[..., None, :] * (donors - self.middle[..., None, :])
        if self.knots.shape[-1]:
            of_targets += np.abs(donors - self.knots[..., None, :]) @ self.bends
        return of_targets

    @property
    def steepness(self) -> Array:
        """How much each target moves with the donor of a source, (..., sources, targets)."""
        sides = np.sign(self.donors[..., :, None] - self.knots[..., None, :])
        steepness: Array = 1 + self.slopes[..., None, :] + sides @ self.bends
        return steepness


def placed(values: Array, there: NDArray[np.bool_], otherwise: float = 0.0) -> Array:
    """Values along the last axis at the places that are there, and another one elsewhere."""
    found = np.full((*values.shape[:-1], len(there)), otherwise)
    found[..., there] = values
    return found


def turns(sources: int, targets: int) -> int:
    """At how many donors each target may turn where bends are asked about: 1, in larger matrices up to 4.

    Targets that saturate at donors of their own are followed by several turns, not by one at the middle of all. Each
    takes a dimension of the sources, which costs power where these are few (``docs/statistics/traits.md``).

    Examples
    --------
    >>> turns(20, 10), turns(20, 15), turns(30, 10), turns(15, 40), turns(60, 40)
    (1, 2, 2, 1, 4)
    """
    by_size = 1 + sum(sources * targets >= cells for cells in _CELLS)
    return max(1, min(by_size, sources // _SOURCES))


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
    return Effects(
        donors,
        recipients[..., 0, :],
        none,
        none[..., :0, None] * none[..., None, :],
        none[..., :0],
        none[..., :1],
        columns,
    )


def with_slopes(known: Array, used: NDArray[np.bool_], effects: Effects, rows: Array, bends: int) -> Effects:
    """The effects with slopes, and with so many bends; they start from those without."""
    of_rows, of_columns = effects.weights / effects.weights.sum(axis=-1, keepdims=True), rows[..., None, :]
    of_columns = of_columns / of_columns.sum(axis=-1, keepdims=True)
    for _ in range(_FILLS):
        # Without a row's own task its mean is over other targets than that of others, and these respond otherwise.
        filled = np.where(used, known, effects.fitted)
        recipients = of_columns @ filled
        donors = (filled - recipients) @ of_rows[..., :, None]
        middle = of_columns @ donors
        knots = _knots(donors[..., 0], middle[..., 0], bends)
        directions = np.concatenate([donors, np.abs(donors - knots[..., None, :])], axis=-1)
        means = of_columns @ directions
        found = _along(directions - means, filled - recipients, of_columns)
        # In terms of the distances themselves, not of what is over their means.
        effects = Effects(
            donors=donors[..., 0],
            recipients=(recipients - middle - means[..., 1:] @ found[..., 1:, :])[..., 0, :],
            slopes=found[..., 0, :] - 1,
            bends=found[..., 1:, :],
            knots=knots,
            middle=middle[..., 0],
            weights=effects.weights,
        )
    return effects


def _knots(donors: Array, middle: Array, bends: int) -> Array:
    """Where targets may turn: nowhere, at the middle (..., 1), or at donors that part them evenly, (..., bends)."""
    if bends < 2:
        return middle[..., :bends]
    knots: Array = np.moveaxis(np.quantile(donors, np.arange(1, bends + 1) / (bends + 1), axis=-1), 0, -1)
    return knots


def _along(directions: Array, values: Array, weights: Array) -> Array:
    """Regression coefficients of each column of values (..., sources, n) on directions (..., sources, m), (..., m, n).

    Where nothing varies along the first it has 1 and the others 0.
    """
    across = np.swapaxes(directions, -1, -2) * weights
    squares: Array = across @ directions
    lengths = np.trace(squares, axis1=-2, axis2=-1)[..., None, None]
    some, one = lengths > NOTHING, np.eye(directions.shape[-1])
    # A little is added to several: sources of which none lies beyond a knot leave nothing to tell its turn from the
    # slope.
    ridge = _RIDGE if len(one) > 1 else 0.0
    squares = np.where(some, squares + ridge * lengths * one, one)
    products = np.where(some, across @ values, one[:, :1])
    return np.asarray(np.linalg.solve(squares, products), dtype=np.float64)
