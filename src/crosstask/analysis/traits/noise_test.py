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
    bent: Mapping[str, NoiseTest] | None
    """The same where targets have bends besides slopes, which it must pass as well; empty where the matrix is too small
    for bends, None for scores."""
    bends_matter: bool = False
    """Whether components with bends are those to report: fewer are retained of them, or others."""

    @property
    def reported(self) -> Mapping[str, NoiseTest]:
        """The nulls of the components that are reported."""
        return self.bent if self.bends_matter and self.bent else self.nulls

    @property
    def gaussian(self) -> NoiseTest:
        """Against Gaussian noise."""
        return self.reported["gaussian"]

    @property
    def before_bends(self) -> int:
        """Components that every null model leaves where targets have slopes alone."""
        return min(test.retained for test in self.nulls.values())

    @property
    def retained(self) -> int:
        """Components that are retained: as many as are told from noise with bends as well as without."""
        if self.bent is None:
            return self.before_bends
        return min([self.before_bends, *(test.retained for test in self.bent.values())]) if self.bent else 0

    @property
    def p_bends(self) -> pd.Series:
        """The largest p with bends, by component, NaN where not tested; 1 where the matrix is too small for bends."""
        if not self.bent:
            first = self.nulls["gaussian"].tests["component"].iloc[:1]
            return pd.Series(float("nan") if self.bent is None else 1.0, pd.Index(first))
        of_nulls = [test.tests.set_index("component")["p"] for test in self.bent.values()]
        return pd.concat(of_nulls, axis=1).max(axis=1, skipna=False)

    @property
    def first(self) -> tuple[float, float]:
        """What the statistic of PC1 must exceed, without bends and with them; NaN where there are none."""
        found = [
            max((test.first for test in tests.values()), default=np.nan) for tests in (self.nulls, self.bent or {})
        ]
        return found[0], found[1]
