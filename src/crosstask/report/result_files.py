"""The files of an analysis: which table and figure goes under which name."""

from pathlib import Path

import pandas as pd

from crosstask.analysis.results import TransferResults
from crosstask.analysis.transfer_matrix import home_cells
from crosstask.report.captions import component_caption, gain_title, matrix_caption
from crosstask.report.figures import gain_map
from crosstask.report.options import AnalysisOptions
from crosstask.report.score_unit import ScoreUnit
from crosstask.report.trait_files import TRAIT_FIGURES, TRAIT_TABLES, trait_figures, trait_tables
from crosstask.report.writing import FORMATS, write_figure, write_table

TABLES = ("scores", "metrics", "matrix", "gains", *TRAIT_TABLES)
"""Names of the CSV files."""

FIGURES = ("gains", *TRAIT_FIGURES)
"""Names of the figures."""


def write_results(
    results: TransferResults, metrics: pd.DataFrame | None, unit: ScoreUnit, options: AnalysisOptions
) -> list[Path]:
    """Write every table and figure there is, and remove those of an earlier analysis that there are no more.

    Parameters
    ----------
    results : TransferResults
        The tables.
    metrics : DataFrame, optional
        Columns ``METRICS``; not known for a table read from elsewhere.
    unit : ScoreUnit
        How figures show scores; tables are written as they stand.
    options : AnalysisOptions
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
    paths = _write_tables(results, metrics, options.output) + _write_figures(results, unit, options)
    for path in _possible_files(options.output):
        if path not in paths:
            path.unlink(missing_ok=True)
    return paths


def _write_tables(results: TransferResults, metrics: pd.DataFrame | None, folder: Path) -> list[Path]:
    """Write the CSV files."""
    tables: dict[str, pd.DataFrame | None] = {
        "scores": results.scores,
        "metrics": metrics,
        "matrix": results.matrix,
        "gains": results.gains,
        **(trait_tables(results.traits) if results.traits else {}),
    }
    known = ((name, tables.get(name)) for name in TABLES)
    return [write_table(table, folder / f"{name}.csv") for name, table in known if table is not None]


def _write_figures(results: TransferResults, unit: ScoreUnit, options: AnalysisOptions) -> list[Path]:
    """Draw and write the figures that the results allow."""
    drawn = {}
    if not results.gains.empty:
        home = home_cells(results.gains, options.order)
        drawn["gains"] = gain_map(results.gains, home, unit, gain_title(results), matrix_caption(results))
    if results.traits is not None:
        caption = component_caption(results, options)
        drawn |= trait_figures(results.traits, caption)
    return [
        path
        for name in FIGURES
        if name in drawn
        for path in write_figure(drawn[name], options.output / name, options.formats)
    ]


def _possible_files(folder: Path) -> list[Path]:
    """Every file an analysis may write."""
    figures = [folder / f"{name}.{suffix}" for name in FIGURES for suffix in FORMATS]
    return [folder / f"{name}.csv" for name in TABLES] + figures
