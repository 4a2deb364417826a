"""One analysis: from runs or scores to what every section finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.base_references import AnswersOf
from crosstask.analysis.matrix.behavior import BehaviorOf
from crosstask.analysis.matrix.cell_lines import cell_lines
from crosstask.analysis.matrix.compared import OverPrompts, compared_with
from crosstask.analysis.matrix.score_table import metric_table, score_table, sorted_by
from crosstask.analysis.matrix.score_unit import OTHER, ScoreUnit, target_units
from crosstask.analysis.matrix.selection import MAKE_RUNS, Selection
from crosstask.analysis.matrix.target_scales import target_scales, unit_notes
from crosstask.analysis.schema import ALARM_TABLE, ALARMS, TableSchema, column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted
from crosstask.errors import UserError

LARGE = 5_000
"""Cells of a matrix that takes more than some seconds."""


class Section(Protocol):
    """One question about the matrix, made of its options; see :mod:`crosstask.analysis.section`.

    A section may have a method ``check``, which is called with the transfer before any section and refuses, by
    UserError, options that the matrix contradicts.
    """

    @property
    def title(self) -> str:
        """What a report calls it."""

    @property
    def method(self) -> str:
        """How it answers its question, in one sentence."""

    @property
    def tables(self) -> tuple[TableSchema, ...]:
        """Every table that it may give, in the order of the files."""

    @property
    def figures(self) -> tuple[str, ...]:
        """The name of every figure that it may give."""

    def __call__(self, transfer: Transfer) -> Findings:
        """Answer the question."""


@dataclass(frozen=True)
class Analysis:
    """What every section found."""

    transfer: Transfer
    sections: Mapping[str, Section]
    """By name, in order."""
    findings: Mapping[str, Findings]
    """By the name of the section."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Every line the reader must know besides tables and figures."""
        return (*self.transfer.notes, *(note for found in self.findings.values() for note in found.notes))


def analyze(
    transfer: Transfer, sections: Mapping[str, Section], announce: Callable[[str], None] | None = None
) -> Analysis:
    """Answer the question of every section.

    Parameters
    ----------
    transfer : Transfer
        The matrix and what lies behind it.
    sections : mapping of str to Section
        By name, in order.
    announce : callable, optional
        Is told what comes next, where that takes long: matrices of at least `LARGE` cells.

    Raises
    ------
    UserError
        If the scores make no matrix, or an option contradicts it.
    """
    for section in sections.values():
        check = getattr(section, "check", None)
        if check is not None:  # what an option says wrong of this matrix is said before anything takes long
            check(transfer)
    findings = {}
    for number, (name, section) in enumerate(sections.items(), start=1):
        if announce is not None and transfer.matrix.size >= LARGE:
            rows, columns = transfer.matrix.shape
            announce(f"{rows} x {columns} scores: {name}, {number} of {counted(len(sections), 'section')}")
        findings[name] = section(transfer)
    return Analysis(transfer, sections, _all_alarms(findings))


def _all_alarms(findings: Mapping[str, Findings]) -> dict[str, Findings]:
    """The findings; the table of alarms, which one section gives, has those of the other sections below its own."""
    gives = {name for name, found in findings.items() if any(table.schema == ALARM_TABLE for table in found.tables)}
    rows = [(name, "", line) for name, found in findings.items() if name not in gives for line in found.alarms]
    others = pd.DataFrame(rows, columns=column_names(ALARMS), dtype=object)
    return {
        name: replace(found, tables=tuple(_with_rows(table, others) for table in found.tables))
        for name, found in findings.items()
    }


def _with_rows(table: Table, alarms: pd.DataFrame) -> Table:
    """The table of alarms with further ones; any other as it is."""
    if table.schema != ALARM_TABLE or alarms.empty:
        return table
    return replace(table, frame=pd.concat([table.frame, alarms], ignore_index=True))


def transfer_of_runs(
    cells: pd.DataFrame,
    selection: Selection,
    conventions: Conventions,
    answers: AnswersOf | None = None,
    data_sets: Callable[[pd.DataFrame], DataSets] | None = None,
    behavior: Callable[[pd.DataFrame], BehaviorOf] | None = None,
) -> Transfer:
    """Choose runs, and put together what is known of them.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS`` and those of the rows, one row per run and target.
    selection : Selection
        Which runs to compare.
    conventions : Conventions
        What all sections share.
    answers : callable, optional
        Gives the answers behind cells, rows of the table with columns ``CELLS``, and on request what these are worth
        with the prior of the labels taken off; without it nothing is paired.
    data_sets : callable, optional
        Gives what is known of the data sets behind cells; without it similarity is not computed.
    behavior : callable, optional
        Gives what reads the answers behind cells, target by target; without it nothing is said of them.

    Raises
    ------
    UserError
        If there are no cells, or the selection cannot be made.
    """
    chosen = selection(cells)
    stale = [f"stale, scored on other rows or in another way: {line}" for line in cell_lines(chosen.stale)]
    over_prompts = OverPrompts(selection.run, conventions.fixed_prompts, answers)
    compared, references, notes = compared_with(conventions.reference, chosen.cells, chosen.shown, over_prompts)
    return Transfer(
        scores=score_table(compared.cells, conventions.order, conventions.rows),
        conventions=conventions,
        answers=compared.answers,
        metrics=metric_table(compared.cells, conventions.order, conventions.rows),
        data_sets=data_sets(chosen.cells) if data_sets else None,
        behavior=behavior(chosen.cells) if behavior else None,
        runs=chosen.runs,
        notes=(*chosen.notes, *compared.notes, *notes, *stale),
        base_references=references,
        training_rows="redrawn" if chosen.redrawn else "the same",
    )


def transfer_of_scores(
    scores: pd.DataFrame,
    conventions: Conventions,
    units: Mapping[str, ScoreUnit] | None = None,
    lower: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Transfer:
    """Take a score table, such as one published, as it stands.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the rows; fractions or percentages, which are not rescaled.
    conventions : Conventions
        What all sections share.
    units : mapping of str to ScoreUnit, optional
        Target -> unit of its scores, where it is known; else their range says it.
    lower : sequence of str
        Targets of which less is better.
    notes : sequence of str
        What the reader must know of how the scores were read.

    Raises
    ------
    UserError
        If there are no scores.
    """
    if scores.empty:
        raise UserError(f"no scores to analyze; make some with {MAKE_RUNS}")
    scales = target_scales(scores, target_units(scores, dict.fromkeys(lower, OTHER) | dict(units or {})), lower)
    notes, stated = (*notes, *unit_notes(scores, scales)), tuple(units or ())
    if scales.is_plain:
        table = score_table(scores, conventions.order, conventions.rows)
        return Transfer(table, conventions, scales.unit, notes=notes, stated=stated)
    table = score_table(scales.common(scores), conventions.order, conventions.rows)
    return Transfer(table, conventions, scales.unit, scales=scales, notes=notes, stated=stated)


def with_answers(transfer: Transfer, answers: Answers, metrics: pd.DataFrame) -> Transfer:
    """Add the single answers behind scores that were read from elsewhere.

    Parameters
    ----------
    transfer : Transfer
        As from `transfer_of_scores`.
    answers : Answers
        As they were read; they are brought onto the common scale of the scores. Where that is another than theirs they
        are no shares of right answers any more, and their classes are left out.
    metrics : DataFrame
        Columns ``METRICS``.
    """
    if transfer.scales is not None:
        factors = transfer.scales.factors
        scaled = {target: _scaled(found, factors[target]) for target, found in answers.targets.items()}
        answers = replace(answers, targets=scaled)
    return replace(transfer, answers=answers, metrics=sorted_by(metrics, transfer.order))


def _scaled(answers: TargetAnswers, factor: float) -> TargetAnswers:
    """The answers to one target, each multiplied by the factor of its scores."""
    if factor == 1:
        return answers
    return replace(answers, scores=answers.scores * np.float32(factor), gold={})
