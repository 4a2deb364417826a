"""Gains that are a mere leaning towards labels: what the page says of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.class_shift.columns import TABLES
from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.section import Findings, Table
from crosstask.report.page.leaning import Leaning, Verdict
from crosstask.report.page.tables import Tables
from tests.report.page.altered import altered
from tests.report.page.reading import Parsed
from tests.support.pages import page_of

COLUMNS = ["remaining", "remaining_low", "remaining_high"]


def test_a_gain_that_is_a_mere_leaning_is_no_headline_where_another_stands(analysis: Analysis, tmp_path: Path):
    frames = {table.schema.name: table.frame for one in analysis.findings.values() for table in one.tables}
    gains = frames["gains_long"].query("significant and not home and gain > 0")
    closed = set(zip(frames["class_shift_cells"]["source"], frames["class_shift_cells"]["target"], strict=True))
    cells = [place for place in zip(gains["source"], gains["target"], strict=True) if place in closed]
    assert cells
    columns = [*COLUMNS, *(f"rescaled_{column}" for column in COLUMNS)]
    none_left = altered(analysis, "class_shift_cells", lambda frame: frame.assign(**dict.fromkeys(columns, 0.0)))
    page = Parsed(page_of(none_left, tmp_path))
    first = next(text for _, text in page.all("p", class_="what"))
    others = [place for place in zip(gains["source"], gains["target"], strict=True) if place not in closed]
    if others:
        assert any(f"{source} helps on {target}:" in first for source, target in others)
    evidence = next(text for _, text in page.all("p", class_="evidence"))
    assert others or "left without the shift towards labels: 0.0 (0.0 to 0.0) points of accuracy" in evidence
    assert bool(others) != first.endswith("percentage points, perhaps a mere leaning towards labels")


def test_what_is_left_stands_beside_a_headline_and_in_the_panel(parsed: Parsed, folder: Path):
    cells = pd.read_csv(folder / "class_shift_cells.csv")
    row = cells[cells["seeds"] == cells["seeds"].max()].iloc[0]
    names = parsed.axes()
    place = names["columns"]["names"].index(row["target"])
    panel = parsed.part(f"cells-{place}")["panels"][names["rows"]["names"].index(row["source"])]
    (shift,) = [dict(block["pairs"]) for block in panel if block["title"].startswith("Class shift")]
    for name in (
        "left without the shift towards labels",
        "left without the part of it that sharpness does not explain",
    ):
        column = "rescaled_remaining" if name.endswith("explain") else "remaining"
        assert shift[name].split(" ")[0].replace("\N{MINUS SIGN}", "-") == f"{100 * row[column]:+.1f}".replace(
            "+0.0", "0.0"
        )


def leaning_of(*rows: tuple[str, str, dict[str, float]]) -> Leaning:
    """What is known of cells: source, target, and values by column."""
    (schema,) = [table for table in TABLES if table.name == "class_shift_cells"]
    columns = dict.fromkeys([column.name for column in schema.columns], np.nan)
    frame = pd.DataFrame([columns | {"source": s, "target": t, "seeds": 1} | values for s, t, values in rows])
    return Leaning(Tables([Findings((Table(schema, frame),))]))


@pytest.mark.parametrize(
    ("sign", "left", "verdict"),
    [
        (1, [(0.2, 0.1, 0.3), (0.15, 0.05, 0.25)], Verdict.NONE),
        (1, [(0.2, 0.1, 0.3), (0.0, np.nan, np.nan)], Verdict.MERE),
        (1, [(0.2, 0.1, 0.3), (0.1, -0.1, 0.3)], Verdict.MERE),
        (-1, [(-0.2, -0.3, -0.1), (-0.1, -0.2, 0.02)], Verdict.MERE),
        (-1, [(-0.2, -0.3, -0.1), (-0.1, -0.2, -0.02)], Verdict.NONE),
        (1, [(0.2, 0.1, 0.3), (np.nan, np.nan, np.nan)], Verdict.NONE),
        (1, [(0.2, np.nan, np.nan), (np.nan, np.nan, np.nan)], Verdict.UNKNOWN),
        (1, [(0.2, 0.1, 0.3), (0.1, np.nan, np.nan)], Verdict.UNKNOWN),
        (1, [(np.nan, np.nan, np.nan), (np.nan, np.nan, np.nan)], Verdict.UNKNOWN),
    ],
)
def test_the_verdict_is_that_of_what_is_least_left(sign: int, left: list[tuple[float, ...]], verdict: Verdict):
    names = [*COLUMNS, *(f"rescaled_{column}" for column in COLUMNS)]
    leaning = leaning_of(("a", "x", dict(zip(names, [*left[0], *left[1]], strict=True))))
    assert leaning.verdict("a", "x", sign) == verdict
    assert leaning.verdict("a", "open", sign) == Verdict.NONE
    assert leaning.verdict("b", "x", sign) == Verdict.UNKNOWN  # a target with labels, of which nothing is known


def test_shares_that_are_not_known_are_not_said_to_be_none(analysis: Analysis, tmp_path: Path):
    place = lambda page: page.axes()["columns"]["names"].index("gsm8k")  # noqa: E731
    note = {}
    for case, values in {"none": np.nan, "some": 0.5}.items():

        def with_shares(frame: pd.DataFrame, value: float = values) -> pd.DataFrame:
            """Training rows with labels of another target only."""
            return frame.assign(train_share=np.where(frame["target"] == "gsm8k", np.nan, value))

        page = Parsed(page_of(altered(analysis, "class_shift", with_shares), tmp_path))
        panel = page.part(f"cells-{place(page)}")["panels"][page.axes()["rows"]["names"].index("goat")]
        (note[case],) = [block["note"] for block in panel if block["title"].startswith("Class distribution")]
    assert (
        note["some"] == "no training row of goat has one of these labels exactly as it is written here, spaces included"
    )
    assert note["none"] == "the shares of goat's training rows are not known, or it trains on no label of any target"
