"""What is particular to pairs of a matrix, with the rows and the columns at one spread.

Sources move by different amounts and so do targets: what a single violent adapter does to all targets would decide
every mean and every correlation of residuals. So each residual is divided by the spread of its row and of its column,
which leaves the rank of the matrix as it is. Nor do all targets respond alike to a source that helps or harms
everything: one whose scores are near 0 or 1 hardly can, and donor and recipient alone would leave minus the donor of
it. So each target has a slope, and on request a bend. With weights w of the rows and v of the columns ::

    gain[i, t]       =  donor[i] + recipient[t] + slope[t] (donor[i] - middle) + bends + residual
    bends            =  sum over knots k of  bend[k, t] |donor[i] - k|
    residual[i, t]   =  r[i] c[t] z[i, t]           mean of z^2 = 1 in each row and in each column
    w[i]             =  (J + d) / (J r[i]^2 + d),       v[t]  =  1 / c[t]^2,       geometric mean of r = 1

Donors and recipients are weighted means of rows and columns, as w[i] v[t] has it, and slopes are fitted by weighted
least squares to what these leave, the middle being the mean of the donors (rows-linear model: Mandel 1961, "Non-
additivity in two-way analysis of variance", doi:10.1080/01621459.1961.10482132); cells that are not used are filled
with what the fit says of them until little changes. A bend is for targets near a ceiling or a floor, where sources that
help and sources that harm do not move the score along one line; its knot is the middle, of two they part the donors in
thirds. First with equal weights and without slopes, then once
more with the weights that follow, or more often where some targets are far quieter than others (`rounds_needed`).
Without weights what a violent source does would, through the effects of the targets, be taken off all other sources,
and of quiet ones it would be most of what is left. A row of J cells says little of its own spread; d = 8 cells of the
middle spread are added, so that no source is believed to be certain.
"""

from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.response_fit import NOTHING, Effects, fitted_effects, placed, with_slopes
from crosstask.analysis.statistics.variance_parts import Array

_ADDED = 8
"""d: cells of the middle spread that are added to those of a row."""
ROUNDS, MORE_ROUNDS = 2, 7
"""How often effects are fitted, and how often where some targets are far quieter than others (`rounds_needed`)."""
_QUIET = 5
"""How many times smaller than the middle the smallest spread of a column is then."""
_FEWEST = 6
"""Rows and columns from which on this is more than chance: of five targets one is so quiet in a third of matrices."""
_BALANCE = 15
"""Rounds in which row and column spreads are found in turn."""
_AT_ONCE = 400_000
"""Cells of the matrices of a stack that are worked on at a time."""
_LEAST = 1e-12
"""Share of the largest spread, squared, below which one counts as that share: a row may be all zeros."""


class Fit(TypedDict, total=False):
    """How gains are fitted, as of `even_residuals`."""

    even_rows: bool
    slopes: bool
    rounds: int
    bends: int


@dataclass(frozen=True)
class EvenResiduals:
    """Residuals at one spread, of one matrix or of a stack of matrices with the same cells."""

    values: Array
    """z, (..., sources, targets); 0 for cells that are not used."""
    rows: Array
    """r, (..., sources)."""
    columns: Array
    """c, (..., targets)."""
    effects: Effects
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

    def among(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> "EvenResiduals":
        """The same with further rows and columns, those that are False, which take no part."""
        return EvenResiduals(
            placed(placed(self.values, columns).swapaxes(-1, -2), rows).swapaxes(-1, -2),
            placed(self.rows, rows, 1.0),
            placed(self.columns, columns, 1.0),
            self.effects.among(rows, columns),
        )

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
    bends: int = 0,
) -> EvenResiduals:
    """Return the residuals of the weighted additive model with rows and columns at one spread.

    Parameters
    ----------
    gains : ndarray, shape (..., sources, targets)
        One matrix or many.
    used : ndarray of bool, shape (sources, targets)
        Cells that take part; those of the others do not matter. Donors and recipients must be told apart by them
        (`additive_model`). As there, a source or target without any takes no part: its effects are 0, its spread 1.
    even_rows : bool
        Whether rows are brought to one spread as well, or columns alone (all r are 1).
    slopes : bool
        Whether targets have slopes; without them donors of any size change nothing.
    rounds : int
        How often effects are fitted, at first with equal weights.
    bends : int
        At how many donors each target may turn: 1 at the middle, more at donors that part them evenly.

    Examples
    --------
    >>> donors, responses = np.array([1.0, 2.0, 4.0, 6.0]), np.array([0.5, 1.0, 1.5])
    >>> nothing_else = even_residuals(np.outer(donors, responses), np.ones((4, 3), bool))
    >>> bool(np.abs(nothing_else.values * nothing_else.spreads).max() < 1e-9)
    True
    """
    counts, of_targets = used.sum(axis=1), used.sum(axis=0)
    if not (counts.all() and of_targets.all()):
        sources, targets = counts > 0, of_targets > 0
        part, there = gains[..., sources, :][..., targets], used[sources][:, targets]
        return even_residuals(part, there, even_rows, slopes, rounds, bends).among(sources, targets)
    known = np.where(used, gains, 0.0)
    rows, columns = np.ones(gains.shape[:-1]), np.ones((*gains.shape[:-2], gains.shape[-1]))
    for number in range(rounds):
        effects = fitted_effects(known, used, 1 / rows, 1 / columns)
        # Only with weights: of equal ones a violent source would decide all slopes, and what it does would be little.
        if slopes and number == rounds - 1:
            effects = with_slopes(known, used, effects, 1 / rows, bends)
        left = np.where(used, known - effects.fitted, 0.0)
        of_rows, columns = _squared_spreads(left**2, used, even_rows)
        columns = np.maximum(columns, NOTHING)
        rows = (counts * of_rows + _ADDED) / (counts + _ADDED)
    found = EvenResiduals(np.zeros(left.shape), np.sqrt(of_rows), np.sqrt(columns), effects)
    # Where nothing is left of any cell there is no spread either.
    return replace(found, values=np.divide(left, found.spreads, out=found.values, where=found.spreads > 0))


def residuals_of_many(gains: Array, used: NDArray[np.bool_], **fit: Unpack[Fit]) -> Array:
    """Return the values of `even_residuals` of a stack of matrices, (matrices, sources, targets).

    As many at a time as stay in a processor's cache: of large matrices that takes half of the time.
    """
    at_once = max(1, _AT_ONCE // used.size)
    parts = [gains[start : start + at_once] for start in range(0, len(gains), at_once)]
    return np.concatenate([even_residuals(part, used, **fit).values for part in parts])


def rounds_needed(gains: Array, used: NDArray[np.bool_], even_rows: bool = True) -> int:
    """How often effects of one matrix (sources, targets) must be fitted.

    Of targets on which pairs hardly differ, the first rounds see little but the errors that donors have by the others,
    and that is common to all such targets: it would be a component. Each round with their own weights leaves less of
    it. In other matrices more rounds would only make the target that is quietest by chance decide all donors.
    """
    if min(used.shape) < _FEWEST:
        return ROUNDS
    columns = even_residuals(gains, used, even_rows, slopes=False).columns[used.any(axis=0)]
    return MORE_ROUNDS if np.median(columns) > _QUIET * columns.min() else ROUNDS


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
