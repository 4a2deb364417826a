"""The summary of an analysis in the terminal."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from crosstask.analysis.gains.results import MatrixStatistics
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.matrix.transfer_matrix import home_cells
from crosstask.analysis.pipeline import TransferResults
from crosstask.analysis.similarity.results import SimilarityResults
from crosstask.report.captions import component_caption, gain_title, matrix_caption
from crosstask.report.findings import similarity_finding
from crosstask.report.options import AnalysisOptions
from crosstask.report.terminal.tables import print_effects, print_gains, print_lines, print_matrix
from crosstask.report.terminal.traits import print_components


def print_results(
    console: Console,
    results: TransferResults,
    statistics: MatrixStatistics,
    similarity: SimilarityResults | None,
    unit: ScoreUnit,
    options: AnalysisOptions,
    notes: Sequence[str],
    paths: Sequence[Path],
) -> None:
    """Print scores, gains, components, notes and where the files are.

    Parameters
    ----------
    console : Console
        Where to print.
    results : TransferResults
        Scores, gains and components.
    statistics : MatrixStatistics
        Intervals, tests and structure.
    similarity : SimilarityResults, optional
        Likeness of the data sets, where they are known.
    unit : ScoreUnit
        How scores are shown.
    options : AnalysisOptions
        What was asked for.
    notes : sequence of str
        Lines to print after the tables.
    paths : sequence of Path
        Files written.
    """
    matrix, gains = results.matrix, results.gains
    title = f"Scores ({unit.score_label}): {matrix_caption(results)}"
    print_matrix(console, matrix, home_cells(matrix, options.order), unit, title)
    if not gains.empty:
        console.print()
        title, sure = f"{gain_title(results)} ({unit.gain_label})", _significant(statistics.gains_long, gains)
        print_gains(console, gains, home_cells(gains, options.order), unit, title, sure)
    if statistics.donors is not None:
        console.print()
        title = f"Donors and recipients ({unit.gain_label}), home cells left out"
        print_effects(console, statistics.donors, unit, title)
    if results.traits is not None:
        console.print()
        print_components(console, results.traits, component_caption(results, options))
    if similarity is not None and not similarity.tests.empty:
        console.print()
        console.print(Text(similarity_finding(similarity.tests), style="bold"), soft_wrap=True)
    console.print()
    print_lines(console, [f"ALARM  {message}" for message in statistics.alarms["message"]])
    print_lines(console, [*notes, f"wrote {len(paths)} files to {options.output}"])


def _significant(table: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame | None:
    """Which gains are significant, in their shape; None where none was tested."""
    if table["significant"].isna().all():
        return None
    sure = table.assign(sure=table["significant"].fillna(False).astype(float))
    return sure.pivot(index="source", columns="target", values="sure").reindex_like(gains) == 1
