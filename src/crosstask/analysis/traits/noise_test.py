"""The result of testing components against the null model."""

from dataclasses import dataclass

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
