"""What every section of an analysis starts from: scores, what lies behind them, and the matrix they make."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.additive_model import AdditiveModel, additive_model
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.base_references import BaseReference
from crosstask.analysis.matrix.behavior import BehaviorOf
from crosstask.analysis.matrix.cell_lines import missing_lines, seed_lines
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.interventions import Interventions
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.reference_names import NAMES, PLAIN
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.score_unit import FRACTION, ScoreUnit
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.matrix.strata import answers_per_run, averages_over_strata, one_score_per_run, strata
from crosstask.analysis.matrix.target_scales import TargetScales
from crosstask.analysis.matrix.task_order import TaskOrder, homes_by_name
from crosstask.analysis.matrix.texts import TextsOf
from crosstask.analysis.matrix.transfer_matrix import gains, home_cells, missing_cells, transfer_matrix
from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted

BITS_PER_BYTE = "bits_per_byte"
"""Metric of plain texts, whose score in the matrix is a probability."""


@dataclass(frozen=True)
class Transfer:
    """The scores of one analysis, what lies behind them as far as it is known, and what follows from them at once."""

    scores: pd.DataFrame
    """Columns ``SCORES``, and those that make the rows of the decomposition."""
    conventions: Conventions = field(default_factory=Conventions)
    """What all sections share besides."""
    unit: ScoreUnit = FRACTION
    """What the scores are, and how they are shown; tables hold them as they stand."""
    scales: TargetScales | None = None
    """What brought targets of several units, or of which less is better, onto the common scale of the scores; None
    where there was nothing to do."""
    stated: Collection[str] = ()
    """Targets whose unit the table or an option states; that of the others is taken from their range."""
    answers: Answers | None = None
    """The single answers behind the scores; None where they are not known."""
    behavior: BehaviorOf | None = None
    """The answers themselves, target by target; None where they are not known."""
    texts: TextsOf | None = None
    """Prompts and answers as texts, read where they are shown; None where the scores came without."""
    interventions: Interventions | None = None
    """Runs on changed sources beside those of the matrix; None where there are none."""
    metrics: pd.DataFrame | None = None
    """Columns ``METRICS``; None for a table read from elsewhere."""
    data_sets: DataSets | None = None
    """None where nothing is known of them."""
    runs: str = ""
    """How many runs of what, in a line; empty for a table read from elsewhere."""
    notes: tuple[str, ...] = ()
    """What the reader must know of where the scores come from, one line each."""
    base_references: tuple[BaseReference, ...] = ()
    """The base model under other conditions than the one that gains are over."""
    training_rows: Literal["the same", "redrawn", "not known"] = "not known"
    """Of the seeds of a source: what intervals over seeds generalize over."""

    @cached_property
    def ceilings(self) -> dict[str, float]:
        """Target -> score of a perfect model; NaN where there is none."""
        targets = self.order.targets(self.scores["target"].unique())
        if self.scales is None:
            return dict.fromkeys(targets, self.unit.ceiling)
        return dict(zip(targets, self.scales.ceilings(targets).tolist(), strict=True))

    def ceilings_of(self, targets: Iterable[str]) -> NDArray[np.float64]:
        """The same as an array, (targets,)."""
        return np.array([self.ceilings[target] for target in targets], dtype=float)

    @property
    def is_table(self) -> bool:
        """Whether there is nothing but a table of scores."""
        return self.metrics is None

    @property
    def gain_label(self) -> str:
        """Unit of a gain, and on which targets less is better, for titles."""
        return "; ".join([self.unit.gain_label, *self.orientation])

    @property
    def orientation(self) -> list[str]:
        """On which targets scores stand for something of which less is better, for titles."""
        of_bytes = self.scores.loc[self.scores["metric"] == BITS_PER_BYTE, "target"].unique()
        found = [f"{', '.join(self.order.targets(of_bytes))}: 2^-(bits per byte), fewer bits are better"]
        return [*(self.scales.orientation if self.scales else []), *(found if len(of_bytes) else [])]

    @property
    def order(self) -> TaskOrder:
        """Order of the tasks, and each source's own task."""
        return self.conventions.order

    @property
    def rows(self) -> tuple[str, ...]:
        """What a row of the decomposition is, the source first."""
        return self.conventions.rows

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """Mean scores over seeds and over what else rows tell apart, sources x targets, base first; NaN: never run.

        Raises
        ------
        UserError
            If no source and seed has a score in every stratum.
        """
        return transfer_matrix(self.scores_per_run, self.order)

    @property
    def scores_per_run(self) -> pd.DataFrame:
        """The scores that the matrix is a mean of: one of each source, target and seed, averaged over what else rows
        tell apart.
        """
        return self._averages[0]

    @cached_property
    def answers_per_run(self) -> Answers | None:
        """The answers behind these."""
        return answers_per_run(self.answers, strata(self.scores))

    @property
    def has_base(self) -> bool:
        """Whether gains are over the base model; else they are over each target's mean."""
        return BASE in self.matrix.index

    @cached_property
    def base_names(self) -> dict[str, str]:
        """What the base model that gains are over is called, on targets where it is another than the plain one."""
        plain = next((known for known in self.base_references if known.kind == PLAIN), None)
        return {} if plain is None else dict.fromkeys(plain.cells["target"], NAMES[self.conventions.reference])

    @cached_property
    def gains(self) -> pd.DataFrame:
        """The matrix minus its base row, or minus each target's mean where there is no base row."""
        return gains(self.matrix, over="base" if self.has_base else "mean")

    @cached_property
    def home(self) -> pd.DataFrame:
        """Bool, of the shape of the gains: cells of a source on its own task."""
        return home_cells(self.gains, self.order)

    @cached_property
    def homes_by_name(self) -> dict[str, str]:
        """Own tasks that names suggest of sources for which none is known; see the function of that name."""
        unknown = [source for source in self.gains.index if not self.home.loc[source].any()]
        return homes_by_name(unknown, self.gains.columns)

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Columns ``MISSING``: cells of the matrix without a score."""
        return missing_cells(self.matrix)

    @cached_property
    def means(self) -> ScoreMeans:
        """The matrix with the parts of its variances: from the answers where they are known, else from the table."""
        answers = self.answers_per_run
        if answers is None:
            return means_of_table(one_score_per_run(self.scores), self.matrix, self.ceilings_of(self.matrix.columns))
        return means_of_answers(answers, self.matrix)

    @cached_property
    def evidence(self) -> GainEvidence:
        """The gains with the parts of the variance of their weighted sums."""
        return GainEvidence(self.means, "base" if self.has_base else "mean")

    @cached_property
    def additive(self) -> AdditiveModel:
        """Donors and recipients, fitted to the gains off the diagonal.

        Raises
        ------
        UserError
            If they cannot be told apart.
        """
        return additive_model((self.evidence.gains.notna() & ~self.home).to_numpy())

    @cached_property
    def matrix_notes(self) -> tuple[str, ...]:
        """Lines on what the matrix is a mean over, and on what is missing of it."""
        notes = list(self._averages[1])
        if not self.has_base:
            notes.append(
                f"no source {BASE!r}: gains are over each target's mean of {counted(len(self.matrix), 'source')}"
            )
        notes += [
            f"source {name!r} is taken for a task; the model without fine-tuning is named {BASE!r}, or runs.base={name}"
            for name in self.matrix.index
            if name != BASE and name.strip().casefold() == BASE
        ]
        notes += self._home_notes()
        notes += missing_lines(self.matrix, home_cells(self.matrix, self.order), self._never_scored)
        return (*notes, *(f"fewer seeds than elsewhere: {line}" for line in seed_lines(self.scores)))

    @property
    def _never_scored(self) -> pd.DataFrame:
        """Missing cells without a score in any stratum; what some of them have is said by their own note."""
        scored = self.scores.dropna(subset="score")[["source", "target"]].drop_duplicates()
        merged = self.missing.merge(scored, how="left", on=["source", "target"], indicator="where")
        return self.missing[(merged["where"] == "left_only").to_numpy()]

    def _home_notes(self) -> list[str]:
        """A line where no source is known to be at home anywhere, or names suggest more homes than are known."""
        if self.gains.empty:
            return []
        if not self.home.any(axis=None):
            return [
                "no source is known to be trained on any of the targets: every cell counts as transfer, and a gain on a"
                " source's own task would pass for it; analysis.homes={source: task} says what is whose own"
            ]
        pairs = ", ".join(f"{source}: {target}" for source, target in self.homes_by_name.items())
        return [f"perhaps on their own task, but taken for transfer: analysis.homes={{{pairs}}}"] if pairs else []

    @property
    def _where_instead(self) -> str:
        """On how many targets the row base is another than the plain one, where it is not on all."""
        some, every = len(self.base_names), self.matrix.shape[1]
        return f" on {some} of {counted(every, 'target')}" if 0 < some < every else ""

    @property
    def caption(self) -> str:
        """Sources, targets, seeds per source, rows per target, what stands for base: for the line under a title."""
        tuned = self.scores[self.scores["source"] != BASE]
        parts = [f"{counted(tuned['source'].nunique(), 'source')} x {counted(self.matrix.shape[1], 'target')}"]
        seeds = tuned.groupby("source")["seed"].nunique()
        if len(seeds) and seeds.max() > 0:
            parts.append(f"{_span(seeds.min(), seeds.max())} {'seed' if seeds.max() == 1 else 'seeds'} per source")
            parts[-1] += " with other training rows each" if self.training_rows == "redrawn" else ""
        rows = self.scores["n"].dropna()
        if len(rows):
            parts.append(f"n = {_span(rows.min(), rows.max())} {'row' if rows.max() == 1 else 'rows'} per target")
        reference = self.conventions.reference
        instead = [] if reference == PLAIN else [f"the row base is {NAMES[reference]}{self._where_instead}"]
        return "; ".join([", ".join(parts), *instead, *self.orientation])

    @cached_property
    def _averages(self) -> tuple[pd.DataFrame, list[str]]:
        """One score per source, target and seed, and what the reader must know of the mean that it is."""
        return averages_over_strata(self.scores, self.rows)


def _span(low: int, high: int) -> str:
    """3, or 1 to 3."""
    return f"{low}" if low == high else f"{low} to {high}"
