"""The summary of an analysis in the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from crosstask.analysis.results import TransferResults
from crosstask.analysis.transfer_matrix import home_cells
from crosstask.report.captions import component_caption, gain_title, matrix_caption
from crosstask.report.options import AnalysisOptions
from crosstask.report.score_unit import ScoreUnit
from crosstask.report.terminal import print_gains, print_lines, print_matrix
from crosstask.report.trait_terminal import print_components


def print_results(
    console: Console,
    results: TransferResults,
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
        The tables.
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
        print_gains(
            console,
            gains,
            home_cells(gains, options.order),
            unit,
            f"{gain_title(results)} ({unit.gain_label})",
        )
    if results.traits is not None:
        console.print()
        print_components(console, results.traits, component_caption(results, options))
    console.print()
    print_lines(console, [*notes, f"wrote {len(paths)} files to {options.output}"])
