"""Features as a table: a row for each value."""

import pandas as pd

from crosstask.analysis.causes.columns import CAUSES_FEATURES
from crosstask.analysis.causes.features import LEVELS, PAIR, SOURCE, TARGET, Features
from crosstask.analysis.schema import column_names


def feature_table(features: Features) -> pd.DataFrame:
    """Columns ``CAUSES_FEATURES``: every value that is known."""
    parts = []
    for level, frame in ((SOURCE, features.sources), (TARGET, features.targets)):
        long = frame.rename_axis(index=level, columns="feature").stack().rename("value").reset_index()
        parts.append(long.assign(level=level))
    for name, frame in features.pairs.items():
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
