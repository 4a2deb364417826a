"""The result of testing components against the null models."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class NoiseTest:
    """What noise explains, and which components explain more."""

    null: pd.DataFrame
    """Null model of the same shape: ``component``; ``mean``, ``p05``, ``p95`` of the explained variance ratio (0 to 1)
    over draws, and the same of its running sum as ``cumulative_mean``, ``cumulative_p05``, ``cumulative_p95``."""
    tests: pd.DataFrame
    """``component``; ``threshold``, the explained variance ratio it must exceed, given that the components before it
    are real; ``p``, how often noise reaches what it explains. NaN after the first that is not retained."""
    draws: int
    """Matrices of the null model per component."""
    first: float = float("nan")
    """What the statistic of the first component must exceed."""
    level: float = 0.05
    """A component is retained if its p value is at most this."""

    @property
    def retained(self) -> int:
        """Components distinguishable from noise, from the first on."""
        # The running product is 1 until the first that is not; those after it have not been tested (NaN <= is False).
        return int((self.tests["p"] <= self.level).cumprod().sum())

    @property
    def retained_at_once(self) -> int:
        """Components above the 95th percentile of the null model, from the first on: Horn's classic rule."""
        return int((self.tests["explained_variance_ratio"] > self.null["p95"]).cumprod().sum())


@dataclass(frozen=True)
class ComponentTests:
    """What decides how many components are retained."""

    nulls: Mapping[str, NoiseTest]
    """As from `noise_tests`; a component must pass all of them."""
    bent: Mapping[str, NoiseTest]
    """The same of PC1 where targets have bends besides slopes; there are none of scores."""
    bends_p: float | None
    """The largest p of these; 1 where the matrix is too small for bends, None for scores."""

    @property
    def gaussian(self) -> NoiseTest:
        """Against Gaussian noise."""
        return self.nulls["gaussian"]

    @property
    def before_bends(self) -> int:
        """Components that every null model leaves."""
        return min(test.retained for test in self.nulls.values())

    @property
    def retained(self) -> int:
        """Components that are retained: none where PC1 may be a bend."""
        return self.before_bends if self.bends_p is None or self.bends_p <= self.gaussian.level else 0

    @property
    def first(self) -> tuple[float, float]:
        """What the statistic of PC1 must exceed, without bends and with them; NaN where there are none."""
        found = [max((test.first for test in tests.values()), default=np.nan) for tests in (self.nulls, self.bent)]
        return found[0], found[1]
