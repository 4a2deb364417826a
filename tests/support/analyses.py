"""Analyses of small tables, put together as an analysis of the command line is."""

from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from crosstask.analysis import pipeline
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.options import Options as GainOptions
from crosstask.analysis.gains.results import GainTables, gain_tables
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.similarity.options import Options as SimilarityOptions
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.analysis.traits.section import Section as TraitSection
from crosstask.analysis.transfer import Transfer
from crosstask.commands.analyze import made_sections
from crosstask.commands.sections import Analysis
from crosstask.report.options import ReportOptions
from crosstask.report.report import Report, report

FEW = TraitOptions(noise_draws=20, resamples=5)
"""Enough draws for a table to have every column."""


def sections(traits: TraitOptions = FEW, **options: Any) -> dict[str, Any]:
    """Every section, with few draws."""
    few = {"gains": GainOptions(resamples=100), "similarity": SimilarityOptions(permutations=99)}
    return made_sections(Analysis(**few | options, traits=traits))


def report_of_runs(
    cells: pd.DataFrame, options: ReportOptions, conventions: Conventions, console: Console, **known: Any
) -> Report:
    """The report on cells of a store; ``known``: answers, data_sets, traits."""
    made = sections(known.pop("traits", FEW))
    transfer = pipeline.transfer_of_runs(cells, Selection(rows=conventions.rows), conventions, **known)
    return report(pipeline.analyze(transfer, made), options, console)


def report_of_scores(
    scores: pd.DataFrame,
    options: ReportOptions,
    conventions: Conventions,
    console: Console,
    traits: TraitOptions = FEW,
) -> Report:
    """The report on a score table."""
    transfer = pipeline.transfer_of_scores(scores, conventions)
    return report(pipeline.analyze(transfer, sections(traits)), options, console)


def gains_of(scores: pd.DataFrame, answers: Answers | None, order: TaskOrder, inference: Inference) -> GainTables:
    """Every table of the gains of a score table."""
    return gain_tables(Transfer(scores, Conventions(order), answers=answers), inference)


def traits_of(transfer: Transfer, options: TraitOptions) -> Any:
    """The latent traits of scores, before they are tables."""
    return TraitSection(options).traits(transfer)


def files(folder: Path) -> dict[str, bytes]:
    """Content of every file in a folder, by its path below it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
