"""Intervals are drawn where their table has them."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from crosstask.analysis.figures import ComponentIntervals
from crosstask.report.figures.traits import interval_plot
from tests.report.figures.test_figures import VARIANCE, heading

INTERVALS = pd.DataFrame(
    [
        ("PC1", "goat", 0.6, 0.4, 0.8),
        ("PC1", "imdb", 0.8, 0.7, 0.9),
        ("PC2", "goat", 0.8, 0.1, 1.0),
        ("PC2", "imdb", -0.6, -1.0, 0.2),
    ],
    columns=["component", "target", "loading", "ci_low", "ci_high"],
)


def plot(title: str, subtitle: str = "") -> Figure:
    """The loadings with their intervals."""
    request = ComponentIntervals(
        name="loadings", title=title, subtitle=subtitle, intervals=INTERVALS, components=VARIANCE, value="loading"
    )
    return interval_plot(request)


def test_points_and_bounds_are_those_of_the_table():
    panels = plot("title").axes
    assert len(panels) == 2
    for axes, (_, rows) in zip(panels, INTERVALS.groupby("component"), strict=True):
        points, _, bars = axes.containers[0].lines
        assert points.get_xdata().tolist() == rows["loading"].tolist()
        segments = bars[0].get_segments()
        assert [segment[0][0] for segment in segments] == pytest.approx(rows["ci_low"].tolist())
        assert [segment[1][0] for segment in segments] == pytest.approx(rows["ci_high"].tolist())
    assert [label.get_text() for label in panels[0].get_yticklabels()] == ["goat", "imdb"]


def test_what_is_not_told_from_noise_looks_different_and_says_so():
    first, second = plot("title").axes
    assert first.get_title() == "PC1: 75.0 % (noise 55.0 to 62.0 %)\ndistinguishable from noise"
    assert second.get_title() == "PC2: 25.0 % (noise 45.0 to 48.0 %)\nnot distinguishable from noise"
    points = [axes.containers[0].lines[0] for axes in (first, second)]
    assert points[0].get_markerfacecolor() == points[0].get_color()
    assert points[1].get_markerfacecolor() == "white"


def test_title_and_caption_stand_on_the_figure():
    figure = plot("1 component is distinguishable from noise", "2 sources x 2 targets")
    assert heading(figure) == ("1 component is distinguishable from noise", "2 sources x 2 targets")


def test_of_replicates_the_correlation_stands_beside_each_component():
    values = {"correlation": [0.729, 0.143], "null_mean": [0.003, -0.002], "null_p95": [0.067, 0.07]}
    replicated = VARIANCE.assign(**values, share=0.5)
    request = ComponentIntervals(
        name="replication", title="title", intervals=INTERVALS, components=replicated, value="loading"
    )
    first, second = interval_plot(request).axes
    assert first.get_title() == "PC1: r = +0.73, comes back\nrelabeled: mean +0.00, 95th +0.07"
    assert second.get_title() == "PC2: r = +0.14, does not come back\nrelabeled: mean +0.00, 95th +0.07"
