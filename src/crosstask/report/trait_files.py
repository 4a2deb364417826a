"""The files on latent traits: which table and figure goes under which name."""

from collections.abc import Callable
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from crosstask.analysis.latent_traits import LatentTraits
from crosstask.report.figures import loading_map, scree_plot, source_plane
from crosstask.report.interval_plot import interval_plot

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
    tables: dict[str, pd.DataFrame | None] = {
        "components": traits.table,
        "components_rules": traits.rules,
        "components_stability": traits.stability,
        "loadings": traits.components.loadings,
        "traits": traits.components.traits,
        "trait_names": traits.names,
        "abilities": traits.abilities,
    }
    if intervals is not None:
        tables |= {"loadings_intervals": intervals.loadings, "traits_intervals": intervals.traits}
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


def trait_figures(traits: LatentTraits, caption: str) -> dict[str, Callable[[], Figure]]:
    """What draws each figure, by file name."""
    components = traits.components
    verdict = f"{caption}; {traits.noise.draws} noise matrices"
    drawn: dict[str, Callable[[], Figure]] = {
        "loadings": partial(loading_map, components.loadings, components.variance, caption, traits.retained),
        "scree": partial(scree_plot, traits.table, traits.noise.null, verdict),
    }
    if components.traits.shape[1] > 1:
        drawn["sources"] = partial(source_plane, components.traits, components.variance, subtitle=caption)
    if traits.intervals is not None:
        below = f"{caption}; 95 % intervals"
        for name, table, value in (
            ("loadings_intervals", traits.intervals.loadings, "loading"),
            ("traits_intervals", traits.intervals.traits, "trait"),
        ):
            drawn[name] = partial(interval_plot, table, value, traits.verdict, below, traits.retained)
    return drawn
