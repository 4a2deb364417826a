"""The two-way additive model: a cell is a mean, an effect of its source, an effect of its target and a residual.

Fitted by least squares to the cells that are there, the effects of the sources and those of the targets each summing
to 0 ::

    gain[i, t]  =  mean + donor[i] + recipient[t] + residual[i, t]

Of a full matrix these are Tukey's row and column effects by means: a donor is the mean of its row less the mean of all.
Where cells are missing the normal equations are solved (Searle 1971, "Linear models"). The side with more lines,
thousands of sources perhaps, drops out of them: with P[i, t] the share of a cell in the mean of its line i, 1 over the
number of its cells or 0 where there is none, and g the mean gains of the lines, what a line has on average is ::

    level[i]  =  mean + effect[i]  =  g[i]  -  sum over t of P[i, t] r[t]

and the effects r of the shorter side alone are left, with U the cells that are fitted, n[t] their number ::

    (diag(n) - U' P) r  =  sums of the gains over i  -  U' g
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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
    inverse: Array
    """Pseudoinverse of diag(n) - U' P, (shorter, shorter): (targets, targets) unless there are fewer sources; 0 for
    lines without any cell."""

    def effects(self, gains: Array) -> Array:
        """Mean, donors, recipients of gains (..., sources, targets); shape (..., 1 + sources + targets)."""
        # Everything in the gains' own type: replicates in float32 would otherwise double in memory.
        kind = gains.dtype if np.issubdtype(gains.dtype, np.floating) else np.dtype(float)
        lines = np.where(self.used, gains, np.zeros((), kind))
        lines = lines if self._tall else lines.swapaxes(-1, -2)
        shares, some = self._shares.astype(kind), self._counts > 0
        means = lines.sum(axis=-1) / np.maximum(self._counts, 1).astype(kind)
        shorter = (lines.sum(axis=-2) - means @ self._lines.astype(kind)) @ self.inverse.astype(kind)
        levels = means - shorter @ shares.T
        mean = levels.sum(axis=-1, keepdims=True) / some.sum().astype(kind)
        longer = np.where(some, levels - mean, np.zeros((), kind))
        both = (longer, shorter) if self._tall else (shorter, longer)
        result: Array = np.concatenate([mean, *both], axis=-1)
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
        sources, targets = self.used.shape
        return self.weights(np.ones(1), np.zeros((1, sources)), np.zeros((1, targets)))

    def donor_weights(self, places: slice = slice(None)) -> Array:
        """Donors as weighted sums of the gains, (those at the places, sources, targets).

        Of thousands of sources only some at a time: all would take the square of their number.
        """
        sources, targets = self.used.shape
        rows = np.arange(sources)[places]
        donors = (rows[:, None] == np.arange(sources)).astype(float)
        return self.weights(np.zeros(len(rows)), donors, np.zeros((len(rows), targets)))

    @property
    def recipient_weights(self) -> Array:
        """Each recipient as a weighted sum of the gains, (targets, sources, targets)."""
        sources, targets = self.used.shape
        return self.weights(np.zeros(targets), np.zeros((targets, sources)), np.eye(targets))

    def weights(self, mean: Array, donors: Array, recipients: Array) -> Array:
        """Weighted sums of the effects as weighted sums of the gains; 0 for cells that are not fitted.

        Parameters
        ----------
        mean, donors, recipients : ndarray, shapes (sums,), (sums, sources) and (sums, targets)
            Weights of the effects.

        Returns
        -------
        ndarray, shape (sums, sources, targets)
        """
        longer, shorter = (donors, recipients) if self._tall else (recipients, donors)
        some = self._counts > 0
        # An effect is a level less the mean of all levels, and the mean is that of the levels.
        of_levels = np.where(some, longer, 0.0)
        of_levels = np.where(some, of_levels + ((mean - of_levels.sum(axis=1)) / some.sum())[:, None], 0.0)
        through = (shorter - of_levels @ self._shares) @ self.inverse
        # A gain is in the mean of its own line, and in both sums of which the effects of the shorter side are made.
        of_lines = of_levels / np.maximum(self._counts, 1) - through @ self._shares.T
        found = np.where(self._lines, of_lines[:, :, None] + through[:, None, :], 0.0)
        return found if self._tall else found.swapaxes(1, 2)

    @property
    def leverages(self) -> Array:
        """Weight of each gain in its own fit, (sources, targets); 0 in cells that are not fitted.

        With e_t a unit vector, P_i the shares of a line of the longer side and n_i the number of its cells ::

            1 / n_i  +  (e_t - P_i)' inverse (e_t - P_i)
        """
        through = self._shares @ self.inverse
        found = np.diag(self.inverse) - 2 * through + (through * self._shares).sum(axis=1, keepdims=True)
        found = np.where(self._lines, found + 1 / np.maximum(self._counts, 1)[:, None], 0.0)
        return found if self._tall else found.T

    @property
    def _tall(self) -> bool:
        """Whether the sources are the longer side."""
        return self.used.shape[0] >= self.used.shape[1]

    @property
    def _lines(self) -> NDArray[np.bool_]:
        """U, with the longer side first."""
        return self.used if self._tall else self.used.T

    @cached_property
    def _counts(self) -> NDArray[np.int_]:
        """Cells of each line of the longer side."""
        counts: NDArray[np.int_] = self._lines.sum(axis=1)
        return counts

    @cached_property
    def _shares(self) -> Array:
        """P, (longer, shorter)."""
        return _shares(self._lines)


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
        lines = fitted if rows >= columns else fitted.T
        squares = np.diag(lines.sum(axis=0)) - lines.T @ _shares(lines)
        # The effects sum to 0, which the projection on their mean says. Of full rank if and only if the cells connect
        # all sources with all targets: otherwise a constant could be moved between the donors and the recipients of a
        # part that has no cell in common with the rest.
        constant = np.full(squares.shape, 1 / len(squares))
        if np.linalg.matrix_rank(squares + constant, hermitian=True) == len(squares):
            inverse = np.zeros((min(used.shape),) * 2)
            places = np.flatnonzero(some[1] if rows >= columns else some[0])
            inverse[np.ix_(places, places)] = np.linalg.inv(squares + constant) - constant
            return AdditiveModel(used, inverse)
    raise UserError(
        f"{counted(int(used.sum()), 'gain')} of {counted(rows, 'source')} on {counted(columns, 'target')} do not tell"
        " donors from recipients"
    )


def _shares(lines: NDArray[np.bool_]) -> Array:
    """Share of each cell in the mean of its line, of the same shape; 0 in cells that are not fitted."""
    shares: Array = lines / np.maximum(lines.sum(axis=1, keepdims=True), 1)
    return shares
