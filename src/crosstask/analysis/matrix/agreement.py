"""How far runs of two sources agree, in what they do to the scores and to the single answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.matrix.score_means import RunScores, ScoreMeans
from crosstask.analysis.matrix.shared_answers import shared_answers
from crosstask.analysis.statistics.variance_parts import Array

_FEWEST = 5  # targets in common: fewer correlate by chance
_MOST = 1 - 1e-9  # correlation taken for 1


@dataclass(frozen=True)
class ResidualAgreement:
    """Artanh of the correlation of the residuals of two rows, over the targets that neither is at home on."""

    data: Residuals

    def of_means(self, a: int, b: int) -> float:
        """Of the means over seeds; NaN with fewer than five targets in common."""
        rows = self.data.standardized
        return self._artanh(a, b, rows[a], rows[b])

    def of_runs(self, a: int, b: int) -> Array:
        """Of every run of one row and every one of the other; of different runs where they are the same row."""
        chosen = combinations(self._runs[a], 2) if a == b else product(self._runs[a], self._runs[b])
        return np.array([self._artanh(a, b, left, right) for left, right in chosen])

    @property
    def several(self) -> list[int]:
        """Rows with more than one run."""
        return [place for place, runs in enumerate(self._runs) if len(runs) > 1]

    @cached_property
    def _runs(self) -> list[Array]:
        """Residuals of the single runs of each row, (n_runs, n_targets); NaN where one was not scored."""
        return [_of_runs(self.data, place) for place in range(len(self.data.values))]

    def _artanh(self, a: int, b: int, left: Array, right: Array) -> float:
        common = self.data.used[a] & self.data.used[b]
        known = common & ~(np.isnan(left) | np.isnan(right))
        if common.sum() < _FEWEST:
            return np.nan
        left, right = left[known] - left[known].mean(), right[known] - right[known].mean()
        lengths = np.sqrt((left**2).sum() * (right**2).sum())
        return float(np.arctanh(np.clip(left @ right / lengths, -_MOST, _MOST))) if lengths > 0 else np.nan


@dataclass(frozen=True)
class AnswerAgreement:
    """Artanh of `shared_answers` of single runs."""

    correlation: Array
    """Shape (n_runs, n_runs)."""
    owners: NDArray[np.int_]
    """Row of each run, shape (n_runs,)."""

    def of_runs(self, a: int, b: int) -> Array:
        """As `ResidualAgreement.of_runs`."""
        left, right = np.flatnonzero(self.owners == a), np.flatnonzero(self.owners == b)
        found = self.correlation[np.ix_(left, right)]
        found = found[np.triu_indices(len(left), 1)] if a == b else found.ravel()
        return np.arctanh(np.clip(found, -_MOST, _MOST))


def answer_agreement(data: Residuals, means: ScoreMeans) -> AnswerAgreement | None:
    """The agreement of the answers of all runs of the rows; None if they are not known on every target."""
    asked = [means.errors.run_scores(str(target)) for target in data.values.columns]
    known = [found for found in asked if found is not None]
    if len(known) < len(asked):
        return None
    places = {str(source): place for place, source in enumerate(data.values.index)}
    runs = sorted({run for on_target, _ in known for run in on_target if run[0] in places}, key=str)
    owners = np.array([places[run[0]] for run in runs], dtype=int)
    return AnswerAgreement(shared_answers(_of_targets(known, runs, data.used[owners])), owners)


def _of_targets(
    known: list[RunScores], runs: Sequence[object], used: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """For each target the scores of the runs on its examples, and which of the runs take part."""
    for (on_target, scores), used_there in zip(known, used.T, strict=True):
        rows: dict[object, int] = {run: row for row, run in enumerate(on_target)}
        there = np.array([run in rows for run in runs], dtype=bool)
        yield scores[[rows.get(run, 0) for run in runs]], used_there & there


def _of_runs(data: Residuals, place: int) -> Array:
    """Residuals of the single runs of a row."""
    apart = data.runs(place)
    if len(apart) < 2:
        return data.standardized[[place]]
    counts = np.maximum((~np.isnan(apart)).sum(axis=0), 1)
    of_runs: Array = data.standardized[place] + apart - np.nansum(apart, axis=0) / counts
    return of_runs
