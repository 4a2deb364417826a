"""Every property of sources, targets and pairs that is known without scoring anything, with its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crosstask.analysis.causes.columns import CAUSES_FEATURES
from crosstask.analysis.schema import column_names

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

    def table(self) -> pd.DataFrame:
        """Columns ``CAUSES_FEATURES``: every value that is known."""
        parts = []
        for level, frame in ((SOURCE, self.sources), (TARGET, self.targets)):
            long = frame.rename_axis(index=level, columns="feature").stack().rename("value").reset_index()
            parts.append(long.assign(level=level))
        for name, frame in self.pairs.items():
            long = frame.rename_axis(index=SOURCE, columns=TARGET).stack().rename("value").reset_index()
            parts.append(long.assign(level=PAIR, feature=name))
        parts = [part for part in parts if len(part)]
        if not parts:
            return pd.DataFrame(columns=column_names(CAUSES_FEATURES))
        joined = pd.concat(parts, ignore_index=True).reindex(columns=column_names(CAUSES_FEATURES))
        return joined[joined["value"].notna()].sort_values(["level", "feature"], key=_place, kind="stable")


def _place(column: pd.Series) -> pd.Series:
    """Levels in their order; the features of each in the order in which they come."""
    if column.name == "level":
        return column.map({level: place for place, level in enumerate(LEVELS)})
    return pd.Series(pd.factorize(column)[0], column.index)


def known_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Features that are known of something."""
    return frame.loc[:, np.isfinite(frame.to_numpy(float)).any(axis=0)]
