"""Shares of answers that are invalid, cut or empty: counted, with their intervals, and said where they are large."""

from dataclasses import replace

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from crosstask.analysis.answer_quality.flaws import flaw_shares
from crosstask.analysis.answer_quality.options import Options
from crosstask.analysis.answer_quality.section import Section
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.transfer import Transfer

METRICS = {
    ("base", "goat", None): {"n": 40, "invalid": 0.0, "stopped": 1.0, "empty": 0.0, "score": 0.5},
    ("base", "imdb", None): {"n": 50, "invalid": 0.1, "score": 0.5},
    ("pile", "goat", 0): {"n": 40, "invalid": 0.25, "stopped": 0.05, "empty": 0.2, "score": 0.1},
    ("pile", "goat", 1): {"n": 40, "invalid": 0.35, "stopped": 0.15, "empty": float("nan"), "score": 0.1},
    ("pile", "imdb", 0): {"n": 50, "invalid": 0.0, "score": 0.5},
    ("pile", "imdb", 1): {"n": 50, "invalid": 0.0, "score": 0.5},
}


@pytest.fixture
def transfer() -> Transfer:
    """Two sources on an open and a closed target; one adapter rarely stops on the open one."""
    cells = [(*cell, name, value) for cell, of_cell in METRICS.items() for name, value in of_cell.items()]
    metrics = pd.DataFrame(cells, columns=["source", "target", "seed", "metric", "value"]).astype({"seed": "Int64"})
    scores = metrics[metrics["metric"] == "score"].rename(columns={"value": "score"})
    return Transfer(scores.assign(metric="m", stderr=0.1, n=pd.array([40] * 6, "Int64")), metrics=metrics)


def test_shares_are_those_of_the_metrics_with_wilsons_interval(transfer: Transfer):
    table = flaw_shares(transfer.metrics, 0.1).set_index(["source", "target", "flaw"])
    first = table.loc[("pile", "goat", "cut")].iloc[0]
    assert first["share"] == pytest.approx(0.95)
    expected = proportion_confint(38, 40, alpha=0.1, method="wilson")
    assert (first["ci_low"], first["ci_high"]) == pytest.approx(expected)
    assert table.loc[("pile", "goat", "empty"), "share"] == 0.2  # one row: of the other seed it is not known
    assert ("pile", "imdb", "cut") not in table.index
    assert table.loc[("base", "imdb", "invalid"), "n"] == 50


def test_settings_stay_apart(transfer: Transfer):
    two = pd.concat([transfer.metrics.assign(model=name) for name in ("small", "large")])
    table = flaw_shares(two, 0.05)
    assert list(table)[-1] == "model"
    assert len(table) == 2 * len(flaw_shares(transfer.metrics, 0.05))


def test_the_map_shows_the_largest_flaw_of_each_cell(transfer: Transfer):
    (chart,) = Section(Options())(transfer).figures
    assert chart.shares.loc["pile"].tolist() == pytest.approx([0.9, 0.0])
    assert chart.shares.loc["base"].tolist() == pytest.approx([0.0, 0.1])


def test_a_cell_whose_interval_lies_above_the_limit_is_an_alarm(transfer: Transfer):
    found = Section(Options(alarm=0.6))(transfer)
    line = "on goat more than 60 % of the answers are cut, so scores say little of the task: pile (90 %)"
    assert found.alarms == (line,)
    share = "surely more than 60 % of the answers are invalid, cut or empty, or answer a cut prompt"
    assert found.lines == (f"In 1 of 4 cells {share} (most: 95 % cut, pile -> goat)",)
    one = Section(Options(alarm=0.8))(transfer)  # 85 % of 40 may be less than that
    assert one.lines[0].startswith("In 1 of 4 cells")


def test_without_metrics_nothing_is_said(transfer: Transfer):
    assert not Section(Options())(Transfer(transfer.scores)).tables
    bare = transfer.metrics[transfer.metrics["metric"] == "score"]
    assert not Section(Options())(Transfer(transfer.scores, Conventions(), metrics=bare)).figures


def test_cut_prompts_are_an_alarm_as_cut_answers_are(transfer: Transfer):
    cut = [("pile", "imdb", seed, "prompts_cut", 0.9) for seed in (0, 1)]
    metrics = pd.concat([transfer.metrics, pd.DataFrame(cut, columns=list(transfer.metrics))], ignore_index=True)
    found = Section(Options(alarm=0.6))(Transfer(transfer.scores, metrics=metrics))
    line = "on imdb more than 60 % of the prompts are cut, so scores say little of the task: pile (90 %)"
    assert line in found.alarms
    (table,) = found.tables
    assert set(table.frame.loc[table.frame["flaw"] == "prompt_cut", "target"]) == {"imdb"}


def test_test_rows_that_were_trained_on_are_an_alarm(transfer: Transfer):
    leaked = [("pile", "goat", 0, 0.25), ("pile", "goat", 1, 0.2), ("pile", "imdb", 0, 0.005)]
    rows = [(source, target, seed, "leaked", share) for source, target, seed, share in leaked]
    more = pd.DataFrame(rows, columns=transfer.metrics.columns).astype({"seed": "Int64"})
    found = Section(Options(alarm=0.99))(replace(transfer, metrics=pd.concat([transfer.metrics, more])))
    assert found.alarms == (
        "test rows of goat are among the training rows of pile (25 %): these scores may be memory;"
        " data.leakage=exclude trains without them",
    )
