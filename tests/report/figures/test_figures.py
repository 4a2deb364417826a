"""Figures hold the numbers of their tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from crosstask.analysis import figures
from crosstask.analysis.matrix.score_unit import PERCENT
from crosstask.report.figures.drawing import DRAWN_BY, draw

GAINS = pd.DataFrame({"goat": [0.4, -0.02], "imdb": [0.01, np.nan]}, index=["goat", "pile"])
HOME = pd.DataFrame({"goat": [True, False], "imdb": [False, False]}, index=["goat", "pile"])
VARIANCE = pd.DataFrame(
    {
        "component": ["PC1", "PC2"],
        "explained_variance_ratio": [0.75, 0.25],
        "null_mean": [0.55, 0.45],
        "null_p95": [0.62, 0.48],
        "threshold": [0.6, 0.3],
        "retained": [True, False],
    }
)


def gain_map(gains: pd.DataFrame, **more: Any) -> Figure:
    """The map of gains, the first cell being the source's own task."""
    return draw(figures.GainMap(**{"name": "gains", "title": "Gain", "gains": gains, "home": HOME} | more))


def loading_map(loadings: pd.DataFrame, components: pd.DataFrame) -> Figure:
    """The map of loadings."""
    return draw(figures.LoadingMap(name="loadings", title="told", loadings=loadings, components=components))


def scree_plot(components: pd.DataFrame, null: pd.DataFrame) -> Figure:
    """The scree plot."""
    return draw(figures.ScreePlot(name="scree", title="told", components=components, null=null))


def texts(figure: Figure) -> list[str]:
    """What is written in the first axes."""
    return [text.get_text() for text in figure.axes[0].texts]


def heading(figure: Figure) -> tuple[str, str]:
    """The title, and the lines under it."""
    (below,) = figure.artists
    return figure.get_suptitle().rstrip("\n"), below.get_text()


def frames(figure: Figure, hatched: bool) -> list[tuple[float, float]]:
    """Corners of the cells that are hatched, or outlined."""
    return [patch.get_xy() for patch in figure.axes[0].patches if bool(patch.get_hatch()) is hatched]


def test_gains_are_printed_in_percentage_points_with_their_sign():
    assert texts(gain_map(GAINS))[:3] == ["+40.0", "+1.0", "-2.0"]


def test_percentages_are_not_rescaled():
    assert texts(gain_map(GAINS * 100, unit=PERCENT))[:3] == ["+40.0", "+1.0", "-2.0"]


def test_no_gain_has_no_minus_sign():
    assert texts(gain_map(GAINS * 0 - 1e-9))[0] == "+0.0"


def test_home_is_outlined_and_no_score_is_hatched():
    figure = gain_map(GAINS)
    assert frames(figure, hatched=False) == [(-0.5, -0.5)]
    assert frames(figure, hatched=True) == [(0.5, 0.5)]


def test_colors_are_centered_on_0_and_scaled_to_the_cells_off_home():
    image = gain_map(GAINS).axes[0].images[0]
    assert image.get_clim() == pytest.approx((-2, 2))
    middle = image.to_rgba(np.array([[0.0]]))[0, 0]
    assert min(middle[:3]) > 0.95
    low, high = (to_hex(image.to_rgba(np.array([[value]]))[0, 0]) for value in (-2.0, 2.0))
    assert (low, high) == ("#67001f", "#053061")  # red, blue


def test_title_and_key_say_what_is_shown():
    figure = gain_map(GAINS, title="Gain over the base model", subtitle="2 sources x 2 targets")
    key = "outlined: the source's own task, may exceed the color scale; hatched: no score"
    assert heading(figure) == ("Gain over the base model", f"2 sources x 2 targets\n{key}")


def test_gains_that_are_all_zero_or_missing_can_be_drawn():
    gain_map(GAINS * 0).draw_without_rendering()
    gain_map(GAINS * np.nan).draw_without_rendering()


def test_loadings_stand_with_the_share_of_their_component_and_that_of_noise():
    loadings = pd.DataFrame({"PC1": [0.6, 0.8], "PC2": [0.8, -0.6]}, index=["goat", "imdb"])
    figure = loading_map(loadings, VARIANCE)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "* PC1: 75.0 % (noise 55.0 to 62.0 %)",
        "PC2: 25.0 % (noise 45.0 to 48.0 %)",
    ]
    assert heading(figure)[0] == "told"
    assert texts(figure)[:4] == ["+0.60", "+0.80", "+0.80", "-0.60"]


def test_scree_draws_the_null_beside_the_observed():
    null = pd.DataFrame(
        {
            "component": ["PC1", "PC2", "PC3"],
            "mean": [0.5, 0.3, 0.2],
            "p05": [0.4, 0.2, 0.1],
            "p95": [0.6, 0.4, 0.3],
        }
    )
    axes = scree_plot(VARIANCE, null).axes[0]
    lines = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
    assert lines["distinguishable from noise"] == pytest.approx([75])
    assert lines["needed, given those before"] == pytest.approx([60, 30])
    assert heading(axes.get_figure())[0] == "told"
    assert lines["noise, mean"] == pytest.approx([50, 30, 20])
    assert lines["observed"] == pytest.approx([75, 25])
    edges = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (edges.min(), edges.max()) == pytest.approx((10, 60))


def test_loadings_of_which_none_is_retained_have_no_stars():
    loadings = pd.DataFrame({"PC1": [0.6, 0.8], "PC2": [0.8, -0.6]}, index=["goat", "imdb"])
    axes = loading_map(loadings, VARIANCE.assign(retained=False)).axes[0]
    assert not any("*" in label.get_text() for label in axes.get_yticklabels())


def plane(count: int) -> Figure:
    """Sources on a circle, crowded where there are many."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    names = ["base", *(f"source_{number}" for number in range(1, count))]
    traits = pd.DataFrame({"PC1": np.cos(angles), "PC2": np.sin(angles)}, index=names)
    return draw(figures.SourcePlane(name="sources", title="told", traits=traits, components=VARIANCE))


def test_few_sources_are_all_named_and_their_names_do_not_overlap():
    figure = plane(12)
    labels = [text for text in figure.axes[0].texts if text.get_text().startswith(("base", "source_"))]
    assert len(labels) == 12
    boxes = [label.get_window_extent() for label in labels]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
    assert figure.axes[0].get_xlabel() == "PC1: 75.0 % (noise, mean to 95th: 55.0 to 62.0 %)"
    assert figure.axes[0].get_ylabel() == "PC2: 25.0 % (noise, mean to 95th: 45.0 to 48.0 %)"
    assert heading(figure)[0] == "told"


def test_of_many_sources_those_are_named_that_have_room():
    figure = plane(200)
    labels = [text for text in figure.axes[0].texts if text.get_text().startswith(("base", "source_"))]
    assert 10 < len(labels) < 200
    assert heading(figure)[1] == "traits of the sources\nnamed where there is room"


def test_base_has_a_mark_of_its_own():
    tuned, base = plane(5).axes[0].lines[2:]
    assert (len(tuned.get_xdata()), len(base.get_xdata())) == (4, 1)
    assert tuned.get_marker() != base.get_marker()


def test_every_kind_of_figure_can_be_drawn():
    kinds = {
        kind for kind in vars(figures).values() if isinstance(kind, type) and issubclass(kind, figures.FigureRequest)
    }
    assert kinds - {figures.FigureRequest} == DRAWN_BY.keys()
