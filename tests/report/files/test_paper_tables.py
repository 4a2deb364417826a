"""Tables that fit a page of a paper, and the article that shows them."""

import re

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.blocks import ComponentsBlock, MatrixBlock
from crosstask.analysis.figures import FigureRequest
from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.report.files.article import article
from crosstask.report.files.latex import LARGEST
from crosstask.report.files.paper_tables import PAPER_TABLES, escaped, paper_tables


def matrix(rows: int, columns: int, **marks: pd.DataFrame) -> MatrixBlock:
    """Gains of 0.001, 0.002, ... by rows."""
    names = [f"s_{row}" for row in range(rows)], [f"t_{column}" for column in range(columns)]
    values = pd.DataFrame(np.arange(1, rows * columns + 1).reshape(rows, columns) / 1000, *names)
    home = marks.pop("home", values.isna())
    return MatrixBlock(title="Gain (percentage points)", values=values, home=home, unit=FRACTION, signed=True, **marks)


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of every part."""
    return [line.removesuffix(r" \\").split(" & ") for line in text.splitlines() if line.endswith(r"\\")]


def test_gains_are_in_points_bold_where_significant_and_starred_at_home():
    block = matrix(2, 2)
    shown = block.values.copy()
    shown.loc["s_1", "t_0"] = np.nan
    block = MatrixBlock(
        title=block.title,
        values=shown,
        home=pd.DataFrame([[True, False], [False, False]], shown.index, shown.columns),
        unit=FRACTION,
        signed=True,
        significant=pd.DataFrame([[True, False], [False, True]], shown.index, shown.columns),
    )
    text = paper_tables([block])["paper_gains"]
    assert rows_of(text)[1:] == [
        [r"s\_0", r"$^*${\boldmath$+0.1$}", "$+0.2$"],
        [r"s\_1", "--", r"{\boldmath$+0.4$}"],
    ]
    assert r"Gain (percentage points); bold: distinguishable from 0; * the source's own task" in text


def test_a_key_names_only_the_marks_there_are():
    text = paper_tables([matrix(1, 1)])["paper_gains"]
    assert "bold" not in text
    assert "own task" not in text


@pytest.mark.parametrize(
    ("rows", "columns", "parts"),
    [
        (3, 12, [(3, 12)]),
        (3, 13, [(3, 7), (3, 6)]),
        (46, 5, [(45, 5), (1, 5)]),
        (46, 20, [(45, 10)] * 2 + [(1, 10)] * 2),
    ],
)
def test_a_large_matrix_is_in_parts_of_about_equal_size(rows, columns, parts):
    text = paper_tables([matrix(rows, columns)])["paper_gains"]
    tabulars = re.findall(r"\\begin\{tabular\}(.*?)\\end\{tabular\}", text, flags=re.DOTALL)
    assert [(len(rows_of(part)) - 1, len(rows_of(part)[0]) - 1) for part in tabulars] == parts
    numbers = [cell for part in tabulars for row in rows_of(part)[1:] for cell in row[1:]]
    wanted = [f"${value / 10:+.1f}$" for value in range(1, rows * columns + 1)]
    assert sorted(numbers) == sorted(wanted)


def test_a_matrix_that_nobody_prints_is_left_out():
    assert not paper_tables([matrix(LARGEST + 1, 1)])


def test_loadings_have_the_share_of_each_component_below_and_stars_for_those_retained():
    names = [f"PC{place}" for place in range(1, 13)]
    loadings = pd.DataFrame([np.linspace(-0.5, 0.6, 12)], ["sst2"], names)
    shares = np.linspace(0.3, 0.01, 12)
    components = pd.DataFrame({"component": names, "explained_variance_ratio": shares, "retained": False})
    components.loc[0, "retained"] = True
    nothing = pd.DataFrame()
    block = ComponentsBlock(
        title="", caption="1 x 12", components=components, loadings=loadings, rules=nothing, names=nothing
    )
    head, row, below = rows_of(paper_tables([block])["paper_loadings"])
    assert head == ["target", r"\rotatebox{90}{PC1*}", *[rf"\rotatebox{{90}}{{{name}}}" for name in names[1:10]]]
    assert row == ["sst2", *[f"${value:+.2f}$" for value in loadings.iloc[0, :10]]]
    assert below == [r"\% of the variance", *[f"${100 * share:.1f}$" for share in shares[:10]]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mnli_words & 5 %", r"mnli\_words \& 5 \%"),
        (r"a\b{c}", r"a\textbackslash{}b\{c\}"),
        ("x<y>z|~^", r"x\textless{}y\textgreater{}z\textbar{}\textasciitilde{}\textasciicircum{}"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_name_is_printed_as_it_is(text, expected):
    assert escaped(text) == expected


@pytest.mark.parametrize(
    ("formats", "shown"), [(("png", "svg", "pdf"), "gains.pdf"), (("svg", "png"), "gains.png"), (("svg",), None)]
)
def test_an_article_shows_tables_and_the_best_figures_that_latex_can_print(formats, shown):
    text = article(PAPER_TABLES, [FigureRequest(name="gains", title="Gain_s", subtitle="2 x 2")], formats)
    assert [rf"\input{{{name}}}" in text for name in PAPER_TABLES] == [True] * 3
    assert re.findall(r"\\includegraphics\[.*\]\{\.\./(.*)\}", text) == ([shown] if shown else [])
    assert (r"Gain\_s. 2 x 2" in text) == (shown is not None)
