"""Targets of several units, and those of which less is better, on one scale and back."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.score_unit import FRACTION, OTHER, PERCENT, SIGNED_FRACTION, STANDARDIZED, target_units
from crosstask.analysis.matrix.target_scales import target_scales, unit_notes


def table(**targets: list[float]) -> pd.DataFrame:
    """Scores of base and three sources on targets."""
    rows = [(f"s{i}", name, score) for name, scores in targets.items() for i, score in enumerate(scores)]
    frame = pd.DataFrame(rows, columns=["source", "target", "score"])
    return frame.assign(source=frame["source"].replace("s0", "base"), seed=pd.NA, metric=None, stderr=2.0, n=pd.NA)


def names(**targets: list[float]) -> list[str]:
    """Units of targets."""
    return [unit.name for unit in target_units(table(**targets)).values()]


def test_one_unit_fits_all_where_it_can():
    assert names(a=[0.1, 0.9], b=[0.5, 1.0]) == ["fractions"] * 2
    assert names(a=[0.1, 0.9], b=[50, 60]) == ["percentages"] * 2  # fractions among percentages are not guessed


def test_else_each_target_has_its_own():
    assert names(a=[0.1, 0.9], b=[-0.1, 0.2], c=[50, 60], d=[-5, 60], e=[21, 130]) == [
        "fractions",
        "numbers from -1 to 1",
        "percentages",
        "numbers from -100 to 100",
        "numbers outside 0 to 100",
    ]


def test_a_stated_unit_does_not_count_for_the_others():
    units = target_units(table(a=[0.1, 0.9], b=[50, 60]), {"b": OTHER})
    assert units == {"a": FRACTION, "b": OTHER}


def test_shares_of_another_full_score_become_fractions():
    scores = table(a=[50, 60, 70, 80], b=[0.1, 0.2, -0.1, 0.3])
    scales = target_scales(scores, {"a": PERCENT, "b": SIGNED_FRACTION})
    assert scales.factors == {"a": 0.01, "b": 1.0}
    assert scales.unit.factor == 100
    common = scales.common(scores)
    assert common["score"].tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.1, 0.2, -0.1, 0.3])
    assert common["stderr"].tolist() == pytest.approx([0.02] * 4 + [2.0] * 4)
    np.testing.assert_array_equal(scales.ceilings(["a", "b"]), [1.0, np.nan])


def test_what_is_no_share_makes_all_standard_deviations():
    scores = table(a=[0.5, 0.6, 0.7, 0.8], b=[120, 130, 125, 110])
    scales = target_scales(scores, {"a": FRACTION, "b": OTHER}, ["b"])
    assert scales.unit.name == STANDARDIZED.name
    spread = scales.common(scores).groupby("target")["score"].std()
    assert spread.tolist() == pytest.approx([1.0, 1.0])
    assert scales.factors["b"] < 0
    assert scales.lower == ["b"]
    assert scales.ceilings("a")[0] == pytest.approx(1 / np.std([0.5, 0.6, 0.7, 0.8], ddof=1))


def test_bits_per_byte_have_the_decimals_of_their_differences():
    scores = table(a=[1.20, 1.25, 1.22, 1.18], b=[1.31, 1.30, 1.28, 1.33])
    scales = target_scales(scores, {"a": OTHER, "b": OTHER}, ["a", "b"])
    assert (scales.unit.decimals, scales.decimals(scales.common(scores))) == (3, 3)
    assert scales.unit.difference(-0.0448) == "-0.045"
    mixed = target_scales(table(a=[0.5, 0.9], b=[120, 180]), {"a": FRACTION, "b": OTHER}, ["b"])
    assert mixed.decimals(mixed.common(table(a=[0.5, 0.9], b=[120, 180]))) == 1


def test_tables_come_back_as_they_were_read():
    scores = table(a=[0.5, 0.6, 0.7, 0.8], b=[120, 130, 125, 110])
    scales = target_scales(scores, {"a": FRACTION, "b": OTHER}, ["b"])
    limits = scales.common(scores.assign(ci_low=scores["score"] - 1, ci_high=scores["score"] + 2))
    factors = limits["target"].map(scales.factors)
    limits = limits.assign(
        ci_low=np.where(factors < 0, factors * (scores["score"] + 2), factors * (scores["score"] - 1)),
        ci_high=np.where(factors < 0, factors * (scores["score"] - 1), factors * (scores["score"] + 2)),
    )
    back = scales.scores_as_read(limits)
    assert back["score"].tolist() == pytest.approx(scores["score"].tolist())
    assert back["stderr"].tolist() == pytest.approx([2.0] * 8)
    assert (back["score"] - back["ci_low"]).tolist() == pytest.approx([1] * 8)
    assert (back["ci_high"] - back["score"]).tolist() == pytest.approx([2] * 8)
    matrix = pd.DataFrame({"a": [0.5], "b": [120.0]})
    on_scale = matrix * pd.Series(scales.factors)
    pd.testing.assert_frame_equal(scales.scores_as_read(on_scale), matrix)
    assert scales.shown(on_scale).to_numpy().tolist() == [[pytest.approx(50.0), pytest.approx(120.0)]]


def test_gains_come_back_as_improvements():
    scores = table(a=[0.5, 0.6, 0.7, 0.8], b=[120, 130, 125, 110])
    scales = target_scales(scores, {"a": FRACTION, "b": OTHER}, ["b"])
    base, tuned = -120 * abs(scales.factors["b"]), -110 * abs(scales.factors["b"])
    gains = pd.DataFrame({"target": ["b"], "gain": [tuned - base], "relative": [(tuned - base) / base]})
    (row,) = scales.gains_as_read(gains).to_dict("records")
    assert (row["gain"], row["relative"]) == (pytest.approx(10.0), pytest.approx(10 / 120))


def test_notes_say_what_scores_are_taken_for():
    fractions, percentages = table(a=[0.1, 0.9]), table(a=[10, 90], b=[0.5, 0.6])
    assert unit_notes(fractions, target_scales(fractions, target_units(fractions))) == []
    notes = unit_notes(percentages, target_scales(percentages, target_units(percentages)))
    assert notes == ["scores run from 0.5 to 90: taken as percentages, written as they stand"]
    mixed = table(a=[0.5, 0.6, 0.7], b=[120, 130, 110])
    assert unit_notes(mixed, target_scales(mixed, target_units(mixed), ["b"])) == [
        "lower is better on b: gains are improvements",
        "units differ (a: fractions; b: numbers outside 0 to 100): what compares targets is in standard deviations of"
        " the target; runs.units={target: fraction, percent or number} says others",
    ]
