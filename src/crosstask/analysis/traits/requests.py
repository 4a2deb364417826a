"""Tables and figures that are asked for of latent traits."""

from collections.abc import Iterator

import pandas as pd

from crosstask.analysis.figures import ComponentIntervals, FigureRequest, LoadingMap, ScreePlot, SourcePlane
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Table
from crosstask.analysis.traits.columns import NULL, TABLES
from crosstask.analysis.traits.results import LatentTraits


def trait_tables(traits: LatentTraits, multiverse: pd.DataFrame) -> tuple[Table, ...]:
    """Return every table that there is, those with a column per component with a footer on paper."""
    frames, footers = _frames(traits) | {"multiverse": multiverse}, _footers(traits)
    return tuple(
        Table(schema, frames[schema.name], footers.get(schema.name)) for schema in TABLES if schema.name in frames
    )


def multiverse_tables(multiverse: pd.DataFrame) -> tuple[Table, ...]:
    """Return what there is of a matrix that has no components."""
    return tuple(Table(schema, multiverse) for schema in TABLES if schema.name == "multiverse")


def _frames(traits: LatentTraits) -> dict[str, pd.DataFrame]:
    """Tables by name."""
    frames = {
        "components": traits.table,
        "components_rules": traits.rules,
        "components_stability": _with_null(traits, traits.stability),
        "loadings": traits.components.loadings,
        "traits": traits.components.traits,
        "trait_names": _with_null(traits, traits.names),
        "abilities": _with_null(traits, traits.abilities),
    }
    if traits.power is not None:
        frames["power"] = traits.power.table
    if traits.intervals is not None:
        frames["loadings_intervals"] = _with_null(traits, traits.intervals.loadings)
        frames["traits_intervals"] = _with_null(traits, traits.intervals.traits)
    if traits.factors is not None:
        frames |= {
            "factors": traits.factors.variance,
            "factor_pattern": traits.factors.pattern.assign(communality=traits.factors.communalities),
            "factor_structure": traits.factors.structure,
            "factor_correlations": traits.factors.correlations,
            "factor_scores": traits.factors.scores,
        }
    if traits.factor_intervals is not None:
        frames |= {
            "factor_pattern_intervals": traits.factor_intervals.pattern,
            "factor_scores_intervals": traits.factor_intervals.scores,
        }
    return frames


def _with_null(traits: LatentTraits, table: pd.DataFrame) -> pd.DataFrame:
    """A table with a column of components, and how each stands beside its null model."""
    null = traits.table[["component", *(name for name in column_names(NULL) if name not in table)]]
    return table.merge(null, on="component", how="left")


def _footers(traits: LatentTraits) -> dict[str, pd.DataFrame]:
    """What stands below tables with a column per component: how each stands beside its null model."""
    null = traits.table.set_index("component")[column_names(NULL)]
    null = null.assign(retained=null["retained"].map({True: "yes", False: "no"}))
    footer = null.set_axis(
        ["variance explained", "noise, mean", "noise, 95th percentile", "distinguishable from noise"], axis=1
    ).T
    tables = {"loadings": traits.components.loadings, "traits": traits.components.traits}
    return {name: footer[table.columns].rename_axis(table.index.name) for name, table in tables.items()}


def trait_figures(traits: LatentTraits, caption: str) -> Iterator[FigureRequest]:
    """Yield each figure that there is something to draw for."""
    components, table = traits.components, traits.table
    told = _told(traits.retained)
    yield LoadingMap(name="loadings", title=told, subtitle=caption, loadings=components.loadings, components=table)
    drawn = f"{caption}; {traits.noise.draws} noise matrices"
    yield ScreePlot(name="scree", title=told, subtitle=drawn, components=table, null=traits.noise.null)
    if components.traits.shape[1] > 1:
        yield SourcePlane(name="sources", title=told, subtitle=caption, traits=components.traits, components=table)
    if traits.intervals is None:
        return
    below = f"{caption}; {100 * (1 - traits.noise.level):g} % intervals"
    for value, intervals in (("loading", traits.intervals.loadings), ("trait", traits.intervals.traits)):
        yield ComponentIntervals(
            name=f"{value}s_intervals",
            title=told,
            subtitle=below,
            intervals=intervals,
            components=table,
            value=value,
        )


def _told(retained: int) -> str:
    """How many components are distinguishable from noise."""
    if retained == 0:
        return "No component is distinguishable from noise"
    return f"{retained} {'component is' if retained == 1 else 'components are'} distinguishable from noise"
