"""What settings do to all sources equally, such as that one base model is better than another.

Where rows of a matrix are of several settings, a setting that is better on some targets makes a component, which is no
trait of any source. So rows are centered within settings: from each score the main effect of its setting on that target
is subtracted. Effects are found by least squares within sources, so that a setting with fewer sources than others is
not taken for worse because those were worse. Where settings share no source, nothing separates the one from the other,
and the difference is attributed to the settings.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ZERO = 1e-9  # of the largest eigenvalue: a smaller one is rounding


@dataclass(frozen=True)
class SettingsEffects:
    """Least-squares effects of settings on every column.

    Each column y is modeled as a level of each row's source and an effect b of each setting, M being the membership of
    rows in settings. With P, which takes the mean over the rows of each source, and N, an orthonormal basis of the
    combinations of effects on which differences within sources say nothing (the null space of M' (I - P) M) ::

        within sources:  b0  =  (M' (I - P) M)^+  M' (I - P) y
        the rest:        b   =  b0 + N (M N)^+ (y - M b0)

    The first line is least squares with a dummy variable per source (Frisch and Waugh 1933, "Partial time regressions
    as compared with individual trends", doi:10.2307/1907330); the second gives what it leaves open to the settings,
    by least squares over all rows. M b is what is subtracted. The level common to all settings is always among what is
    left open, so what remains of each column sums to 0.

    Examples
    --------
    Of the second setting there is only the better source; its effect is 1, not 2.

    >>> effects = SettingsEffects(("a", "b", "b"), np.array([[1.0, 0], [1, 0], [0, 1]]))
    >>> values = np.array([[0.0], [2], [3]])
    >>> (values - effects.fitted(values)).ravel().round(2)
    array([-1.33,  0.67,  0.67])
    """

    sources: tuple[str, ...]
    """Source of each row."""
    membership: Array
    """Share of each row in each setting, (n_rows, n_settings); a base model stands for all that agree with its own."""

    def fitted(self, values: Array) -> Array:
        """M b: what settings predict of each value; with one setting the mean of its column.

        Parameters
        ----------
        values : array, shape (..., n_rows, n_columns)
            Without gaps.
        """
        found: Array = self.membership @ (self._estimate @ values)
        return found

    def of_other_rows(self, membership: Array, values: Array) -> Array:
        """What the effects found in values predict of other rows, whose shares in each setting are given."""
        found: Array = membership @ (self._estimate @ values)
        return found

    @property
    def count(self) -> int:
        """Degrees of freedom that are taken from every column."""
        return int(self.membership.shape[1])

    @property
    def patterns(self) -> NDArray[np.int_]:
        """Number of each row's setting; a base model's that stands for several has one of its own."""
        found: NDArray[np.int_] = np.unique(self.membership, axis=0, return_inverse=True)[1].ravel()
        return found

    @property
    def count_within(self) -> int:
        """Degrees of freedom of these that are taken from the differences between rows of one source."""
        return self.count - int(self._undetermined.shape[1])

    @cached_property
    def _estimate(self) -> Array:
        """From a column y to the effects b, (n_settings, n_rows)."""
        rows = len(self.membership)
        if self.count == 1:  # nearly always; what follows would come to the same
            return np.full((1, rows), 1 / rows)
        effects = np.linalg.pinv(self._normal, rcond=_ZERO, hermitian=True) @ self._within
        levels = self._undetermined @ np.linalg.pinv(self.membership @ self._undetermined)
        estimate: Array = effects + levels - (levels @ self.membership) @ effects
        return estimate

    @cached_property
    def _within(self) -> Array:
        """M' (I - P): membership less its mean over the rows of each source, (n_settings, n_rows)."""
        membership = pd.DataFrame(self.membership)
        within: Array = (
            (membership - membership.groupby(np.array(self.sources, dtype=object)).transform("mean")).to_numpy(float).T
        )
        return within

    @property
    def _normal(self) -> Array:
        """M' (I - P) M, the normal equations of effects within sources; I - P is its own square."""
        normal: Array = self._within @ self.membership
        return normal

    @cached_property
    def _undetermined(self) -> Array:
        """N: combinations of effects on which rows of one source say nothing, (n_settings, any number)."""
        values, vectors = np.linalg.eigh(self._normal)
        # A membership has entries up to 1: where no source has two settings, all eigenvalues are rounding.
        undetermined: Array = vectors[:, values <= _ZERO * max(values[-1], 1.0)]
        return undetermined
