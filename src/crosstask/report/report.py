"""From cells to the finished report: choose the runs, make the tables, write the files, print the summary."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console

from crosstask.analysis.gains.results import MatrixStatistics, matrix_statistics
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.score_table import metric_table, score_table
from crosstask.analysis.matrix.score_unit import FRACTION, PERCENT, ScoreUnit, score_unit
from crosstask.analysis.matrix.selection import MAKE_RUNS, Selection
from crosstask.analysis.pipeline import TransferResults, cell_lines, transfer_results
from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from crosstask.analysis.similarity.results import SimilarityResults, Surface, similarity_results
from crosstask.errors import UserError
from crosstask.report.files.results import write_results
from crosstask.report.options import AnalysisOptions
from crosstask.report.terminal.summary import print_results
from crosstask.report.terminal.tables import terminal


@dataclass(frozen=True)
class Report:
    """What an analysis found and where it was written."""

    results: TransferResults
    """Scores, gains and latent traits."""
    statistics: MatrixStatistics
    """Intervals, tests and structure."""
    similarity: SimilarityResults | None
    """Likeness of the data sets; None where nothing is known of them."""
    notes: tuple[str, ...]
    """Every line the user was told besides the tables."""
    paths: tuple[Path, ...]
    """Files written."""


def analyze_runs(
    cells: pd.DataFrame,
    selection: Selection,
    options: AnalysisOptions,
    answers: Callable[[pd.DataFrame], Answers] | None = None,
    surface: Callable[[pd.DataFrame], Surface] | None = None,
    console: Console | None = None,
) -> Report:
    """Analyse the runs of a store: write tables and figures, print a summary.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS`` and those of the rows, one row per run and target.
    selection : Selection
        Which runs to compare.
    options : AnalysisOptions
        What to compute and where to write it.
    answers : callable, optional
        Gives the answers behind cells, rows of the table with columns ``CELLS``; without it nothing is paired.
    surface : callable, optional
        Gives what the data sets behind cells look like; without it similarity is not looked at.
    console : Console, optional
        Where to print; standard output when left out.

    Returns
    -------
    Report
        Tables, notes and the files written.

    Raises
    ------
    UserError
        If there are no cells, the selection cannot be made, or a file cannot be written.
    """
    chosen = selection(cells)
    stale = [f"stale, scored on other rows or in another way: {line}" for line in cell_lines(chosen.stale)]
    scores = score_table(chosen.cells, options.order, options.traits.rows)
    metrics = metric_table(chosen.cells, options.order, options.traits.rows)
    behind = answers(chosen.cells) if answers else None
    known = surface(chosen.cells) if surface else None
    return _report(scores, metrics, behind, known, FRACTION, [*chosen.notes, *stale], options, console)


def analyze_scores(scores: pd.DataFrame, options: AnalysisOptions, console: Console | None = None) -> Report:
    """Analyse a score table, such as one published: as `analyze_runs`, without a choice of runs.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``; fractions or percentages, which are not rescaled.
    options, console
        As for `analyze_runs`.

    Returns
    -------
    Report
        Tables, notes and the files written.

    Raises
    ------
    UserError
        If there are no scores or a file cannot be written.
    """
    if scores.empty:
        raise UserError(f"no scores to analyse; make some with {MAKE_RUNS}")
    unit = score_unit(scores)
    table = score_table(scores, options.order, options.traits.rows)
    return _report(table, None, None, None, unit, _unit_notes(scores, unit), options, console)


def _report(
    scores: pd.DataFrame,
    metrics: pd.DataFrame | None,
    answers: Answers | None,
    surface: Surface | None,
    unit: ScoreUnit,
    notes: list[str],
    options: AnalysisOptions,
    console: Console | None,
) -> Report:
    """Compute, write and print."""
    results = transfer_results(scores, options.order, options.traits, answers)
    statistics = matrix_statistics(
        results.scores, results.matrix, answers, options.order, unit.ceiling, options.inference
    )
    similarity = None
    if surface is not None:
        test = SimilarityTest(options.order.homes, options.renamings, options.inference.alpha)
        similarity = similarity_results(surface, results.gains, test)
    notes = [*notes, *results.notes, *statistics.notes, *(similarity.notes if similarity else ())]
    paths = write_results(results, statistics, similarity, metrics, unit, options)
    print_results(console or terminal(), results, statistics, similarity, unit, options, notes, paths)
    return Report(results, statistics, similarity, tuple(notes), tuple(paths))


def _unit_notes(scores: pd.DataFrame, unit: ScoreUnit) -> list[str]:
    """What the scores were taken for, unless they are fractions."""
    if unit is FRACTION:
        return []
    low, high = scores["score"].min(), scores["score"].max()
    notes = [f"scores run from {low:g} to {high:g}: taken as {unit.name}, written as they stand"]
    highest = scores.groupby("target")["score"].max()
    small = sorted(highest.index[highest <= 1])
    if unit is PERCENT and small:
        notes.append(f"no score above 1, perhaps fractions among percentages: {', '.join(small)}")
    return notes
