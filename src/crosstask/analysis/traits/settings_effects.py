"""What settings do to all sources alike, such as that one base model is better than another.

Where rows of a matrix are of several settings, a setting that is better on some targets makes a component, which is no
trait of any source. So rows are centered setting by setting: the effect of its setting on that target is removed from
each score. Effects are found by least squares within sources, so that a setting with fewer sources than others is not
taken for worse because those were worse. Where settings share no source, nothing tells one from the other, and the
difference is taken for that of the settings.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ZERO = 1e-9  # of the largest eigenvalue: below it is rounding


@dataclass(frozen=True)
class SettingsEffects:
    """Least-squares effects of settings on every column.

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
        """What settings say of each value; with one setting the mean of its column.

        Parameters
        ----------
        values : array, shape (..., n_rows, n_columns)
            Without gaps.
        """
        found: Array = self.membership @ (self._estimate @ values)
        return found

    def of_other_rows(self, membership: Array, values: Array) -> Array:
        """What the effects found in values say of other rows, of which the shares in each setting are given."""
        found: Array = membership @ (self._estimate @ values)
        return found

    @property
    def count(self) -> int:
        """Degrees of freedom that are taken off every column."""
        return int(self.membership.shape[1])

    @property
    def patterns(self) -> NDArray[np.int_]:
        """Number of each row's setting; a base model's that stands for several has one of its own."""
        found: NDArray[np.int_] = np.unique(self.membership, axis=0, return_inverse=True)[1].ravel()
        return found

    @property
    def count_within(self) -> int:
        """Degrees of freedom of these that are taken off the differences between rows of one source."""
        return self.count - int(self._untold.shape[1])

    @cached_property
    def _estimate(self) -> Array:
        """From a column to the effects of the settings, (n_settings, n_rows)."""
        rows = len(self.membership)
        if self.count == 1:  # nearly always; what follows would come to the same
            return np.full((1, rows), 1 / rows)
        effects = np.linalg.pinv(self._normal, rcond=_ZERO, hermitian=True) @ self._within
        levels = self._untold @ np.linalg.pinv(self.membership @ self._untold)
        estimate: Array = effects + levels @ (np.eye(rows) - self.membership @ effects)
        return estimate

    @cached_property
    def _within(self) -> Array:
        """Membership less its mean over the rows of each source, (n_settings, n_rows)."""
        places = pd.factorize(pd.Series(self.sources))[0]
        shares = (places[:, None] == places).astype(float)
        within: Array = self.membership.T - self.membership.T @ (shares / shares.sum(axis=0))
        return within

    @property
    def _normal(self) -> Array:
        """Matrix of the normal equations of effects within sources."""
        normal: Array = self._within @ self.membership
        return normal

    @cached_property
    def _untold(self) -> Array:
        """Combinations of effects on which rows of one source say nothing, (n_settings, any number)."""
        values, vectors = np.linalg.eigh(self._normal)
        untold: Array = vectors[:, values <= _ZERO * max(values[-1], 1.0)]
        return untold
