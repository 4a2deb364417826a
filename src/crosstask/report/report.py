"""The report of an analysis: its files, and what the terminal shows."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from crosstask.analysis.pipeline import Analysis
from crosstask.report.files.results import write_results
from crosstask.report.options import ReportOptions
from crosstask.report.terminal.summary import print_analysis, terminal


@dataclass(frozen=True)
class Report:
    """What an analysis found and where it was written."""

    analysis: Analysis
    paths: tuple[Path, ...]
    """Files written, tables first."""


def report(analysis: Analysis, options: ReportOptions, console: Console | None = None) -> Report:
    """Write the tables and figures of an analysis, and print what it found.

    Parameters
    ----------
    analysis : Analysis
        What its sections found.
    options : ReportOptions
        Where the files go.
    console : Console, optional
        Where to print; standard output when left out.

    Raises
    ------
    UserError
        If a file cannot be written.
    """
    paths = write_results(analysis, options)
    print_analysis(console or terminal(), analysis, [f"wrote {len(paths)} files to {options.output}"])
    return Report(analysis, tuple(paths))
