"""Fractions among percentages, and counts among scores, are alarms; low scores that may be real are not."""

import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.results import _of_table
from crosstask.analysis.matrix.score_unit import PERCENT
from crosstask.analysis.pipeline import transfer_of_scores

SOURCES = ["base", "alpaca", "dolly", "flan"]
MMLU, GSM8K, ARC = [61.8, 70.7, 57.2, 72.9], [43.5, 75.6, 76.8, 31.7], [30.8, 66.5, 30.1, 38.8]
KINDS = ["fractions", "count"]


def messages(units=None, seeds=(None,), lower=(), **targets: list[float]) -> list[str]:
    """What the alarms of an analysis say of units; of several seeds the scores of each source follow one another."""
    runs = [(source, None if source == "base" else seed) for source in SOURCES for seed in seeds]
    rows = [(s, t, seed, None, x) for t, xs in targets.items() for (s, seed), x in zip(runs, xs, strict=True)]
    table = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score"])
    table = table.assign(stderr=float("nan"), n=pd.NA).astype({"seed": "Int64", "n": "Int64"})
    found = _of_table(transfer_of_scores(table.dropna(subset="score"), Conventions(), units, lower))
    return [message for kind, _, message in found if kind in KINDS]


def over_100(scores: list[float], *places: int) -> list[float]:
    """Scores some of which are written as fractions."""
    return [score / 100 if place in places else score for place, score in enumerate(scores)]


def test_percentages_alone_and_fractions_alone_are_not_suspicious():
    assert messages(mmlu=MMLU, gsm8k=GSM8K) == []
    assert messages(mmlu=over_100(MMLU, 0, 1, 2, 3), gsm8k=over_100(GSM8K, 0, 1, 2, 3)) == []


@pytest.mark.parametrize("place", [0, 2])
def test_a_run_in_fractions_is_named_once(place: int):
    (message,) = messages(mmlu=over_100(MMLU, place), gsm8k=over_100(GSM8K, place), arc=over_100(ARC, place))
    assert message.startswith(f"all scores of {SOURCES[place]} are at most 1 and far below those of others; perhaps")


def test_single_cells_in_fractions_are_named_in_one_line():
    (message,) = messages(mmlu=MMLU, gsm8k=over_100(GSM8K, 0, 2), arc=over_100(ARC, 3))
    assert "others: base -> gsm8k (0.435), dolly -> gsm8k (0.768), flan -> arc (0.388); perhaps fractions" in message


def test_a_seed_in_fractions_is_told_from_the_other_seeds_beside_a_run_that_failed():
    scores = [60.0, 60.0, 70.0, 71.0, 50.0, 0.51, 0.0, 66.0]
    table = {"mmlu": scores[1:], "gsm8k": [40.0, 45.0, 46.0, 44.0, 43.0, 0.0, 47.0]}
    runs = [("base", None), ("x", 0), ("x", 1), ("y", 0), ("y", 1), ("z", 0), ("z", 1)]
    rows = [(s, t, seed, None, x, None, None) for t, xs in table.items() for (s, seed), x in zip(runs, xs, strict=True)]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "stderr", "n"])
    frame = frame.astype({"seed": "Int64", "n": "Int64", "stderr": float})
    found = [alarm for alarm in _of_table(transfer_of_scores(frame, Conventions())) if alarm[0] in KINDS]
    assert [alarm[:2] for alarm in found] == [("fractions", "y")]
    assert "y, seed 1 -> mmlu (0.51)" in found[0][2]


@pytest.mark.parametrize("name", ["size", "min", "others", "low"])
@pytest.mark.parametrize("scores", [MMLU, over_100(MMLU, 2), over_100(MMLU, 0, 1, 2, 3)])
def test_what_makes_the_rows_may_have_any_name(name: str, scores: list[float]):
    rows = [
        (s, t, None, None, x, None, None, "1b") for t in ("mmlu", "arc") for s, x in zip(SOURCES, scores, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "stderr", "n", name])
    frame = frame.astype({"seed": "Int64", "n": "Int64", "stderr": float})
    found = _of_table(transfer_of_scores(frame, Conventions(rows=("source", name))))
    assert [alarm[0] for alarm in found if alarm[0] in KINDS] == (["fractions"] if scores == over_100(MMLU, 2) else [])


def test_a_target_in_fractions_is_an_alarm_that_its_unit_settles():
    fractions = over_100(GSM8K, 0, 1, 2, 3)
    (message,) = messages(mmlu=MMLU, gsm8k=fractions)
    assert message == (
        "no score above 1, perhaps fractions among percentages: gsm8k; runs.units={gsm8k: fraction} says so,"
        " {gsm8k: percent} that they are not"
    )
    assert messages({"gsm8k": PERCENT}, mmlu=MMLU, gsm8k=fractions) == []
    (message,) = messages(mmlu=over_100(MMLU, 1), gsm8k=fractions)[1:]
    assert "alpaca -> mmlu (0.707)" in message


@pytest.mark.parametrize(
    "hard",
    [
        [0.5, 2.0, 6.0, 3.1],  # 50 is nowhere near
        [0.0, 0.5, 31.0, 40.0],  # others are as low
        [0.6, 1.1, 40.0, 62.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.9, 30.0, 44.0, 52.0],  # 90 is far above all others
        [0.02, 35.0, 44.0, 52.0],
    ],
)
def test_low_scores_of_a_hard_task_are_not_suspicious(hard: list[float]):
    assert messages(mmlu=MMLU, gsm8k=GSM8K, aime=hard) == []


def test_a_target_of_whole_numbers_beyond_those_of_all_others_looks_like_a_count():
    likes = [139.0, 152.0, 165.0, 178.0]
    (message,) = messages(mmlu=MMLU, gsm8k=GSM8K, likes=likes)
    assert message == (
        "target likes has whole numbers from 139 to 178, where others do not go beyond 100: looks like a count, not a"
        " score; runs.targets=[gsm8k,mmlu] leaves it out"
    )
    assert messages(mmlu=MMLU, elo=[1000.5, 1250.0, 1103.0, 998.0]) == []
    assert messages(likes=likes, downloads=likes) == []
    assert messages(lower=["likes"], mmlu=MMLU, likes=likes) == []
