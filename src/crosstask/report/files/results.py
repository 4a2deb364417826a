"""The files of an analysis: every table and figure of its sections."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.analysis.figures import FigureRequest
from crosstask.analysis.pipeline import Analysis, Section
from crosstask.analysis.section import Table
from crosstask.report.figures.drawing import draw
from crosstask.report.files.article import article
from crosstask.report.files.examples import examples_markdown
from crosstask.report.files.paper_tables import PAPER_TABLES, paper_tables
from crosstask.report.files.writing import write_figure, write_latex, write_parquet, write_table, write_text
from crosstask.report.options import FORMATS, ReportOptions

WRITTEN_BY = {"csv": write_table, "parquet": write_parquet}
"""By the suffix of a table's file."""


def write_results(analysis: Analysis, options: ReportOptions) -> list[Path]:
    """Write every table and figure there is, and remove those of an earlier analysis that there are no more.

    Parameters
    ----------
    analysis : Analysis
        What its sections found.
    options : ReportOptions
        Folder and figure formats.

    Returns
    -------
    list of Path
        Files written, tables first.

    Raises
    ------
    UserError
        If a file cannot be written.
    """
    tables = [table for found in analysis.findings.values() for table in found.tables if table.is_written]
    paths = _write_tables(tables, options.output)
    blocks = [block for found in analysis.findings.values() for block in found.blocks]
    for block in blocks:
        if isinstance(block, ExamplesBlock):
            paths.append(write_text(examples_markdown(block), options.output / block.file))
    figures = [request for found in analysis.findings.values() for request in found.figures] if options.formats else []
    for request in figures:
        paths += write_figure(draw(request), options.output / request.name, options.formats)
    paths += _write_paper(paper_tables(blocks), figures, options)
    for path in _possible_files(analysis.sections.values(), options.output):
        if path not in paths:
            path.unlink(missing_ok=True)
    return paths


def _write_tables(tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write each table as its schema says; a CSV that is not too large for paper as LaTeX, too."""
    paths = [WRITTEN_BY[table.schema.suffix](table.frame, folder / table.schema.file) for table in tables]
    latex, printed = folder / "latex", [table for table in tables if table.schema.suffix == "csv"]
    texts = [write_latex(table.frame, latex / f"{table.schema.name}.tex", table.footer) for table in printed]
    return paths + [path for path in texts if path]


def _write_paper(tables: Mapping[str, str], figures: Sequence[FigureRequest], options: ReportOptions) -> list[Path]:
    """Write the tables that fit a page of a paper, and an article that shows them and the figures."""
    if not tables:
        return []
    texts = {**tables, "article": article(tables, figures, options.formats)}
    return [write_text(text, options.output / "latex" / f"{name}.tex") for name, text in texts.items()]


def _possible_files(sections: Iterable[Section], folder: Path) -> list[Path]:
    """Every file that sections may give."""
    sections = list(sections)
    tables = [schema for section in sections for schema in section.tables]
    figures = [name for section in sections for name in section.figures]
    return [
        *(folder / schema.file for schema in tables),
        *(folder / "latex" / f"{schema.name}.tex" for schema in tables),
        *(folder / "latex" / f"{name}.tex" for name in (*PAPER_TABLES, "article")),
        *(folder / f"{name}.{suffix}" for name in figures for suffix in FORMATS),
    ]
