"""Figures that an analysis asks for, as data: what is drawn, under which title and file name.

Nothing here draws; :mod:`crosstask.report.figures` knows how each kind is drawn.
"""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.matrix.score_unit import FRACTION, ScoreUnit


@dataclass(frozen=True, kw_only=True)
class FigureRequest:
    """A figure to be drawn."""

    name: str
    """File name without its suffix."""
    title: str
    """What was found, in one line."""
    subtitle: str = ""
    """Of how many sources, targets, seeds and rows."""


@dataclass(frozen=True)
class Significance:
    """How certain the numbers of a table are; both of the table's shape."""

    half_widths: pd.DataFrame
    """Half the width of each interval, in the unit of the table; NaN where it is not known."""
    significant: pd.DataFrame
    """Whether each is significant, bool."""


def significance(long: pd.DataFrame, table: pd.DataFrame) -> Significance | None:
    """Return the intervals of a long table in the shape of its wide one; None where nothing was tested.

    Parameters
    ----------
    long : DataFrame
        Columns ``source``, ``target``, ``ci_low``, ``ci_high`` and ``significant``.
    table : DataFrame, shape (n_sources, n_targets)
        Its index and columns give the shape.
    """
    if long["ci_low"].isna().all():
        return None
    marked = long.assign(
        half=(long["ci_high"] - long["ci_low"]) / 2, marked=long["significant"].fillna(False).astype(float)
    )
    half, marks = (
        marked.pivot(index="source", columns="target", values=name).reindex_like(table) for name in ("half", "marked")
    )
    return Significance(half, marks == 1)


@dataclass(frozen=True, kw_only=True)
class GainMap(FigureRequest):
    """Heat map of gains, sources down and targets across; cells that are NaN are hatched."""

    gains: pd.DataFrame
    """Sources x targets, in the unit of the scores."""
    home: pd.DataFrame
    """Bool, of the same shape: a source's own task. These cells are outlined, and the color scale is that of the
    others, because training on the task itself often gains several times as much."""
    unit: ScoreUnit = FRACTION
    significance: Significance | None = None
    """In the unit of the scores."""


@dataclass(frozen=True, kw_only=True)
class ResidualMap(GainMap):
    """The same of what donors and recipients leave; cells on a source's own task were not fitted."""


@dataclass(frozen=True, kw_only=True)
class AsymmetryMap(FigureRequest):
    """Heat map of what the task of the row gives to that of the column beyond what it gets."""

    pairs: pd.DataFrame
    """Columns ``ASYMMETRY``."""
    tasks: tuple[str, ...]
    """Order of rows and columns."""
    unit: ScoreUnit = FRACTION


@dataclass(frozen=True, kw_only=True)
class ShareMap(FigureRequest):
    """Heat map of shares, sources down and targets across, from white (0) to dark blue."""

    shares: pd.DataFrame
    """Sources x targets, 0 to 1; NaN is hatched."""
    label: str
    """What the shares are of, beside the color scale."""
    half_widths: pd.DataFrame | None = None
    """Half the width of each interval, of the same shape and unit; not shown when left out."""
    key: str = ""
    """What the marks mean."""


@dataclass(frozen=True, kw_only=True)
class Dendrograms(FigureRequest):
    """Trees of sources and of targets, with the support of each merge."""

    clusters: pd.DataFrame
    """Columns ``CLUSTERS``."""


@dataclass(frozen=True, kw_only=True)
class EffectPlot(FigureRequest):
    """Donors and recipients with their intervals, the largest first; those that are not significant are hollow."""

    donors: pd.DataFrame
    """Columns ``DONORS``."""
    unit: ScoreUnit = FRACTION


@dataclass(frozen=True, kw_only=True)
class InterventionPlot(FigureRequest):
    """Effects of changes of each source with their intervals, a panel per source, targets below each other; those of
    other rows of the same data gray.
    """

    effects: pd.DataFrame
    """Columns ``source``, ``variant``, ``kind``, ``target``, ``effect``, ``ci_low``, ``ci_high``, ``significant``."""
    unit: ScoreUnit = FRACTION


@dataclass(frozen=True, kw_only=True)
class RatePlot(FigureRequest):
    """Win and harm rates of sources and of targets with their intervals."""

    rates: pd.DataFrame
    """Columns ``RATES``."""


@dataclass(frozen=True, kw_only=True)
class ReferencePlot(FigureRequest):
    """For each target base, majority class, chance and its own adapter, with their intervals."""

    references: pd.DataFrame
    """Columns ``REFERENCES``."""
    unit: ScoreUnit = FRACTION


@dataclass(frozen=True, kw_only=True)
class SimilarityPlot(FigureRequest):
    """Correlation of each measure with the gains, in front of its null distribution under label permutations."""

    tests: pd.DataFrame
    """Columns ``SIMILARITY_TESTS``."""
    alpha: float
    """1 minus the share of label permutations that the range of each holds."""


@dataclass(frozen=True, kw_only=True)
class LoadingMap(FigureRequest):
    """Heat map of eigenvectors, components down and targets across."""

    loadings: pd.DataFrame
    """Targets x components, unit-length eigenvectors."""
    components: pd.DataFrame
    """Columns ``COMPONENTS``; those that are retained are starred."""


@dataclass(frozen=True, kw_only=True)
class ScreePlot(FigureRequest):
    """Explained variance of each component beside that of the null model."""

    components: pd.DataFrame
    """``component``, ``explained_variance_ratio`` (0 to 1), ``threshold`` and ``retained``."""
    null: pd.DataFrame
    """``component``, ``mean``, ``p05`` and ``p95``."""


@dataclass(frozen=True, kw_only=True)
class SourcePlane(FigureRequest):
    """Sources as points in the plane of two components, with their names; the base model a black diamond.

    Of more than 20 sources, those are named whose names find room, the farthest from the middle first.
    """

    traits: pd.DataFrame
    """Sources x components, unit-length left singular vectors."""
    components: pd.DataFrame
    """Columns ``COMPONENTS``."""
    plane: tuple[str, str] = ("PC1", "PC2")
    """The components along the horizontal and the vertical axis."""


@dataclass(frozen=True, kw_only=True)
class ComponentIntervals(FigureRequest):
    """Loadings or traits with their intervals, a panel per component; retained ones blue and filled, others hollow."""

    intervals: pd.DataFrame
    """``component``, a column of names, the values, ``ci_low`` and ``ci_high``, in this order."""
    components: pd.DataFrame
    """Columns ``COMPONENTS``; or ``REPLICATION``, with the correlation of replicates in the place of the explained
    variance."""
    value: str
    """The column of values, which also labels the axes."""

    @property
    def of_replicates(self) -> bool:
        """Whether components are those that come back, which have a correlation between replicates."""
        return "correlation" in self.components
