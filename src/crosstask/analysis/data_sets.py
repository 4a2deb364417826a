"""What is known of the data sets and adapters of a matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from crosstask.analysis.matrix.columns import SIMILARITIES
from crosstask.analysis.matrix.data_set_similarity import similarities
from crosstask.analysis.matrix.example_features import KeptFeatures
from crosstask.analysis.schema import column_names


@dataclass(frozen=True)
class DataSets:
    """What is known of the data sets and adapters of a matrix without scoring anything."""

    profiles: pd.DataFrame
    """Columns ``PROFILES``."""
    adapters: pd.DataFrame | None
    """Columns ``SIMILARITIES``: similarity of the adapters; None where it was not computed."""
    notes: tuple[str, ...] = ()
    """What the reader must know of where these come from, one line each."""
    features: KeptFeatures | None = None
    """Features of single examples; None where nothing can be known of them."""
    trainings: Callable[[], pd.DataFrame] | None = None
    """Gives what is known of the trainings, columns ``TRAININGS``, read when it is asked for; None where nothing is."""
    contents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Role and name -> fingerprint of the rows, prompts, answers and labels, where these are known; none of a source
    that was trained on no rows (random_update)."""

    _measured: dict[tuple[frozenset[str], ...], pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def profiles_of(self, gains: pd.DataFrame) -> pd.DataFrame:
        """Columns ``PROFILES``: those of the sources and targets of gains."""
        rows = self.profiles
        sources = (rows["role"] == "source") & rows["name"].isin(gains.index)
        return rows[sources | ((rows["role"] == "target") & rows["name"].isin(gains.columns))]

    def similarities_of(self, gains: pd.DataFrame) -> pd.DataFrame:
        """Columns ``SIMILARITIES``: how similar the data of these look; made once, for several sections."""
        names = frozenset(map(str, gains.index)), frozenset(map(str, gains.columns))
        if names not in self._measured:
            profiles = self.profiles_of(gains)
            nothing = pd.DataFrame(columns=column_names(SIMILARITIES))
            self._measured[names] = nothing if profiles.empty else similarities(profiles)
        return self._measured[names]
