"""Rows of the matrix as they were stored, and what lies behind chosen cells of it, read when it is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import pandas as pd

from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.behavior import BehaviorOf
from crosstask.analysis.matrix.interventions import Interventions
from crosstask.runs.adapter_similarity import adapter_similarities
from crosstask.runs.answers import read_answers
from crosstask.runs.behavior import behavior_of
from crosstask.runs.external_rows import external_notes
from crosstask.runs.features import kept_features
from crosstask.runs.interventions import interventions
from crosstask.runs.profiles import contents, profile_notes, profile_table
from crosstask.runs.texts import Texts
from crosstask.runs.trainings import training_table
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun


class Origin(Protocol):
    """Where the rows of the matrix come from: the store, or W&B. Files are fetched first where need be."""

    @property
    def no_prompts(self) -> str:
        """What a message says where it has no prompts: how they would come there."""

    def rows(self) -> list[ScoredRun]:
        """Return every row."""

    def fetch_answers(self, records: Iterable[RunRecord]) -> Mapping[tuple[str, str], Path]:
        """Return the folder of each cell of rows, by run and target."""

    def fetch_profiles(self, records: Iterable[RunRecord]) -> Iterable[Path]:
        """Return the files with what the data sets of rows look like."""

    def fetch_features(self, records: Iterable[RunRecord]) -> Iterable[Path]:
        """Return the files with features of the examples of rows' data sets."""

    def fetch_examples(self, records: Iterable[RunRecord]) -> Mapping[str, Path]:
        """Return the file with the prompts of every column of rows that there is, by fingerprint."""

    def fetch_adapters(self, records: Iterable[RunRecord]) -> Mapping[str, Path]:
        """Return the folder of each adapter."""


@dataclass(frozen=True)
class MatrixRows:
    """Rows of the matrix, and what lies behind chosen cells of it."""

    origin: Origin
    rows: list[ScoredRun]
    homes: Mapping[str, str]
    """Source -> its own target."""

    def answers(self, cells: pd.DataFrame, prior_corrected: bool, keys: tuple[str, ...]) -> Answers:
        """Return the answers of chosen cells, on request what they are worth with the prior of the labels taken off."""
        return read_answers(self.origin.fetch_answers(self._records(cells)), cells, keys, prior_corrected)

    def behavior(self, cells: pd.DataFrame, keys: tuple[str, ...]) -> BehaviorOf:
        """Return what reads the answers of chosen cells in full, target by target."""
        return behavior_of(cache(partial(self.origin.fetch_answers, self._records(cells))), cells, keys)

    def texts(self, chosen: Callable[[], pd.DataFrame], keys: tuple[str, ...]) -> Texts:
        """Return what reads prompts and answers of chosen cells; which these are is asked once some are to be shown."""
        chosen, origin = cache(chosen), self.origin
        answers = cache(lambda: origin.fetch_answers(self._records(chosen())))
        examples = cache(lambda: origin.fetch_examples(self._records(chosen())))
        return Texts(chosen, keys, [row.record for row in self.rows], answers, examples, origin.no_prompts)

    def interventions(self, chosen: pd.DataFrame, every: Sequence[ScoredRun]) -> Interventions | None:
        """Return the runs on changed sources, which are among all rows, beside those of chosen cells."""
        return interventions(every, chosen, self.origin.fetch_answers, self.origin.fetch_profiles)

    def data_sets(self, cells: pd.DataFrame, adapters: bool) -> DataSets:
        """Return what the data sets of chosen cells look like, and on request what the adapters are like.

        Without that request trainings are known by what the scores say of them.
        """
        records = self._records(cells)
        folders = cache(partial(self.origin.fetch_adapters, records)) if adapters else dict[str, Path]
        profiles = profile_table(records, self.origin.fetch_profiles(records))
        similar = adapter_similarities(records, folders(), self.homes) if adapters else None
        features = kept_features(records, partial(self.origin.fetch_features, records))
        trainings = cache(partial(training_table, self._rows(cells), folders))
        notes = (*profile_notes(records), *external_notes(records))
        return DataSets(profiles, similar, notes, features, trainings, contents(records))

    def _records(self, cells: pd.DataFrame) -> list[RunRecord]:
        """Return the records of chosen cells."""
        return [row.record for row in self._rows(cells)]

    def _rows(self, cells: pd.DataFrame) -> list[ScoredRun]:
        """Return the rows of chosen cells."""
        chosen = set(cells["run"])
        return [row for row in self.rows if row.record.run in chosen]
