"""Two analyses beside each other, against counts made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.analysis.pipeline import Analysis
from crosstask.errors import UserError
from crosstask.report.files.writing import write_table
from crosstask.report.options import PageOptions
from crosstask.report.page.comparison import comparison
from crosstask.report.page.conversion import Scored, conversion
from crosstask.report.page.other_gains import OtherGains, read_other
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

    def __init__(
        self,
        cells: list[tuple[object, ...]] = CELLS,
        scores: pd.DataFrame | None = None,
        targets: pd.DataFrame | None = None,
    ) -> None:
        gains = pd.DataFrame(cells, columns=COLUMNS)
        gains["home"] = gains["source"] == gains["target"]
        frames = {"gains_long": gains, "matrix_long": scores, "targets": targets}
        self._frames = {name: frame for name, frame in frames.items() if frame is not None}


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
        "Units there are not known, since its folder has no scores: gains are taken as they stand",
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


def units(whole: float, lower: bool = False, targets: Sequence[str] = "xy") -> pd.DataFrame:
    """How the scores of targets are to be read."""
    return pd.DataFrame(
        {"target": [*targets], "whole": whole, "is_stated": True, "lower_is_better": lower, "gains_over": "base"}
    )


def times(cells: list[tuple[object, ...]], factor: float) -> list[tuple[object, ...]]:
    """Gains in another unit."""
    return [(s, t, *(factor * float(str(value)) for value in values), told) for s, t, *values, told in cells]


def written(folder: Path, name: str, cells: list[tuple[object, ...]], *tables: pd.DataFrame | None) -> OtherGains:
    """An analysis that was written and read again; without its units as one written before there were any."""
    scores, targets = tables
    path = write(folder / name, cells, scores)
    if targets is not None:
        write_table(targets, path / "targets.csv")
    return read_other(path)


@pytest.mark.parametrize("is_known", [True, False])
def test_percentages_are_held_against_fractions_as_such(tmp_path: Path, is_known: bool):
    cells = [("a", "x", 0.35, 0.25, 0.45, True), *CELLS[1:]]
    other = written(tmp_path, "r", times(CELLS, 100), scores_of(CELLS, 100), units(100) if is_known else None)
    found = comparison(other, Known(cells, scores_of(cells), units(1)), POINTS)
    assert [row[2:5] for row in found.rows] == [("+30.0 (+20.0 to +40.0)", "+35.0 (+25.0 to +45.0)", "+5.0")]
    why = "both analyses state the units" if is_known else "units are guessed from scores"
    assert f"Gains there are multiplied by 0.01 on x, y: {why}" in found.lines


@pytest.mark.parametrize(
    ("there", "here", "whole", "factor"),
    [
        (0.9, 1.1, np.nan, 1),  # bits per byte, which are no fractions
        (0.9, 0.7, 100.0, 1),  # percentages that are all small
        (60.0, 0.5, 1.0, 0.01),
        (0.6, 50.0, 100.0, 100),
        (0.2, 0.9, 1.0, 1),  # fractions of two models
        (0.02, 0.9, 1.0, None),  # perhaps percentages, of a model that can hardly do it
        (0.6, 0.006, 1.0, None),  # perhaps percentages below 1
        (130.0, 0.5, 1.0, None),  # a perplexity
        (90.0, 0.02, np.nan, None),  # numbers that are no shares, far from each other
    ],
)
def test_units_that_are_not_said_are_guessed_with_care(
    tmp_path: Path, there: float, here: float, whole: float, factor: float | None
):
    size, old = 0.1 * here, 0.1 * there
    one = [("a", "x", size, size / 2, 2 * size, True), ("b", "x", 0.0, -size, size, False)]
    other = [("a", "x", old, old / 2, 2 * old, True), ("b", "x", 0.0, -old, old, False)]
    scores, before = (
        pd.DataFrame([("base", "x", v), ("a", "x", 1.1 * v), ("b", "x", v)], columns=["source", "target", "score"])
        for v in (here, there)
    )
    read = written(tmp_path, "r", other, before, None)
    found = conversion(read.scored, Scored(Known(one)["gains_long"], scores, units(whole, targets="x")))
    assert found.factors == (pytest.approx({"x": factor}) if factor else pytest.approx({"x": np.nan}, nan_ok=True))
    assert found.apart == ([] if factor else ["x"])


def test_units_there_are_guessed_from_all_of_its_scores(tmp_path: Path):
    hard = [("a", "hard", 0.4, 0.2, 0.6, True), ("a", "easy", 20.0, 10.0, 30.0, True)]
    scores = pd.DataFrame(
        [("base", "hard", 0.4), ("a", "hard", 0.8), ("base", "easy", 60.0), ("a", "easy", 80.0)],
        columns=["source", "target", "score"],
    )
    here = [("a", "hard", 0.004, 0.002, 0.006, True)]
    fractions = scores.assign(score=scores["score"] / 100).query("target == 'hard'")
    found = comparison(
        written(tmp_path, "r", hard, scores, None), Known(here, fractions, units(1, False, ["hard"])), POINTS
    )
    assert not found.rows
    assert "Gains there are multiplied by 0.01 on hard: units are guessed from scores" in found.lines


def test_what_is_in_another_unit_is_not_compared(tmp_path: Path):
    many = scores_of(CELLS).assign(score=lambda scores: scores["score"].where(scores["target"] != "x", 500))
    cells = [(s, t, float(str(gain)) + 0.1, *rest) for s, t, gain, *rest in CELLS]
    for name, known in {"said": units(1).assign(whole=[np.nan, 1]), "guessed": None}.items():
        other = written(tmp_path, name, CELLS, many, known)
        found = comparison(other, Known(cells, scores_of(cells), units(1)), POINTS)
        doubt = ", or may, as far as scores tell" if known is None else ""
        assert f"Not compared, since units or orientation of their scores differ{doubt}: x" in found.lines
        assert {row[1] for row in found.rows} == {"y"}


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("has_base", [True, False])
def test_what_is_turned_around_is_not_compared(tmp_path: Path, is_known: bool, has_base: bool):
    turned = scores_of(CELLS, turned=True)
    turned = turned if has_base else turned[turned["source"] != "base"]
    cells = CELLS if has_base else over_means(CELLS)
    other = written(tmp_path, "r", cells, turned, units(1, lower=True) if is_known else None)
    found = comparison(other, Known(CELLS, scores_of(CELLS), units(1)), POINTS)
    doubt = "" if is_known else ", or may, as far as scores tell"
    assert f"Not compared, since units or orientation of their scores differ{doubt}: x, y" in found.lines
    assert "No cell is in both analyses, in units that can be compared." in found.lines


def over_means(cells: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Gains over the mean of each target, as they are without a base model."""
    gains = pd.DataFrame(cells, columns=COLUMNS)
    means = gains.groupby("target")["gain"].transform("mean")
    moved = gains.assign(**{name: gains[name] - means for name in ("gain", "ci_low", "ci_high")})
    return [*moved.itertuples(index=False, name=None)]


def test_an_orientation_that_nothing_tells_leaves_nothing_out(tmp_path: Path):
    scores = scores_of(CELLS)
    without = scores[scores["source"] != "base"]
    read = written(tmp_path, "r", over_means(CELLS), without, None)
    assert any(
        line.startswith("4 cells off the diagonal")
        for line in comparison(read, Known(CELLS, scores, units(1)), POINTS).lines
    )
    still = [(s, t, 0.0, -0.1, 0.1, False) for s, t, *_ in CELLS]
    read = written(tmp_path, "s", still, scores.assign(score=0.4), None)
    lower = Known(CELLS, scores, units(1, lower=True))
    assert comparison(read, lower, POINTS).lines[0].startswith("4 cells off the diagonal")


def test_it_is_said_what_gains_are_over(tmp_path: Path):
    scores = scores_of(CELLS)
    other = read_other(write(tmp_path, CELLS, scores[scores["source"] != "base"]))
    found = comparison(other, Known(CELLS, scores), POINTS)
    said = "On x, y gains there are over each target's mean over sources, here over the base model's score"
    assert found.lines[0] == f"{said}: they differ by that, too"


def test_units_are_known_where_no_target_is_in_both(tmp_path: Path):
    other = [(source, "z", *rest) for source, _, *rest in CELLS[:1]]
    found = comparison(written(tmp_path, "r", other, scores_of(other), None), Known(CELLS, scores_of(CELLS)), POINTS)
    assert found.lines[0] == "No cell is in both analyses."


def test_two_models_may_differ_a_lot_on_some_targets(tmp_path: Path):
    cells = [("a", target, 0.01, -0.01, 0.03, False) for target in "vwxyz"]
    shares = (0.4, 0.3, 0.05, 0.04, 0.03), (0.5, 0.6, 0.4, 0.64, 0.6)
    levels, before = (dict(zip("vwxyz", of, strict=True)) for of in shares)
    scores, old = (
        pd.DataFrame([(s, t, of[t]) for s in ("base", "a") for t in of], columns=["source", "target", "score"])
        for of in (levels, before)
    )
    read = written(tmp_path, "r", cells, old, None)
    found = conversion(read.scored, Scored(Known(cells)["gains_long"], scores, units(1, targets="vwxyz")))
    assert found.factors == dict.fromkeys("vwxyz", 1.0)


def test_another_reference_is_named(tmp_path: Path):
    scores = scores_of(CELLS)
    corrected = units(1).assign(gains_over=["base", "base prior-corrected"])
    found = comparison(written(tmp_path, "r", CELLS, scores, units(1)), Known(CELLS, scores, corrected), POINTS)
    said = "On y gains there are over the base model's score, here over the base model's score with its preferences for"
    assert found.lines[0] == f"{said} labels taken off: they differ by that, too"
    assert not [line for line in found.lines if line.startswith("On x")]


def test_ranges_of_both_are_no_statement(tmp_path: Path):
    ranged = units(1).assign(is_stated=False)
    scores = scores_of(CELLS, 2.4)  # a score around 1 that is no share
    found = conversion(
        written(tmp_path, "r", CELLS, scores_of(CELLS, 2.2), ranged).scored,
        Scored(Known(CELLS)["gains_long"], scores, units(100).assign(is_stated=False)),
    )
    assert found.factors == {"x": 1.0, "y": 1.0}
    assert not list(found.lines())


def test_how_an_older_analysis_asked_base_is_not_known(tmp_path: Path):
    scores, corrected = scores_of(CELLS), units(1).assign(gains_over="base prior-corrected")
    found = comparison(written(tmp_path, "r", CELLS, scores, None), Known(CELLS, scores, corrected), POINTS)
    said = "On x, y gains here are over the base model's score with its preferences for labels taken off, there perhaps"
    assert found.lines[0] == f"{said} over another score of base"


def test_a_reference_that_is_not_known_is_named_as_it_is(tmp_path: Path):
    scores, later = scores_of(CELLS), units(1).assign(gains_over=["base zero-shot", None])
    found = comparison(written(tmp_path, "r", CELLS, scores, later), Known(CELLS, scores, units(1)), POINTS)
    assert found.lines[0].startswith("On x gains there are over base zero-shot, here over the base model's score")
    assert found.lines[1].startswith("On y gains there are over what is not said, here over the base model's score")


def test_a_target_whose_means_say_another_unit_is_left_out(tmp_path: Path):
    cells = [("a", target, 0.01, -0.01, 0.03, False) for target in "wxyz"]
    scores = pd.DataFrame([(s, t, 0.5) for s in ("base", "a") for t in "wxyz"], columns=["source", "target", "score"])
    before = scores.assign(score=scores["score"].where(scores["target"] != "z", 0.005))
    read = written(tmp_path, "r", cells, before, None)
    found = conversion(read.scored, Scored(Known(cells)["gains_long"], scores, units(1, targets="wxyz")))
    assert found.apart == ["z"]
    assert {target: found.factors[target] for target in "wxy"} == {"w": 1.0, "x": 1.0, "y": 1.0}


def test_what_was_not_tested_is_not_called_indistinguishable(tmp_path: Path):
    untested = [(s, t, gain, np.nan, np.nan, None) for s, t, gain, *_ in CELLS]
    cells = [(s, t, float(str(gain)) + 0.1, *rest) for s, t, gain, *rest in CELLS[:2]] + untested[2:]
    found = comparison(read_other(write(tmp_path, untested[:3] + CELLS[3:])), Known(cells), POINTS)
    assert found.lines[:1] == [
        "4 cells off the diagonal in both: 0 distinguishable from 0 in both, 0 only here, 0 only there, 4 not tested in"
        " one or both"
    ]
    assert not [line for line in found.lines if "intervals" in line]
    assert {row[-1] for row in found.rows} == {"not tested there"}
    found = comparison(read_other(write(tmp_path, CELLS)), Known(cells), POINTS)
    assert found.lines[0].endswith(
        "2 distinguishable from 0 in both, 0 only here, 0 only there, 2 not tested in one or both"
    )
    assert found.lines[1].startswith("In 0 cells of 2 with both intervals the intervals of both do not meet;")


def test_an_analysis_beside_itself_has_changed_nothing(analysis: Analysis, content: bytes, folder: Path):
    options = PageOptions(compare=folder)
    beside = Parsed(page(analysis, {}, folder, options, read_other(folder)))
    said = " ".join(text for _, text in beside.all("li"))
    assert "No gain changed in the decimals that are shown" in said
    assert "In 0 cells of these the intervals of both do not meet; 0 of those told in both changed sign" in said
    assert "Beside another analysis" in {text for _, text in beside.all("h2")}
    names, values = ([text for _, text in beside.all(tag)] for tag in ("dt", "dd"))
    said = dict(zip(names, values, strict=True))
    assert said["there"] == said["here"] == f"{said['scores']}; {said['matrix']}; level 0.05"
    assert replace(options, compare=None) == PageOptions()


def test_what_the_other_is_of_is_said_as_text(before: Path):
    assert comparison(read_other(before), Known(), POINTS).of[0] == ("there", "not said in that folder")
    runs = "=3 runs of model a\u202eb, data hub"
    write_table(pd.DataFrame({"what": ["runs", "level"], "value": [runs, "0.1"]}), before / "analyzed.csv")
    (_, said), _ = comparison(read_other(before), Known(), POINTS).of
    assert said == "=3 runs of model a\\u202eb, data hub; level 0.1"
    write_table(pd.DataFrame({"what": ["runs", "level"], "value": ["x" * 10_000, 0.1]}), before / "analyzed.csv")
    (_, said), _ = comparison(read_other(before), Known(), POINTS).of
    assert said == f"{'x' * 199}…; level 0.1"


@pytest.mark.parametrize(("rows", "said"), [("", "not said in that folder"), ("runs,\nlevel,0.1\n,x\n", "level 0.1")])
def test_statements_without_a_value_are_left_out(before: Path, rows: str, said: str):
    (before / "analyzed.csv").write_text(f"what,value\n{rows}")
    assert comparison(read_other(before), Known(), POINTS).of[0] == ("there", said)


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
