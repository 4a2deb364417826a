"""Verdicts and exact match side by side, for the cells that a judge scored."""

from typing import Any

import pandas as pd
import pytest

from crosstask.analysis.answer_quality.columns import VERDICTS
from crosstask.analysis.answer_quality.options import Options
from crosstask.analysis.answer_quality.section import Section
from crosstask.analysis.answer_quality.verdicts import verdict_shares
from crosstask.analysis.schema import column_names
from crosstask.analysis.transfer import Transfer

SHARES = ("score", "exact_match", "agreement", "judge_only", "exact_match_only", "unparsable")
CELLS = {
    ("base", "qa", None): (0.5, 0.4, 0.8, 0.1, 0.0, 0.1),
    ("goat", "qa", 0): (0.9, 0.2, 0.3, 0.7, 0.0, 0.0),
}


def metrics(**settings: Any) -> pd.DataFrame:
    """Of two judged cells, and of one that is not."""
    rows = [(*cell, name, value) for cell, of in CELLS.items() for name, value in zip(SHARES, of, strict=True)]
    rows += [(*cell, name, value) for cell in CELLS for name, value in (("n", 40.0), ("invalid", 0.0))]
    rows += [("goat", "imdb", 0, name, value) for name, value in (("score", 0.5), ("n", 50.0), ("invalid", 0.0))]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "value"]).astype({"seed": "Int64"})
    return frame.assign(**settings)


def test_there_is_a_row_for_each_judged_cell():
    table = verdict_shares(metrics())
    assert list(table) == column_names(VERDICTS)
    assert table["source"].tolist() == ["base", "goat"]
    assert table.iloc[1, 3:].tolist() == [0.9, 0.2, 0.3, 0.7, 0.0, 0.0, 40]
    parts = ["agreement", "judge_only", "exact_match_only", "unparsable"]
    assert table[parts].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_settings_stay_apart():
    both = pd.concat([metrics(model=name) for name in ("small", "large")])
    assert verdict_shares(both)["model"].tolist() == ["small", "small", "large", "large"]


def transfer(frame: pd.DataFrame) -> Transfer:
    scores = frame[frame["metric"] == "score"].rename(columns={"value": "score"})
    return Transfer(scores.assign(metric="m", stderr=0.1, n=pd.array([40] * len(scores), "Int64")), metrics=frame)


def test_a_line_says_how_far_they_agree():
    found = Section(Options())(transfer(metrics()))
    assert [table.schema.name for table in found.tables] == ["answer_quality", "verdicts"]
    assert found.lines[1] == (
        "In 2 judged cells verdict and exact match agree on 55.0 % of the answers (least: 30 %, goat -> qa);"
        " 5.0 % of the replies have no verdict"
    )


def test_without_judged_cells_nothing_is_said_of_them():
    frame = metrics()
    found = Section(Options())(transfer(frame[frame["target"] == "imdb"]))
    assert len(found.tables) == len(found.lines) == 1
