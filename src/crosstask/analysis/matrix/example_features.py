"""Features of the single examples of data sets: lengths, parts of speech, dependency relations and the like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PER = 100
"""Counts are given for so many words or tokens."""


@dataclass(frozen=True)
class ExampleFeatures:
    """Features of the examples of one data set."""

    examples: NDArray[np.object_]
    """Identifiers of the examples, shape (n,)."""
    documents: NDArray[np.intp]
    """Number of the document that each is about, such as a passage with several questions; shape (n,)."""
    values: pd.DataFrame
    """A column per feature, n rows: counts, or other numbers; NaN where a feature is not defined."""
    of: Mapping[str, str] = field(default_factory=dict)
    """Feature that is a count -> feature with the number that it is a part of, such as words."""
    f1: Mapping[str, float] = field(default_factory=dict)
    """Feature -> F1 of the parser that found it, on its authors' test data, 0 to 1; as far as known."""
    by: Mapping[str, str] = field(default_factory=dict)
    """Feature -> name and version of what measured it."""

    def rates(self) -> pd.DataFrame:
        """The features with counts as rates per 100 of what they are a part of; NaN where there is nothing of it."""
        counts = [name for name in self.values if name in self.of]
        totals = self.values[[self.of[name] for name in counts]].to_numpy(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = PER * self.values[counts].to_numpy(float) / totals
        found = self.values.astype(float)
        found[counts] = np.where(totals > 0, rates, np.nan)
        return found

    def unit(self, feature: str) -> str:
        """What `rates` counts a feature in; empty for what is no count of a larger number."""
        return f"per {PER} {self.of[feature].replace('_', ' ')}" if feature in self.of else ""


@dataclass(frozen=True)
class KeptFeatures:
    """Features of the data sets of a matrix, read one by one."""

    names: tuple[tuple[str, str], ...]
    """Role (source, target) and name of every data set that has some."""
    read: Callable[[str, str], ExampleFeatures | None]
    """From role and name to the features; None where they cannot be read."""
