"""All names stand along their axis, titles within their figure, and nothing is written over anything."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from crosstask.report.figures.labels import MEASURED, entitle, name_ticks, wrapped

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


def entitled(title: str, *below: str, width: float = 4) -> tuple[Figure, Bbox, Bbox]:
    """A figure under its title, drawn, and the boxes of the title and of the lines under it."""
    figure = Figure(figsize=(width, 3), layout="constrained")
    figure.add_subplot()
    entitle(figure, title, *below)
    FigureCanvasAgg(figure).draw()
    (under,) = figure.artists
    title_text = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_text() == figure.get_suptitle())
    return figure, title_text[0].get_window_extent(), under.get_window_extent()


@pytest.mark.parametrize("width", [3, 4, 9.6])
@pytest.mark.parametrize(
    "title",
    ["short", "flipkart gives most (+5.9, +5.7 expected), " * 4, "a_name_without_blanks_" * 12],
    ids=["short", "long", "one word"],
)
def test_titles_stay_within_their_figure_and_lose_nothing(title, width):
    below = "30 of 40 are distinguishable from the mean; " * 3
    figure, over, under = entitled(title, "20 sources x 20 targets", below, width=width)
    (written,) = figure.artists
    assert "".join(figure.get_suptitle().split()) == "".join(title.split())
    assert "".join(written.get_text().split()) == "".join(f"20 sources x 20 targets {below}".split())
    for box in (over, under):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
    assert over.y0 == pytest.approx(under.y0)
    assert figure.axes[0].get_window_extent().y1 < under.y0


def test_lines_under_a_title_do_not_lie_on_it():
    figure, over, under = entitled("a title of several words " * 6, "one line", "another, longer line " * 6)
    lines = len(figure.get_suptitle().rstrip("\n").split("\n"))
    of_title = over.height * lines / len(figure.get_suptitle().split("\n"))
    assert lines > 1
    assert under.y1 <= over.y1 - 0.95 * of_title


def test_a_figure_grows_with_the_lines_of_its_title():
    assert entitled("short", "below")[0].get_figheight() == pytest.approx(3)
    two = entitled("a title of several words, which is long", "below", width=3)[0]
    assert two.get_suptitle().count("\n") == 2  # one between its lines, and one for the line below
    assert two.get_figheight() == pytest.approx(3 + 1.2 * 11 / 72)


def test_a_line_breaks_between_words_only_where_it_must():
    assert wrapped("gain over the base model", 10, 9) == ["gain over the base model"]
    assert wrapped("gain over the base model", 1, 9) == ["gain over the", "base model"]
    assert wrapped("metamath+goat gains", 0.7, 9) == ["metamath", "+goat", "gains"]
