"""How each kind of figure is drawn.

Figures are built without pyplot, so nothing is kept open and no window system is asked for.
"""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from crosstask.analysis import figures
from crosstask.report.figures.effects import donor_plot, intervention_plot, rate_plot, reference_plot
from crosstask.report.figures.maps import asymmetry_map, gain_map, residual_map, share_map
from crosstask.report.figures.similarity import similarity_plot
from crosstask.report.figures.traits import interval_plot, loading_map, scree_plot, source_plane
from crosstask.report.figures.trees import dendrograms

DRAWN_BY: dict[type[figures.FigureRequest], Callable[[Any], Figure]] = {
    figures.GainMap: gain_map,
    figures.ResidualMap: residual_map,
    figures.AsymmetryMap: asymmetry_map,
    figures.ShareMap: share_map,
    figures.Dendrograms: dendrograms,
    figures.EffectPlot: donor_plot,
    figures.InterventionPlot: intervention_plot,
    figures.RatePlot: rate_plot,
    figures.ReferencePlot: reference_plot,
    figures.SimilarityPlot: similarity_plot,
    figures.LoadingMap: loading_map,
    figures.ScreePlot: scree_plot,
    figures.SourcePlane: source_plane,
    figures.ComponentIntervals: interval_plot,
}


def draw(request: figures.FigureRequest) -> Figure:
    """Return the figure that was asked for."""
    return DRAWN_BY[type(request)](request)
