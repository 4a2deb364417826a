"""The report of an analysis: its files, the page that shows them, and what the terminal shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from crosstask.analysis.pipeline import Analysis
from crosstask.report.files.results import write_results
from crosstask.report.files.writing import remove, write_page
from crosstask.report.options import PageOptions, ReportOptions
from crosstask.report.page.other_gains import OtherGains, read_other
from crosstask.report.page.page import page
from crosstask.report.terminal.summary import print_analysis, terminal

PAGE = "report.html"
"""Name of the page in the folder of the files."""


@dataclass(frozen=True)
class Report:
    """What an analysis found and where it was written."""

    analysis: Analysis
    paths: tuple[Path, ...]
    """Files written, tables first, the page last."""
    options: ReportOptions
    """Where they are, and what of the analysis they show."""
    other: OtherGains | None = None
    """The analysis that the page holds this one against."""

    def page(self, options: PageOptions) -> bytes:
        """The page as other options make it; the files have to be there still."""
        return _page(self.analysis, self.paths, replace(self.options, page=options), self.other)


def report(analysis: Analysis, options: ReportOptions, console: Console | None = None) -> Report:
    """Write the tables, figures and page of an analysis, and print what it found.

    Parameters
    ----------
    analysis : Analysis
        What its sections found.
    options : ReportOptions
        Where the files go, and what the page shows.
    console : Console, optional
        Where to print; standard output when left out.

    Raises
    ------
    UserError
        If a file cannot be written.
    """
    other = None if options.page is None or options.page.compare is None else read_other(options.page.compare)
    place = options.output / PAGE
    remove(place)  # of an earlier analysis, whose tables are written over
    paths = write_results(analysis, options)
    last = [f"wrote {len(paths)} files to {options.output}"]
    if options.page is not None:
        paths.append(write_page(_page(analysis, paths, options, other), place))
        last.append(f"{place} shows all of it: open it in a browser")
    print_analysis(console or terminal(), analysis, last)
    return Report(analysis, tuple(paths), options, other)


def _page(analysis: Analysis, paths: Iterable[Path], options: ReportOptions, other: OtherGains | None) -> bytes:
    """The page with the figures that have been written as SVG."""
    assert options.page is not None
    pictures = {path.stem: path.read_bytes() for path in paths if path.suffix == ".svg"}
    return page(analysis, pictures, options.output, options.page, other)
