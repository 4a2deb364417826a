"""Whether the likeness of data sets explains transfer: its tables, and what the reader must be told about them."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.columns import SIMILARITIES, SIMILARITY_TESTS, Column, column_names
from crosstask.analysis.quadratic_assignment import SimilarityTest
from crosstask.analysis.similarity import similarities
from crosstask.errors import UserError


@dataclass(frozen=True)
class Surface:
    """What is known of the data sets and adapters of a matrix without scoring anything."""

    profiles: pd.DataFrame
    """Columns ``PROFILES``."""
    adapters: pd.DataFrame
    """Columns ``SIMILARITIES``: likeness of the adapters; often empty."""


@dataclass(frozen=True)
class SimilarityResults:
    """Likeness of sources and targets, and its tests against the gains."""

    pairs: pd.DataFrame
    """Columns ``SIMILARITIES``; empty where nothing is known of the data sets."""
    tests: pd.DataFrame
    """Columns ``SIMILARITY_TESTS``; empty where nothing could be tested."""
    notes: tuple[str, ...]
    """One line for each thing that could not be done."""


def similarity_results(surface: Surface, gains: pd.DataFrame, test: SimilarityTest) -> SimilarityResults:
    """Measure how alike sources and targets are, and test it against the gains.

    Parameters
    ----------
    surface : Surface
        Of those sources and targets, and perhaps of others, which do not count.
    gains : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix.gains`.
    test : SimilarityTest
        How it is tested.

    Returns
    -------
    SimilarityResults
        Sources and targets without a profile are named in the notes and take no part in what needs it.
    """
    profiles = surface.profiles[_named(surface.profiles, gains)]
    if profiles.empty:
        return SimilarityResults(_empty(SIMILARITIES), _empty(SIMILARITY_TESTS), (_NO_PROFILES,))
    notes = [f"no profile of the data of {line}" for line in _lacking(profiles, gains)]
    pairs = pd.concat([similarities(profiles), *([surface.adapters] if len(surface.adapters) else [])])
    pairs = pairs[pairs["source"].isin(gains.index) & pairs["target"].isin(gains.columns)].reset_index(drop=True)
    try:
        tests = test(pairs, gains)
    except UserError as error:
        return SimilarityResults(pairs, _empty(SIMILARITY_TESTS), (*notes, str(error)))
    return SimilarityResults(pairs, tests, tuple(notes))


_NO_PROFILES = (
    "similarity against transfer: no profiles of the data sets are kept with these runs;"
    " the train.py command that made them adds them"
)


def _named(profiles: pd.DataFrame, gains: pd.DataFrame) -> pd.Series:
    """Which rows are about a source or a target of the gains."""
    sources = (profiles["role"] == "source") & profiles["name"].isin(gains.index)
    return sources | ((profiles["role"] == "target") & profiles["name"].isin(gains.columns))


def _lacking(profiles: pd.DataFrame, gains: pd.DataFrame) -> list[str]:
    """One line for the sources and one for the targets without a profile."""
    lines = []
    for role, names in (("source", gains.index), ("target", gains.columns)):
        there = set(profiles.loc[profiles["role"] == role, "name"])
        if absent := [str(name) for name in names if name not in there]:
            lines.append(f"{role} {', '.join(absent)}")
    return lines


def _empty(columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table without rows."""
    return pd.DataFrame(columns=column_names(columns))
