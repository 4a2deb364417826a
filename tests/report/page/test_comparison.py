"""Two analyses beside each other, against counts made by hand."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.analysis.pipeline import Analysis
from crosstask.errors import UserError
from crosstask.report.files.writing import write_table
from crosstask.report.options import PageOptions
from crosstask.report.page.comparison import comparison
from crosstask.report.page.other_gains import read_other
from crosstask.report.page.page import page
from crosstask.report.page.tables import Tables
from crosstask.report.page.units import Units
from tests.report.page.reading import MINUS, Parsed

CELLS = [  # source, target, gain, limits, significant
    ("a", "x", 0.30, 0.20, 0.40, True),
    ("a", "y", 0.10, 0.05, 0.15, True),
    ("b", "x", 0.00, -0.1, 0.1, False),
    ("b", "y", -0.2, -0.3, -0.1, True),
]
BEFORE = [
    ("a", "x", 0.05, -0.05, 0.15, False),
    ("a", "y", -0.10, -0.2, -0.05, True),
    ("b", "x", 0.01, -0.1, 0.1, False),
    ("NA", "x", 0.01, -0.1, 0.1, False),
]
COLUMNS = ["source", "target", "gain", "ci_low", "ci_high", "significant"]
HEAD = ",".join(COLUMNS) + "\n"


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The results folder of an earlier analysis."""
    pd.DataFrame(BEFORE, columns=COLUMNS).to_csv(tmp_path / "gains_long.csv", index=False)
    return tmp_path


class Known(Tables):
    """Tables of gains and scores."""

    def __init__(self, cells: list[tuple[object, ...]] = CELLS, scores: pd.DataFrame | None = None) -> None:
        gains = pd.DataFrame(cells, columns=COLUMNS)
        gains["home"] = gains["source"] == gains["target"]
        self._frames = {"gains_long": gains} | ({} if scores is None else {"matrix_long": scores})


POINTS = Units(FRACTION, None, pd.DataFrame())


def scores_of(cells: list[tuple[object, ...]], factor: float = 1.0, turned: bool = False) -> pd.DataFrame:
    """Scores to gains, base having 0.4 on every target, of which less may be better."""
    sign = -1 if turned else 1
    rows = [(source, target, factor * (0.4 + sign * float(str(gain)))) for source, target, gain, *_ in cells]
    rows += [("base", target, factor * 0.4) for target in {row[1] for row in cells}]
    return pd.DataFrame(rows, columns=["source", "target", "score"])


def write(folder: Path, cells: list[tuple[object, ...]], scores: pd.DataFrame | None = None) -> Path:
    """A results folder, written as an analysis writes it."""
    write_table(pd.DataFrame(cells, columns=COLUMNS), folder / "gains_long.csv")
    if scores is not None:
        write_table(scores, folder / "matrix_long.csv")
    return folder


def test_what_changed_and_what_only_one_has(before: Path):
    found = comparison(read_other(before), Known(), POINTS)
    assert found.lines == [
        "3 cells off the diagonal in both: 1 distinguishable from 0 in both, 1 only here, 0 only there",
        "In 2 cells of these the intervals of both do not meet; 1 of those told in both changed sign",
        "1 cell only here: b on y",
        "1 cell only there: NA on x",
    ]
    there, here = f"+5.0 ({MINUS}5.0 to +15.0)", "+30.0 (+20.0 to +40.0)"
    assert found.rows[0] == ("a", "x", there, here, "+25.0", "now distinguishable; intervals do not meet")
    assert [row[4] for row in found.rows] == ["+25.0", "+20.0", f"{MINUS}1.0"]


def test_own_tasks_are_counted_by_themselves(tmp_path: Path):
    cells = [*CELLS, ("x", "x", 0.5, 0.4, 0.6, True)]
    before = [*CELLS, ("x", "x", 0.4, 0.3, 0.5, True)]
    found = comparison(read_other(write(tmp_path, before)), Known(cells), POINTS)
    assert [line.split(" in both: ")[0] for line in found.lines if "in both:" in line] == [
        "4 cells off the diagonal",
        "1 cell of sources on their own tasks",
    ]
    assert [row[4:] for row in found.rows] == [("+10.0", "own task; distinguishable in both")]
    assert found.caption.startswith("All cells that changed, of 5;")


@pytest.mark.parametrize("name", ["+cot", "-cot", "=1+1", "'=1+1", "@a", "'tis", "''+x", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_names_come_back_as_they_were(tmp_path: Path, name: str):
    others = [("'" + name, "x", 0.0, -0.1, 0.1, False), ("b", name, 0.2, 0.1, 0.3, True)]
    cells = [(name, "x", 0.30, 0.20, 0.40, True), *others]
    found = comparison(read_other(write(tmp_path, cells)), Known(cells), POINTS)
    assert found.lines[0].startswith("3 cells off the diagonal in both: 2 distinguishable from 0 in both")
    assert not [line for line in found.lines if "only here:" in line or "only there:" in line]


def test_percentages_are_held_against_fractions_as_such(tmp_path: Path):
    cells = [("a", "x", 0.35, 0.25, 0.45, True), *CELLS[1:]]
    percent = [(s, t, *(100 * value for value in values), told) for s, t, *values, told in CELLS]
    other = read_other(write(tmp_path, percent, scores_of(CELLS, 100)))
    found = comparison(other, Known(cells, scores_of(cells)), POINTS)
    assert [row[2:5] for row in found.rows] == [("+30.0 (+20.0 to +40.0)", "+35.0 (+25.0 to +45.0)", "+5.0")]


def test_what_is_in_another_unit_or_turned_around_is_not_compared(tmp_path: Path):
    many = scores_of(CELLS).assign(score=lambda scores: scores["score"].where(scores["target"] != "x", 500))
    cells = [(s, t, float(str(gain)) + 0.1, *rest) for s, t, gain, *rest in CELLS]
    found = comparison(read_other(write(tmp_path, CELLS, many)), Known(cells, scores_of(cells)), POINTS)
    assert "Not compared, since units or orientation of their scores differ: x" in found.lines
    assert {row[1] for row in found.rows} == {"y"}
    turned = scores_of(CELLS, turned=True)
    found = comparison(read_other(write(tmp_path, CELLS, turned)), Known(CELLS, scores_of(CELLS)), POINTS)
    assert "Not compared, since units or orientation of their scores differ: x, y" in found.lines
    assert found.lines[0] == "No cell is in both analyses, in units that can be compared."


def test_it_is_said_what_gains_are_over(tmp_path: Path):
    scores = scores_of(CELLS)
    other = read_other(write(tmp_path, CELLS, scores[scores["source"] != "base"]))
    found = comparison(other, Known(CELLS, scores), POINTS)
    assert "Gains there are over each target's mean over sources, here over the base model" in found.lines


def test_an_analysis_beside_itself_has_changed_nothing(analysis: Analysis, content: bytes, folder: Path):
    options = PageOptions(compare=folder)
    beside = Parsed(page(analysis, {}, folder, options, read_other(folder)))
    said = " ".join(text for _, text in beside.all("li"))
    assert "No gain changed in the decimals that are shown" in said
    assert "In 0 cells of these the intervals of both do not meet; 0 of those told in both changed sign" in said
    assert "Beside another analysis" in {text for _, text in beside.all("h2")}
    assert replace(options, compare=None) == PageOptions()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no gains_long.csv there; give the results folder of an analysis"),
        ("source,target\na,b\n", "gains_long.csv has no column gain, ci_low, ci_high, significant"),
        ("", "gains_long.csv cannot be read"),
        (HEAD + "a,x,0.1,0,0.2,True\na,x,0.1,0,0.2,True\n", "gains_long.csv has several rows of 'a' on 'x'"),
        (HEAD + 'a,x,"0,1",0,0.2,True\n', "gains_long.csv: gain is '0,1', which is no finite number"),
        (HEAD + "a,x,0.1,low,0.2,True\n", "gains_long.csv: ci_low is 'low', which is no finite number"),
        (HEAD + "a,x,inf,0,0.2,True\n", "gains_long.csv: gain is 'inf', which is no finite number"),
        (HEAD + ",x,0.1,0,0.2,True\n", "gains_long.csv has rows without a source, a target or a gain"),
    ],
)
def test_what_is_no_analysis_is_refused(tmp_path: Path, content: str | None, message: str):
    if content is not None:
        (tmp_path / "gains_long.csv").write_text(content)
    with pytest.raises(UserError, match=f"^report.compare={tmp_path}: {message}"):
        read_other(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path):
    path = tmp_path / "gains_long.csv"
    path.touch()
    with pytest.raises(
        UserError, match=f"^report.compare={path}: not a folder; give the results folder of an analysis"
    ):
        read_other(path)
