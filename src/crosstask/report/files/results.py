"""The files of an analysis: which table and figure goes under which name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crosstask.analysis.gains.results import MatrixStatistics
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.matrix.transfer_matrix import home_cells
from crosstask.analysis.pipeline import TransferResults
from crosstask.analysis.similarity.results import SimilarityResults
from crosstask.report import findings
from crosstask.report.captions import component_caption, gain_title, matrix_caption
from crosstask.report.figures.effects import donor_plot, rate_plot, reference_plot
from crosstask.report.figures.heat_map import sureness_of
from crosstask.report.figures.similarity import similarity_plot
from crosstask.report.figures.structure import affinity_map, asymmetry_map, dendrograms, residual_map
from crosstask.report.figures.traits import gain_map
from crosstask.report.files.traits import TRAIT_FIGURES, TRAIT_TABLES, trait_figures, trait_footers, trait_tables
from crosstask.report.files.writing import write_figure, write_latex, write_table
from crosstask.report.options import FORMATS, AnalysisOptions

TABLES = (
    *("scores", "metrics", "matrix", "matrix_long", "gains", "gains_long", "references", "alarms", "missing"),
    *("donors", "residuals", "residuals_long", "rates", "asymmetry", "indices", "clusters", "affinity"),
    *("similarity", "similarity_tests"),
    *TRAIT_TABLES,
)
"""Names of the tables: NAME.csv, and latex/NAME.tex."""

ALSO_EMPTY = ("gains", "alarms", "missing")
"""Tables that say something by having no rows."""

FIGURES = (
    *("gains", "references", "donors", "residuals", "rates", "asymmetry", "clusters", "affinity", "similarity"),
    *TRAIT_FIGURES,
)
"""Names of the figures."""


def write_results(
    results: TransferResults,
    statistics: MatrixStatistics,
    similarity: SimilarityResults | None,
    metrics: pd.DataFrame | None,
    unit: ScoreUnit,
    options: AnalysisOptions,
) -> list[Path]:
    """Write every table and figure there is, and remove those of an earlier analysis that there are no more.

    Parameters
    ----------
    results : TransferResults
        Scores, gains and latent traits.
    statistics : MatrixStatistics
        Intervals, tests and structure.
    similarity : SimilarityResults, optional
        Likeness of the data sets, where they are known.
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
    drawings = _drawings(results, statistics, similarity, unit, options) if options.formats else {}
    footers = trait_footers(results.traits) if results.traits is not None else {}
    paths = _write_tables(_tables(results, statistics, similarity, metrics), footers, options.output)
    for name in FIGURES:
        if name in drawings:
            paths += write_figure(drawings[name](), options.output / name, options.formats)
    for path in _possible_files(options.output):
        if path not in paths:
            path.unlink(missing_ok=True)
    return paths


def _tables(
    results: TransferResults,
    statistics: MatrixStatistics,
    similarity: SimilarityResults | None,
    metrics: pd.DataFrame | None,
) -> dict[str, pd.DataFrame | None]:
    """Tables by name; None, or no entry, for one that does not exist."""
    return {
        **{name: getattr(statistics, name) for name in TABLES if hasattr(statistics, name)},
        "metrics": metrics,
        "matrix": results.matrix,
        "gains": results.gains,
        "missing": results.missing,
        **({"similarity": similarity.pairs, "similarity_tests": similarity.tests} if similarity else {}),
        **(trait_tables(results.traits) if results.traits else {}),
    }


def _write_tables(tables: dict[str, pd.DataFrame | None], footers: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table both ways, but those that are too large for paper only as CSV."""
    there = {name: table for name in TABLES if (table := tables.get(name)) is not None}
    written = {name: table for name, table in there.items() if len(table) or name in ALSO_EMPTY}
    paths = [write_table(table, folder / f"{name}.csv") for name, table in written.items()]
    latex = folder / "latex"
    texts = [write_latex(table, latex / f"{name}.tex", footers.get(name)) for name, table in written.items()]
    return paths + [path for path in texts if path]


def _drawings(
    results: TransferResults,
    statistics: MatrixStatistics,
    similarity: SimilarityResults | None,
    unit: ScoreUnit,
    options: AnalysisOptions,
) -> dict[str, Callable[[], Figure]]:
    """What draws each figure that there is something to draw for."""
    drawn = _matrix_figures(results, statistics, unit, options)
    if similarity is not None and not similarity.tests.empty:
        title = findings.similarity_finding(similarity.tests)
        drawn["similarity"] = partial(similarity_plot, similarity.tests, title, matrix_caption(results))
    if results.traits is not None:
        drawn |= trait_figures(results.traits, component_caption(results, options))
    return drawn


def _matrix_figures(
    results: TransferResults, statistics: MatrixStatistics, unit: ScoreUnit, options: AnalysisOptions
) -> dict[str, Callable[[], Figure]]:
    """What draws each figure of the matrix that there is something to draw for."""
    gains, caption = results.gains, matrix_caption(results)
    home = home_cells(gains, options.order)
    sources, targets = list(map(str, results.matrix.index)), list(map(str, results.matrix.columns))
    drawn: dict[str, Callable[[], Figure]] = {}
    if not gains.empty:
        title = findings.gain_finding(statistics.gains_long, gain_title(results))
        drawn["gains"] = partial(gain_map, gains, home, unit, title, caption, sureness_of(statistics.gains_long, gains))
    if not statistics.references.empty:
        title = findings.reference_finding(statistics.references)
        drawn["references"] = partial(reference_plot, statistics.references, unit, title, caption)
    if statistics.donors is not None and statistics.residuals is not None and statistics.residuals_long is not None:
        title = findings.donor_finding(statistics.donors, unit)
        drawn["donors"] = partial(donor_plot, statistics.donors, unit, title, caption)
        title = findings.residual_finding(statistics.indices, statistics.residuals_long)
        sure = sureness_of(statistics.residuals_long, gains)
        drawn["residuals"] = partial(residual_map, statistics.residuals, home, unit, title, caption, sure)
    if not statistics.rates.empty:
        drawn["rates"] = partial(rate_plot, statistics.rates, findings.rate_finding(statistics.rates), caption)
    if not statistics.asymmetry.empty:
        named = set(statistics.asymmetry["first"]) | set(statistics.asymmetry["second"])
        tasks = [name for name in targets if name in named]
        title = findings.asymmetry_finding(statistics)
        drawn["asymmetry"] = partial(asymmetry_map, statistics.asymmetry, tasks, unit, title, caption)
    if not statistics.clusters.empty:
        title = findings.cluster_finding(statistics.clusters)
        drawn["clusters"] = partial(dendrograms, statistics.clusters, title, caption)
    if not statistics.affinity.empty:
        title = findings.affinity_finding(statistics.affinity)
        drawn["affinity"] = partial(affinity_map, statistics.affinity, sources, targets, title, caption)
    return drawn


def _possible_files(folder: Path) -> list[Path]:
    """Every file an analysis may write."""
    figures = [folder / f"{name}.{suffix}" for name in FIGURES for suffix in FORMATS]
    tables = [folder / f"{name}.csv" for name in TABLES] + [folder / "latex" / f"{name}.tex" for name in TABLES]
    return tables + figures
