"""What is particular to pairs of a matrix, with the rows and the columns at one spread.

Sources move by different amounts and so do targets: what a single violent adapter does to all targets would decide
every mean and every correlation of residuals. So each residual is divided by the spread of its row and of its column,
which leaves the rank of the matrix as it is. Nor do all targets respond alike to a source that helps or harms
everything: one whose scores are near 0 or 1 hardly can, and donor and recipient alone would leave minus the donor of
it. So each target has a slope, and on request a bend. With weights w of the rows and v of the columns ::

    gain[i, t]       =  donor[i] + recipient[t] + slope[t] (donor[i] - middle) + bend[t] |donor[i] - middle| + residual
    residual[i, t]   =  r[i] c[t] z[i, t]           mean of z^2 = 1 in each row and in each column
    w[i]             =  (J + d) / (J r[i]^2 + d),       v[t]  =  1 / c[t]^2,       geometric mean of r = 1

Donors and recipients are weighted means of rows and columns, as w[i] v[t] has it, and slopes are fitted by weighted
least squares to what these leave, the middle being the mean of the donors (rows-linear model: Mandel 1961, "Non-
additivity in two-way analysis of variance", doi:10.1080/01621459.1961.10482132); cells that are not used are filled
with what the fit says of them until little changes. A bend is for targets near a ceiling or a floor, where sources that
help and sources that harm do not move the score along one line. First with equal weights and without slopes, then once
more with the weights that follow, or more often where some targets are far quieter than others (`rounds_needed`).
Without weights what a violent source does would, through the effects of the targets, be taken off all other sources,
and of quiet ones it would be most of what is left. A row of J cells says little of its own spread; d = 8 cells of the
middle spread are added, so that no source is believed to be certain.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

_ADDED = 8
"""d: cells of the middle spread that are added to those of a row."""
ROUNDS, MORE_ROUNDS = 2, 7
"""How often effects are fitted, and how often where some targets are far quieter than others (`rounds_needed`)."""
_QUIET = 5
"""How many times smaller than the middle the smallest spread of a column is then."""
_FEWEST = 6
"""Rows and columns from which on this is more than chance: of five targets one is so quiet in a third of matrices."""
_TURNS, _BALANCE, _FILLS = 8, 15, 5
"""Rounds in which donors and recipients, and row and column spreads, are found in turn, and cells are filled."""
_AT_ONCE = 400_000
"""Cells of the matrices of a stack that are worked on at a time."""
_NOTHING = 1e-200
"""Squared spread of the columns where nothing is left of any cell."""
_LEAST = 1e-12
"""Share of the largest spread, squared, below which one counts as that share: a row may be all zeros."""


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


@dataclass(frozen=True)
class EvenResiduals:
    """Residuals at one spread, of one matrix or of a stack of matrices with the same cells."""

    values: Array
    """z, (..., sources, targets); 0 for cells that are not used."""
    rows: Array
    """r, (..., sources)."""
    columns: Array
    """c, (..., targets)."""
    effects: "Effects"
    """What was taken off."""

    def of_other_rows(self, gains: Array) -> Array:
        """Residuals, in the spread of the columns, of rows (..., others, targets) that the model was not fitted to.

        Each with a donor of its own; a row is taken to be of the middle spread. 0 where a gain is NaN.
        """
        effects = self.effects
        left = gains - effects.recipients[..., None, :]
        weights = np.where(np.isnan(left), 0.0, effects.weights[..., None, :])
        donors = (np.nan_to_num(left) * weights).sum(axis=-1, keepdims=True) / weights.sum(axis=-1, keepdims=True)
        left = left - effects.responses(donors)
        others: Array = np.where(weights > 0, left, 0.0) / self.columns[..., None, :]
        return others

    @property
    def spreads(self) -> Array:
        """R c of every cell, (..., sources, targets)."""
        spreads: Array = self.rows[..., :, None] * self.columns[..., None, :]
        return spreads


def even_residuals(
    gains: Array,
    used: NDArray[np.bool_],
    even_rows: bool = True,
    slopes: bool = True,
    rounds: int = ROUNDS,
    bends: bool = False,
) -> EvenResiduals:
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
    slopes : bool
        Whether targets have slopes; without them donors of any size change nothing.
    rounds : int
        How often effects are fitted, at first with equal weights.
    bends : bool
        Whether targets have bends besides slopes.

    Examples
    --------
    >>> donors, responses = np.array([1.0, 2.0, 4.0, 6.0]), np.array([0.5, 1.0, 1.5])
    >>> nothing_else = even_residuals(np.outer(donors, responses), np.ones((4, 3), bool))
    >>> bool(np.abs(nothing_else.values * nothing_else.spreads).max() < 1e-9)
    True
    """
    counts = used.sum(axis=1)
    known = np.where(used, gains, 0.0)
    rows, columns = np.ones(gains.shape[:-1]), np.ones((*gains.shape[:-2], gains.shape[-1]))
    for number in range(rounds):
        effects = _effects(known, used, 1 / rows, 1 / columns)
        # Only with weights: of equal ones a violent source would decide all slopes, and what it does would be little.
        if slopes and number == rounds - 1:
            effects = _with_slopes(known, used, effects, 1 / rows, bends)
        left = np.where(used, known - effects.fitted, 0.0)
        of_rows, columns = _squared_spreads(left**2, used, even_rows)
        columns = np.maximum(columns, _NOTHING)
        rows = (counts * of_rows + _ADDED) / (counts + _ADDED)
    found = EvenResiduals(np.zeros(left.shape), np.sqrt(of_rows), np.sqrt(columns), effects)
    # Where nothing is left of any cell there is no spread either.
    return replace(found, values=np.divide(left, found.spreads, out=found.values, where=found.spreads > 0))


def residuals_of_many(
    gains: Array,
    used: NDArray[np.bool_],
    even_rows: bool = True,
    slopes: bool = True,
    rounds: int = ROUNDS,
    bends: bool = False,
) -> Array:
    """Return the values of `even_residuals` of a stack of matrices, (matrices, sources, targets).

    As many at a time as stay in a processor's cache: of large matrices that takes half of the time.
    """
    at_once = max(1, _AT_ONCE // used.size)
    parts = [gains[start : start + at_once] for start in range(0, len(gains), at_once)]
    return np.concatenate([even_residuals(part, used, even_rows, slopes, rounds, bends).values for part in parts])


def rounds_needed(gains: Array, used: NDArray[np.bool_], even_rows: bool = True) -> int:
    """How often effects of one matrix (sources, targets) must be fitted.

    Of targets on which pairs hardly differ, the first rounds see little but the errors that donors have by the others,
    and that is common to all such targets: it would be a component. Each round with their own weights leaves less of
    it. In other matrices more rounds would only make the target that is quietest by chance decide all donors.
    """
    if min(used.shape) < _FEWEST:
        return ROUNDS
    columns = even_residuals(gains, used, even_rows, slopes=False).columns
    return MORE_ROUNDS if np.median(columns) > _QUIET * columns.min() else ROUNDS


def _effects(known: Array, used: NDArray[np.bool_], rows: Array, columns: Array) -> Effects:
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


def _with_slopes(known: Array, used: NDArray[np.bool_], effects: Effects, rows: Array, bends: bool) -> Effects:
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
    return np.divide(products, squares, out=np.full(products.shape, nothing), where=squares > _NOTHING)


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
