"""Every property of sources, targets and pairs that is known without scoring anything, with its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SOURCE, TARGET, PAIR = LEVELS = ("source", "target", "pair")


@dataclass(frozen=True)
class Features:
    """Features at their levels; NaN where one is not defined."""

    sources: pd.DataFrame
    """(sources, features)."""
    targets: pd.DataFrame
    """(targets, features)."""
    pairs: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By feature, (sources, targets)."""

    def of(self, level: str) -> Sequence[str]:
        """Names of the features of a level."""
        named = {SOURCE: self.sources, TARGET: self.targets, PAIR: self.pairs}
        return list(named[level])


def known_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Features that are known of something."""
    return frame.loc[:, np.isfinite(frame.to_numpy(float)).any(axis=0)]
