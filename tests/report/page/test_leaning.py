"""Gains that are a mere leaning towards labels: what the page says of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.class_shift.columns import TABLES
from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.section import Findings, Table
from crosstask.report.page.leaning import Leaning
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
    assert others or "left without the shift: 0.0 (0.0 to 0.0)" in evidence


def test_what_is_left_stands_beside_a_headline_and_in_the_panel(parsed: Parsed, folder: Path):
    cells = pd.read_csv(folder / "class_shift_cells.csv")
    row = cells[cells["seeds"] == cells["seeds"].max()].iloc[0]
    names = parsed.axes()
    place = names["columns"]["names"].index(row["target"])
    panel = parsed.part(f"cells-{place}")["panels"][names["rows"]["names"].index(row["source"])]
    (shift,) = [dict(block["pairs"]) for block in panel if block["title"].startswith("Class shift")]
    for name in ("left without the shift", "left without the shift beyond sharpness"):
        column = "rescaled_remaining" if name.endswith("sharpness") else "remaining"
        assert shift[name].split(" ")[0].replace("\N{MINUS SIGN}", "-") == f"{100 * row[column]:+.1f}".replace(
            "+0.0", "0.0"
        )


@pytest.mark.parametrize(
    ("sign", "left", "limit"),
    [
        (1, [(0.2, 0.1, 0.3), (0.15, 0.05, 0.25)], 0.05),
        (1, [(0.2, 0.1, 0.3), (0.0, np.nan, np.nan)], 0.0),
        (-1, [(-0.2, -0.3, -0.1), (-0.1, -0.2, 0.02)], 0.02),
        (1, [(0.2, 0.1, 0.3), (np.nan, np.nan, np.nan)], 0.1),
    ],
)
def test_the_limit_is_that_of_what_is_least_left(sign: int, left: list[tuple[float, ...]], limit: float):
    (schema,) = [table for table in TABLES if table.name == "class_shift_cells"]
    values = dict(zip(COLUMNS, left[0], strict=True)) | dict(
        zip([f"rescaled_{c}" for c in COLUMNS], left[1], strict=True)
    )
    row = {column.name: [values.get(column.name, np.nan)] for column in schema.columns}
    frame = pd.DataFrame(row | {"source": ["a"], "target": ["x"], "seeds": [1]})
    leaning = Leaning(Tables([Findings((Table(schema, frame),))]))
    assert leaning.limit("a", "x", sign) == limit
    assert leaning.limit("a", "y", sign) == sign * np.inf
