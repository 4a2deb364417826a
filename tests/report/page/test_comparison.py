"""Two analyses beside each other, against counts made by hand."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.analysis.pipeline import Analysis
from crosstask.errors import UserError
from crosstask.report.options import PageOptions
from crosstask.report.page.comparison import comparison, read_other
from crosstask.report.page.page import page
from crosstask.report.page.tables import Tables
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


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The results folder of an earlier analysis."""
    pd.DataFrame(BEFORE, columns=COLUMNS).to_csv(tmp_path / "gains_long.csv", index=False)
    return tmp_path


class Known(Tables):
    """A table of gains."""

    def __init__(self) -> None:
        self._frames = {"gains_long": pd.DataFrame(CELLS, columns=COLUMNS)}


def test_what_changed_and_what_only_one_has(before: Path):
    found = comparison(read_other(before), Known(), 100)
    assert found.lines == [
        "3 cells in both: 1 distinguishable from 0 in both, 1 only here, 0 only there",
        "In 2 cells the intervals of both do not meet; 1 of those told in both changed sign",
        "1 cell only here: b on y",
        "1 cell only there: NA on x",
    ]
    there, here = f"+5.0 ({MINUS}5.0 to +15.0)", "+30.0 (+20.0 to +40.0)"
    assert found.rows[0] == ("a", "x", there, here, "+25.0", "now distinguishable; intervals do not meet")
    assert [row[4] for row in found.rows] == ["+25.0", "+20.0", f"{MINUS}1.0"]


def test_an_analysis_beside_itself_has_changed_nothing(analysis: Analysis, content: bytes, folder: Path):
    options = PageOptions(compare=folder)
    beside = Parsed(page(analysis, {}, folder, options, read_other(folder)))
    said = " ".join(text for _, text in beside.all("li"))
    assert "In 0 cells the intervals of both do not meet; 0 of those told in both changed sign" in said
    assert "Beside another analysis" in {text for _, text in beside.all("h2")}
    assert replace(options, compare=None) == PageOptions()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no gains_long.csv there; give the results folder of an analysis"),
        ("source,target\na,b\n", "gains_long.csv has no column gain, ci_low, ci_high, significant"),
        ("", "gains_long.csv cannot be read"),
    ],
)
def test_what_is_no_analysis_is_refused(tmp_path: Path, content: str | None, message: str):
    if content is not None:
        (tmp_path / "gains_long.csv").write_text(content)
    with pytest.raises(UserError, match=f"^report.compare={tmp_path}: {message}"):
        read_other(tmp_path)
