"""The two-way additive model: a cell is a mean, an effect of its source, an effect of its target and a residual.

Fitted by least squares to the cells that are there, the effects of the sources and those of the targets each summing
to 0 ::

    gain[i, t]  =  mean + donor[i] + recipient[t] + residual[i, t]

Of a full matrix these are Tukey's row and column effects by means: a donor is the mean of its row less the mean of all.
Where cells are missing the normal equations are solved (Searle 1971, "Linear models").
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.wording import counted
from crosstask.errors import UserError


@dataclass(frozen=True)
class AdditiveModel:
    """The least-squares fit of one shape of matrix: it depends on which cells there are, not on their values."""

    used: NDArray[np.bool_]
    """Which cells are fitted, (sources, targets)."""
    solution: Array
    """(1 + sources + targets, the same): mean, donors and recipients from the total of the cells fitted, the sums of
    their rows and those of their columns: the normal equations solved."""

    def effects(self, gains: Array) -> Array:
        """Mean, donors, recipients of gains (..., sources, targets); shape (..., 1 + sources + targets)."""
        # Zeros of the gains' own type, and the solution too: replicates in float32 would otherwise double in memory.
        fitted = np.where(self.used, gains, np.zeros((), gains.dtype))
        of_rows, of_columns = fitted.sum(axis=-1), fitted.sum(axis=-2)
        sums = np.concatenate([of_rows.sum(axis=-1, keepdims=True), of_rows, of_columns], axis=-1)
        result: Array = sums @ self.solution.T.astype(gains.dtype)
        return result

    def fitted(self, effects: Array) -> Array:
        """Mean + donor + recipient of every cell, also of those left out; shape (..., sources, targets)."""
        sources = self.used.shape[0]
        donors, recipients = effects[..., 1 : 1 + sources], effects[..., 1 + sources :]
        fit: Array = effects[..., :1, None] + donors[..., :, None] + recipients[..., None, :]
        return fit

    def left(self, gains: Array) -> Array:
        """What the effects leave of gains, (..., sources, targets); 0 in cells that are not fitted."""
        rest: Array = np.where(self.used, gains - self.fitted(self.effects(gains)), 0.0)
        return rest

    @property
    def mean_weights(self) -> Array:
        """The mean as a weighted sum of the gains, (1, sources, targets)."""
        return self._weights(self.solution[:1])

    @property
    def donor_weights(self) -> Array:
        """Each donor as a weighted sum of the gains, (sources, sources, targets)."""
        return self._weights(self.solution[1 : 1 + len(self.used)])

    @property
    def recipient_weights(self) -> Array:
        """Each recipient as a weighted sum of the gains, (targets, sources, targets)."""
        return self._weights(self.solution[1 + len(self.used) :])

    def _weights(self, solution: Array) -> Array:
        """Rows of the solution as weights of the single gains; 0 for cells that are not fitted."""
        # A gain is in three of the sums that an effect is made of: the total, its row's and its column's. Its weight is
        # the sum of the three entries, which is what `fitted` adds up.
        return np.where(self.used, self.fitted(solution), 0)


@dataclass(frozen=True)
class EffectNoise:
    """What noise adds to the sums of squares of an additive model."""

    model: AdditiveModel
    squares: Mapping[str, float]
    """Of ``donors``, ``recipients`` and residuals (``interaction``), over the cells fitted: sums of their variances."""
    donor_errors: Array
    """Standard error of each donor, (n_sources,)."""
    residual_errors: Array
    """Standard error of each residual, (n_sources, n_targets)."""
    df: float
    """Degrees of freedom between seeds that these are estimated with, of all sources; infinite with one seed each."""


def additive_model(used: NDArray[np.bool_]) -> AdditiveModel:
    """The fit to the cells that are True.

    With X the indicators of mean, sources and targets of each cell, and E the matrix that makes all effects from the
    free ones, the effects are ::

        E (E' X'X E)^-1 E'  X' gains

    of which all before X' is the solution and X' gains are the sums of all cells, of the rows and of the columns.

    Parameters
    ----------
    used : ndarray of bool, shape (sources, targets)
        Which cells are fitted.

    A source or target without any cell takes no part, and its effect is given as 0.

    Raises
    ------
    UserError
        If donors and recipients cannot be told apart from these cells.

    Examples
    --------
    >>> model = additive_model(np.ones((2, 2), bool))
    >>> model.effects(np.array([[5.0, 3.0], [1.0, -1.0]])).tolist()
    [2.0, 2.0, -2.0, 1.0, -1.0]
    """
    (rows, columns), some = used.shape, (used.any(axis=1), used.any(axis=0))
    fitted = used[np.ix_(*some)]
    if min(fitted.shape) > 1:
        expand = _sum_to_zero(*fitted.shape)
        # X'X itself is singular: the indicators of all sources sum to that of the mean, and those of all targets too.
        squares = expand.T @ _cells_in_common(fitted) @ expand
        # Of full rank if and only if the cells connect all sources with all targets: otherwise a constant could be
        # moved between the donors and the recipients of a part that has no cell in common with the rest.
        if np.linalg.matrix_rank(squares, hermitian=True) == len(squares):
            solution = np.zeros((1 + rows + columns,) * 2)
            places = np.flatnonzero(np.concatenate([[True], *some]))
            solution[np.ix_(places, places)] = expand @ np.linalg.solve(squares, expand.T)
            return AdditiveModel(used, solution)
    raise UserError(
        f"{counted(int(used.sum()), 'gain')} of {counted(rows, 'source')} on {counted(columns, 'target')} do not tell"
        " donors from recipients"
    )


def _cells_in_common(used: NDArray[np.bool_]) -> Array:
    """X'X: how many cells the mean, a donor or a recipient has in common with each of the others."""
    of_rows, of_columns, cells = used.sum(axis=1), used.sum(axis=0), used.astype(float)
    return np.block(
        [
            [cells.sum(keepdims=True), of_rows[None], of_columns[None]],
            [of_rows[:, None], np.diag(of_rows), cells],
            [of_columns[:, None], cells.T, np.diag(of_columns)],
        ]
    )


def _sum_to_zero(rows: int, columns: int) -> Array:
    """E: all effects from the free ones; the last donor and the last recipient are minus the sum of the others."""
    expand = np.zeros((1 + rows + columns, rows + columns - 1))
    expand[0, 0] = 1
    expand[1:rows, 1:rows], expand[rows, 1:rows] = np.eye(rows - 1), -1
    expand[1 + rows : rows + columns, rows:], expand[rows + columns, rows:] = np.eye(columns - 1), -1
    return expand
