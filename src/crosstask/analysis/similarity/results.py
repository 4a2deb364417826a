"""Whether the similarity of data sets explains transfer: its tables, and what the reader must be told about them."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.columns import SIMILARITIES
from crosstask.analysis.schema import Column, column_names
from crosstask.analysis.similarity.columns import SIMILARITY_TESTS
from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from crosstask.analysis.wording import listed
from crosstask.errors import UserError


@dataclass(frozen=True)
class SimilarityResults:
    """Similarity of sources and targets, and its tests against the gains."""

    pairs: pd.DataFrame
    """Columns ``SIMILARITIES``; empty where nothing is known of the data sets."""
    tests: pd.DataFrame
    """Columns ``SIMILARITY_TESTS``; empty where nothing could be tested."""
    notes: tuple[str, ...]
    """One line for each thing that could not be done."""


def similarity_results(data_sets: DataSets, gains: pd.DataFrame, test: SimilarityTest) -> SimilarityResults:
    """Measure how similar sources and targets are, and test it against the gains.

    Parameters
    ----------
    data_sets : DataSets
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
    profiles = data_sets.profiles_of(gains)
    notes = [*data_sets.notes, *_lacking_profiles(profiles, gains)]
    measured = [data_sets.similarities_of(gains)]
    if data_sets.adapters is not None:
        measured.append(data_sets.adapters)
        notes += _lacking_adapters(data_sets.adapters, gains)
    pairs = pd.concat([_empty(SIMILARITIES), *(table for table in measured if len(table))])
    pairs = pairs[pairs["source"].isin(gains.index) & pairs["target"].isin(gains.columns)]
    pairs = pairs.reset_index(drop=True).astype({"similarity": float})
    tests = _empty(SIMILARITY_TESTS)
    if len(pairs):
        try:
            tests = test(pairs, gains)
        except UserError as error:
            notes.append(str(error))
    return SimilarityResults(pairs, tests, tuple(notes))


_NO_PROFILES = (
    "similarity against transfer: no profiles of the data sets are kept with these runs;"
    " the train.py command that made them adds them"
)


def _lacking_profiles(profiles: pd.DataFrame, gains: pd.DataFrame) -> list[str]:
    """One line for the sources and one for the targets without a profile, one if no base model has seen any."""
    if profiles.empty:
        return [_NO_PROFILES]
    lines = []
    for role, names in (("source", gains.index), ("target", gains.columns)):
        there = set(profiles.loc[profiles["role"] == role, "name"].unique())
        if absent := [str(name) for name in names if name not in there]:
            lines.append(f"no profile of the data of {role} {listed(absent)}")
    if not (profiles["kind"] == "embedding").any():
        lines.append("no embeddings of the data sets are kept: they are made where the model is asked for a cell")
    if not (profiles["kind"] == "word").any():
        lines.append(
            "similarity.csv and similarity_tests.csv lack tfidf, vocabulary, function_words and char_ngrams: the words"
            " of the data sets were not sent to W&B (tracking.texts=false)"
        )
    return lines


def _lacking_adapters(adapters: pd.DataFrame, gains: pd.DataFrame) -> list[str]:
    """One line for the sources whose adapters could not be compared."""
    absent = [str(name) for name in gains.index if name not in set(adapters["source"])]
    return [f"weights not compared, no plain low-rank adapter there: {listed(absent)}"] if absent else []


def _empty(columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table without rows."""
    return pd.DataFrame(columns=column_names(columns))
