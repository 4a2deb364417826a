"""All names stand along their axis, and however many they are nothing is written over them."""

import pytest
from matplotlib.figure import Figure

from crosstask.report.figures.labels import MEASURED, name_ticks

SHORT = [f"task_{number}" for number in range(120)]


def named(names: list[str]) -> Figure:
    """A figure with names down its left side, drawn."""
    figure = Figure(figsize=(4, 12), layout="constrained")
    axes = figure.add_subplot(ylabel="source")
    name_ticks(axes.yaxis, names, fontsize=5)
    figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("count", [3, 120])
def test_every_name_stands_at_its_place(count):
    axes = named(SHORT[:count]).axes[0]
    labels = axes.get_yticklabels()
    assert [label.get_text() for label in labels] == SHORT[:count]
    assert [label.get_position()[1] for label in labels] == list(range(count))
    assert all(label.get_visible() for label in labels)


def test_there_are_no_marks():
    ticks = named(SHORT[:3]).axes[0].yaxis.get_major_ticks()
    assert not any(tick.tick1line.get_visible() or tick.tick2line.get_visible() for tick in ticks)


@pytest.mark.parametrize("place", [0, MEASURED, 119])
def test_the_longest_of_many_names_has_room(place):
    names = [*SHORT[:place], "a much longer name than all the others", *SHORT[place + 1 :]]
    figure = named(names)
    axes = figure.axes[0]
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert min(box.x0 for box in boxes) > axes.yaxis.label.get_window_extent().x1
    assert axes.yaxis.label.get_window_extent().x0 >= 0
    assert max(box.x1 for box in boxes) < axes.bbox.x0


def test_of_many_names_only_the_longest_are_measured():
    names = [*SHORT[:60], "long_name", *SHORT[61:]]
    labels = named(names).axes[0].get_yticklabels()
    measured = [label.get_text() for label in labels if label.get_in_layout()]
    assert len(measured) == MEASURED
    assert "long_name" in measured
    assert all(label.get_in_layout() for label in named(SHORT[:MEASURED]).axes[0].get_yticklabels())
