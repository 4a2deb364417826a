"""Files are whole, the same for the same content, and never a traceback."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from crosstask.errors import UserError
from crosstask.report.files.writing import without_apostrophe, write_figure, write_parquet, write_table, write_text


def drawing() -> Figure:
    """A figure with clipping and text, which is where SVG files have identifiers."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot(title="title")
    axes.imshow([[0, 1]])
    axes.fill_between([0, 1], [0, 1], hatch="//")
    return figure


def test_table_bytes(tmp_path):
    frame = pd.DataFrame(
        {"goat": [0.1 + 0.2, -1e-17], "n": pd.array([5, None], "Int64")},
        index=pd.Index(["base", "é"], name="source"),
    )
    path = write_table(frame, tmp_path / "new" / "matrix.csv")
    assert path.read_bytes() == "source,goat,n\nbase,0.3,5\né,0,\n".encode()


def test_no_p_is_written_as_0_that_is_not(tmp_path):
    small = [0.0, 1.2345678e-12, 4.4e-300, 0.00012345678, np.nan]
    frame = pd.DataFrame({"p": small, "partial_q": small, "p_adjusted": small, "gain": small})
    rows = write_table(frame, tmp_path / "a.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["0", "1.23457e-12", "4.4e-300", "0.0001234568", ""]
    for row in rows:
        p, partial_q, p_adjusted, _ = row.split(",")
        assert p == partial_q == p_adjusted
    assert rows[1].split(",")[3] == "0"  # of a gain, the rounding of sums


def test_text_that_a_spreadsheet_would_take_for_a_formula_has_an_apostrophe(tmp_path):
    frame = pd.DataFrame({"=a": [-0.5, 1.0], "name": ["+x", "x-y"], "n": [-1, 2]}, index=["@b", "c"])
    text = write_table(frame.rename_axis("source"), tmp_path / "a.csv").read_text()
    assert text == "source,'=a,name,n\n'@b,-0.5,'+x,-1\nc,1,x-y,2\n"


def test_no_two_texts_are_written_alike_and_categories_are_texts(tmp_path):
    names = ["=1", "'=1", "''=1", "'tis", "a"]
    frame = pd.DataFrame({"a": names, "b": pd.Categorical(names)})
    lines = write_table(frame, tmp_path / "a.csv").read_text().splitlines()[1:]
    assert lines == ["'=1,'=1", "''=1,''=1", "'''=1,'''=1", "'tis,'tis", "a,a"]
    assert [without_apostrophe(line.split(",")[0]) for line in lines] == names


def test_columns_may_have_the_name_of_the_index(tmp_path):
    frame = pd.DataFrame({"source": [0.25], "p": [1e-9]}, index=pd.Index(["a"], name="source"))
    assert write_table(frame, tmp_path / "a.csv").read_text() == "source,source,p\na,0.25,1e-09\n"


def test_a_nameless_index_is_not_written(tmp_path):
    path = write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")
    assert path.read_text() == "a\n1\n"


def test_figures_are_the_same_bytes_twice_and_have_no_date(tmp_path):
    first = write_figure(drawing(), tmp_path / "first")
    second = write_figure(drawing(), tmp_path / "second")
    assert [path.name for path in first] == ["first.png", "first.svg"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert first[0].read_bytes().startswith(b"\x89PNG")
    assert "<dc:date>" not in first[1].read_text()


@pytest.mark.parametrize(("width", "pixels"), [(8, 1200), (16, 1600)])
def test_large_figures_have_fewer_dots_per_inch(tmp_path, width, pixels):
    figure = Figure(figsize=(width, 4))
    figure.add_subplot()
    png, svg = write_figure(figure, tmp_path / "figure")
    with Image.open(png) as image:
        assert image.width == pixels
    assert f'width="{72 * width}pt"' in svg.read_text()


class Place(Artist):
    """Notes where its axes are whenever it is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.set_in_layout(False)
        self.seen: list[tuple[float, ...]] = []

    def draw(self, renderer: object) -> None:
        self.seen.append(self.axes.get_position().bounds)


def test_the_layout_is_worked_out_once_for_all_formats(tmp_path):
    settled, figure = drawing(), drawing()
    settled.draw_without_rendering()
    place = figure.axes[0].add_artist(Place())
    write_figure(figure, tmp_path / "figure")
    assert place.seen == [pytest.approx(settled.axes[0].get_position().bounds)] * 2


def test_unknown_formats_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UserError, match="^figure format 'bmp': not one of png, svg, pdf$"):
        write_figure(drawing(), tmp_path / "figure", ["png", "bmp"])
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crosstask.atomic.os.replace", fail)
    with pytest.raises(UserError, match=r"a\.csv: cannot be written \(No space left on device\)$"):
        write_table(pd.DataFrame({"a": [2]}), path)
    assert path.read_text() == "a\n1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(UserError, match=r"out/a\.csv: cannot be written"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "out" / "a.csv")


def test_parquet_is_the_same_bytes_twice_and_reads_back_as_it_was(tmp_path):
    frame = pd.DataFrame(
        {
            "source": ["goat", "=é"],
            "seed": pd.array([0, None], "Int64"),
            "score": np.array([0.1, np.nan], np.float32),
        }
    )
    first, second = (write_parquet(frame.iloc[::1], tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert first.read_bytes() == second.read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(first), frame)
    with pytest.raises(UserError, match=r"^.*a\.parquet/c\.parquet: cannot be written"):
        write_parquet(frame, first / "c.parquet")


def test_half_of_a_character_is_written_out(tmp_path):
    assert write_text("a\ud800é", tmp_path / "new" / "a.md").read_bytes() == "a\\ud800é".encode()
