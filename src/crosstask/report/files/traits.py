"""The files on latent traits: which table and figure goes under which name."""

from collections.abc import Callable
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import NULL
from crosstask.analysis.traits.results import LatentTraits
from crosstask.report.figures.intervals import interval_plot
from crosstask.report.figures.traits import loading_map, scree_plot, source_plane

TRAIT_TABLES = (
    "components",
    "components_rules",
    "components_stability",
    "loadings",
    "loadings_intervals",
    "traits",
    "traits_intervals",
    "trait_names",
    "abilities",
    "factors",
    "factor_pattern",
    "factor_structure",
    "factor_correlations",
    "factor_scores",
    "factor_pattern_intervals",
    "factor_scores_intervals",
)
"""Names of the tables."""

TRAIT_FIGURES = ("loadings", "scree", "sources", "loadings_intervals", "traits_intervals")
"""Names of the figures."""


def trait_tables(traits: LatentTraits) -> dict[str, pd.DataFrame | None]:
    """Tables by file name; None where there is none."""
    intervals, factors = traits.intervals, traits.factors
    with_null = partial(_with_null, traits)
    tables: dict[str, pd.DataFrame | None] = {
        "components": traits.table,
        "components_rules": traits.rules,
        "components_stability": with_null(traits.stability),
        "loadings": traits.components.loadings,
        "traits": traits.components.traits,
        "trait_names": with_null(traits.names),
        "abilities": with_null(traits.abilities),
    }
    if intervals is not None:
        tables["loadings_intervals"] = with_null(intervals.loadings)
        tables["traits_intervals"] = with_null(intervals.traits)
    if factors is not None:
        tables |= {
            "factors": factors.variance,
            "factor_pattern": factors.pattern.assign(communality=factors.communalities),
            "factor_structure": factors.structure,
            "factor_correlations": factors.correlations,
            "factor_scores": factors.scores,
        }
    if traits.factor_intervals is not None:
        tables |= {
            "factor_pattern_intervals": traits.factor_intervals.pattern,
            "factor_scores_intervals": traits.factor_intervals.scores,
        }
    return tables


def _with_null(traits: LatentTraits, table: pd.DataFrame) -> pd.DataFrame:
    """A table with a column of components, and how each stands beside noise."""
    null = traits.table[["component", *(name for name in column_names(NULL) if name not in table)]]
    return table.merge(null, on="component", how="left")


def trait_footers(traits: LatentTraits) -> dict[str, pd.DataFrame]:
    """What stands below the LaTeX tables with a column per component: how each stands beside noise."""
    null = traits.table.set_index("component")[column_names(NULL)]
    null = null.assign(retained=null["retained"].map({True: "yes", False: "no"}))
    footer = null.set_axis(["variance explained", "noise, mean", "noise, 95th percentile", "told from noise"], axis=1).T
    tables = {"loadings": traits.components.loadings, "traits": traits.components.traits}
    return {name: footer[table.columns].rename_axis(table.index.name) for name, table in tables.items()}


def trait_figures(traits: LatentTraits, caption: str) -> dict[str, Callable[[], Figure]]:
    """What draws each figure, by file name."""
    components = traits.components
    verdict = f"{caption}; {traits.noise.draws} noise matrices"
    drawn: dict[str, Callable[[], Figure]] = {
        "loadings": partial(loading_map, components.loadings, traits.table, caption),
        "scree": partial(scree_plot, traits.table, traits.noise.null, verdict),
    }
    if components.traits.shape[1] > 1:
        drawn["sources"] = partial(source_plane, components.traits, traits.table, subtitle=caption)
    if traits.intervals is not None:
        below = f"{caption}; 95 % intervals"
        for name, table, value in (
            ("loadings_intervals", traits.intervals.loadings, "loading"),
            ("traits_intervals", traits.intervals.traits, "trait"),
        ):
            drawn[name] = partial(interval_plot, table, traits.table, value, traits.verdict, below)
    return drawn
