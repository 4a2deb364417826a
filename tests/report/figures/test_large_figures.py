"""Figures of large matrices: as many lines as can be read, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.figures import (
    ComponentIntervals,
    Dendrograms,
    EffectPlot,
    GainMap,
    LoadingMap,
    ScreePlot,
    Significance,
    SourcePlane,
)
from crosstask.report.figures.drawing import draw

SOURCES, TARGETS = [f"s{place}" for place in range(700)], [f"t{place}" for place in range(4)]


def said(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def names_of(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def components(count):
    return pd.DataFrame(
        {
            "component": [f"PC{place + 1}" for place in range(count)],
            "explained_variance_ratio": 1 / count,
            "null_mean": 1 / count,
            "null_p95": 1 / count,
            "threshold": np.nan,
            "retained": False,
        }
    )


def test_a_map_of_many_sources_shows_those_that_gain_most_and_least():
    gains = pd.DataFrame(np.arange(2800.0).reshape(700, 4), SOURCES, TARGETS)
    marks = Significance(gains * 0 + 1, gains > 2796)
    figure = draw(GainMap(name="gains", title="g", gains=gains, home=gains == 2799, significance=marks))
    names = names_of(figure.axes[0])
    assert names == [*SOURCES[:150], *SOURCES[-150:]]
    assert "300 of 700 sources, the highest and the lowest on average" in said(figure)
    (dots,) = (line for line in figure.axes[0].lines if line.get_marker() == ".")
    assert sorted(zip(dots.get_xdata(), dots.get_ydata(), strict=True)) == [(1, 299), (2, 299), (3, 299)]
    assert max(figure.get_size_inches()) < 40


def test_lines_of_few_targets_are_as_high_as_those_of_many_sources():
    effect = [*np.linspace(5, -5, 700), 1.0, 0.5, 0.1, -1.0]
    donors = pd.DataFrame({"role": ["donor"] * 700 + ["recipient"] * 4, "name": SOURCES + TARGETS, "effect": effect})
    figure = draw(
        EffectPlot(name="donors", title="d", donors=donors.assign(ci_low=-1.0, ci_high=1.0, significant=False))
    )
    assert names_of(figure.axes[0]) == [*SOURCES[:30], *SOURCES[-30:]]
    assert names_of(figure.axes[1]) == TARGETS
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    assert "60 of 700 donors, the highest and the lowest" in said(figure)


@pytest.mark.parametrize(("leaves", "named"), [(20, True), (280, True), (700, False)])
def test_trees_of_many_leaves_fit_on_a_page(leaves, named):
    merges = [(1, "s0", "s1")] + [(step, f"#{step - 1}", f"s{step}") for step in range(2, leaves)]
    clusters = pd.DataFrame(merges, columns=["merge", "left", "right"]).assign(side="source", support=1.0)
    figure = draw(Dendrograms(name="clusters", title="c", clusters=clusters.assign(height=clusters["merge"] / leaves)))
    assert (len(names_of(figure.axes[0])) == leaves) == named
    assert ("sources without names, of more than 300: see clusters.csv" in said(figure)) == (not named)
    assert figure.get_figheight() < 30


def test_of_many_components_the_first_are_drawn():
    table = components(100)
    null = pd.DataFrame({"component": table["component"], "mean": 0.01, "p05": 0.009, "p95": 0.011})
    figure = draw(ScreePlot(name="scree", title="s", components=table, null=null))
    assert len(figure.axes[0].get_xticklabels()) == 30
    assert "30 of 100 components, the first" in said(figure)
    loadings = pd.DataFrame(0.1, [f"t{place}" for place in range(400)], table["component"])
    loadings.iloc[100:] = 0.2
    figure = draw(LoadingMap(name="loadings", title="l", loadings=loadings, components=table))
    assert len(figure.axes[0].get_yticklabels()) == 30
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        f"t{place}" for place in range(100, 400)
    ]
    assert "300 of 400 targets, those with the largest loadings" in said(figure)


def test_of_many_sources_those_farthest_out_are_named():
    angle = np.linspace(0, 2 * np.pi, 700)
    radius = np.where(np.arange(700) < 60, 1.0, 0.1)
    plane = pd.DataFrame({"PC1": radius * np.cos(angle), "PC2": radius * np.sin(angle)}, SOURCES)
    figure = draw(SourcePlane(name="sources", title="p", traits=plane, components=components(2)))
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written
    assert written <= set(SOURCES[:60])
    long = plane["PC1"].rename_axis("source").rename("trait").reset_index().assign(component="PC1")
    long = long[["component", "source", "trait"]].assign(ci_low=-2.0, ci_high=2.0)
    figure = draw(ComponentIntervals(name="traits", title="i", intervals=long, components=components(2), value="trait"))
    assert len(names_of(figure.axes[0])) == 60
    assert "60 of 700 sources, those with the largest traits" in said(figure)

    base = long.iloc[:1].assign(source="base", trait=0.0)
    with_base = pd.concat([base, long], ignore_index=True)
    request = ComponentIntervals(name="t", title="i", intervals=with_base, components=components(2), value="trait")
    figure = draw(request)
    assert "base" in names_of(figure.axes[0])
    assert "60 of 700 sources, those with the largest traits" in said(figure)


def test_what_was_not_tested_does_not_pass_for_not_significant():
    donors = pd.DataFrame(
        {
            "role": ["donor", "donor", "recipient"],
            "name": ["a", "b", "x"],
            "effect": [1.0, -1.0, 0.0],
            "ci_low": [0.5, -2.0, np.nan],
            "ci_high": [1.5, 0.1, np.nan],
            "significant": [True, False, None],
        }
    )
    figure = draw(EffectPlot(name="donors", title="d", donors=donors))
    labels = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert labels == ["significant", "not significant", "not tested: error not known"]
