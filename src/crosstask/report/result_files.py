"""The files of an analysis: which table and figure goes under which name."""

from pathlib import Path

import pandas as pd

from crosstask.analysis.results import TransferResults
from crosstask.analysis.transfer_matrix import home_cells
from crosstask.report.captions import component_caption, gain_title, matrix_caption
from crosstask.report.figures import gain_map, loading_map, scree_plot, source_plane
from crosstask.report.options import AnalysisOptions
from crosstask.report.score_unit import ScoreUnit
from crosstask.report.writing import FORMATS, write_figure, write_table

TABLES = ("scores", "metrics", "matrix", "gains", "components", "loadings", "traits")
"""Names of the CSV files."""

FIGURES = ("gains", "loadings", "scree", "sources")
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
    components = results.components
    tables = {
        "scores": results.scores,
        "metrics": metrics,
        "matrix": results.matrix,
        "gains": results.gains,
        "components": results.component_table,
        "loadings": components.loadings if components else None,
        "traits": components.traits if components else None,
    }
    return [write_table(tables[name], folder / f"{name}.csv") for name in TABLES if tables[name] is not None]


def _write_figures(results: TransferResults, unit: ScoreUnit, options: AnalysisOptions) -> list[Path]:
    """Draw and write the figures that the results allow."""
    drawn = {}
    if not results.gains.empty:
        home = home_cells(results.gains, options.order)
        drawn["gains"] = gain_map(results.gains, home, unit, gain_title(results), matrix_caption(results))
    components, noise = results.components, results.noise
    if components is not None and noise is not None:
        caption = component_caption(results, options)
        drawn["loadings"] = loading_map(components.loadings, components.variance, caption)
        drawn["scree"] = scree_plot(components.variance, noise, f"{caption}; {options.noise_draws} noise matrices")
        if components.traits.shape[1] > 1:
            drawn["sources"] = source_plane(components.traits, components.variance, subtitle=caption)
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
