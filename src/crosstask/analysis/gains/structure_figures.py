"""Figures that are asked for of what gains owe to sources, targets and pairs."""

from collections.abc import Iterator

import pandas as pd

from crosstask.analysis.figures import (
    AsymmetryMap,
    Dendrograms,
    EffectPlot,
    FigureRequest,
    RatePlot,
    ReferencePlot,
    ResidualMap,
    ShareMap,
    significance,
)
from crosstask.analysis.gains import findings
from crosstask.analysis.gains.results import GainTables
from crosstask.analysis.transfer import Transfer


def structure_figures(transfer: Transfer, found: GainTables) -> Iterator[FigureRequest]:
    """Yield each figure that there is something to draw for."""
    unit, caption = transfer.unit, transfer.caption
    if not found.references.empty and transfer.scales is None:  # scores of several units have no axis
        title = findings.reference_finding(found.references)
        yield ReferencePlot(name="references", title=title, subtitle=caption, references=found.references, unit=unit)
    if found.donors is not None:
        title = findings.donor_finding(found.donors, unit)
        yield EffectPlot(name="donors", title=title, subtitle=caption, donors=found.donors, unit=unit)
    if found.residuals is not None and found.residuals_long is not None:
        yield ResidualMap(
            name="residuals",
            title=findings.residual_finding(found.indices, found.residuals_long),
            subtitle=caption,
            gains=found.residuals,
            home=transfer.home,
            unit=unit,
            significance=significance(found.residuals_long, transfer.gains),
        )
    if not found.rates.empty:
        yield RatePlot(name="rates", title=findings.rate_finding(found.rates), subtitle=caption, rates=found.rates)
    if not found.asymmetry.empty:
        yield _asymmetry_map(transfer, found)
    if not found.clusters.empty:
        title = findings.cluster_finding(found.clusters)
        yield Dendrograms(name="clusters", title=title, subtitle=caption, clusters=found.clusters)
    if not found.affinity.empty:
        yield _affinity_map(transfer, found.affinity)


def _asymmetry_map(transfer: Transfer, found: GainTables) -> AsymmetryMap:
    """The pairs of tasks that have a gain in both directions, in the order of the targets."""
    paired = set(found.asymmetry["first"]) | set(found.asymmetry["second"])
    return AsymmetryMap(
        name="asymmetry",
        title=findings.asymmetry_finding(found.asymmetry, found.indices),
        subtitle=transfer.caption,
        pairs=found.asymmetry,
        tasks=tuple(name for name in map(str, transfer.matrix.columns) if name in paired),
        unit=transfer.unit,
    )


def _affinity_map(transfer: Transfer, affinity: pd.DataFrame) -> ShareMap:
    """Affinities, sources down and targets across; targets without any are left out."""
    table = affinity.assign(half=(affinity["ci_high"] - affinity["ci_low"]) / 2)
    sources, targets = list(map(str, transfer.matrix.index)), list(map(str, transfer.matrix.columns))
    shares, halves = (
        table.pivot(index="source", columns="target", values=name).reindex(index=sources, columns=targets)
        for name in ("affinity", "half")
    )
    shares = shares.dropna(axis=1, how="all")
    return ShareMap(
        name="affinity",
        title=findings.affinity_finding(affinity),
        subtitle=transfer.caption,
        shares=shares,
        half_widths=halves[shares.columns],
        label="share of the target's affinity (%)",
        key="±: half the interval (jackknife over test rows)",
    )
