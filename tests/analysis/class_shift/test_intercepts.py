"""Shifts of class intercepts, what they leave of a gain, and the distance of predicted shares beside its null."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from crosstask.analysis.class_shift.intercepts import intercept_shifts, rescaled_shifts
from crosstask.analysis.class_shift.prior_correction import corrected_gains
from crosstask.analysis.class_shift.total_variation import total_variations
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from crosstask.analysis.matrix.crossed_parts import Estimates
from tests.simulation.class_shifts import WORLDS, simulate
from tests.simulation.closed_answers import SKEWED, World, closed

SHIFT = np.array([1.0, 0.5, -1.5])


def shifted(shares: tuple[float, ...] = SKEWED, invalid: float = 0.0) -> ClosedTarget:
    """Base, and an adapter that is base plus a constant for each label."""
    drawn, _ = World(shares, invalid, sources=1).draw(np.random.default_rng(5))
    base = drawn.behavior.log_probabilities[0].astype(float)
    valid = np.random.default_rng(6).random((2, drawn.n)) >= invalid
    return closed([("base", None), ("goat", 0)], drawn.gold, np.stack([base, base + SHIFT]), valid)


def gains_of(target: ClosedTarget) -> Estimates:
    """Gains with the shifts of what decides taken off."""
    decision = target.behavior.decision
    return corrected_gains(target, decision, intercept_shifts(target, decision))


@pytest.mark.parametrize("invalid", [0.0, 0.2])
def test_an_adapter_that_is_base_plus_a_constant_has_that_shift_at_any_class_shares(invalid: float):
    target = shifted(invalid=invalid)
    found = intercept_shifts(target, target.behavior.log_probabilities)
    assert found.values[0] == pytest.approx(SHIFT - SHIFT.mean(), abs=1e-5)


def test_its_gain_is_the_shift_alone():
    target = shifted()
    gain, remaining, by_shift = gains_of(target).values[0]
    right = target.predicted == target.gold
    assert gain == pytest.approx(right[1].mean() - right[0].mean())
    assert gain < -0.2  # the shift does matter
    assert (remaining, by_shift) == (0.0, gain)


def sharper(factor: float) -> ClosedTarget:
    """A base that leans, and an adapter with its log-probabilities times a factor, which answers as it does."""
    drawn, _ = World(SKEWED, sources=1).draw(np.random.default_rng(5))
    base = drawn.behavior.log_probabilities[0] + SHIFT
    return closed([("base", None), ("goat", 0)], drawn.gold, np.stack([base, factor * base]))


@pytest.mark.parametrize("factor", [0.4, 1.7])
def test_an_adapter_that_is_merely_sharper_or_blunter_has_a_shift_but_no_rescaled_one(factor: float):
    target = sharper(factor)
    values = target.behavior.log_probabilities
    shifts = intercept_shifts(target, values)
    assert np.abs(shifts.values).max() > 0.5
    assert (crossed_table([shifts], (), 0.05)["p"] < 0.05).any()
    rescaled, sharpness = rescaled_shifts(target, values)
    assert rescaled.values[0] == pytest.approx([0, 0, 0], abs=1e-5)
    assert rescaled.influence[0] == pytest.approx(0, abs=1e-4)
    assert sharpness[0] == pytest.approx(factor, abs=1e-5)
    assert corrected_gains(target, values, rescaled).values[0].tolist() == [0, 0, 0]
    assert abs(corrected_gains(target, values, shifts).values[0, 1]) > 0.05  # which is why both are told


def test_an_adapter_that_is_base_plus_a_constant_is_no_sharper():
    target = shifted()
    found, sharpness = rescaled_shifts(target, target.behavior.log_probabilities)
    assert sharpness[0] == pytest.approx(1, abs=1e-5)
    assert found.values[0] == pytest.approx(SHIFT - SHIFT.mean(), abs=1e-5)


def test_where_base_says_the_same_of_all_rows_of_a_class_there_is_no_rescaled_shift():
    gold = np.arange(12) % 2
    logits = np.stack([np.eye(2)[gold], np.random.default_rng(0).normal(size=(12, 2))])
    target = closed([("base", None), ("goat", 0)], gold, logits)
    found, sharpness = rescaled_shifts(target, target.behavior.log_probabilities)
    assert np.isnan([*found.values[0], sharpness[0]]).all()
    assert np.isnan(corrected_gains(target, target.behavior.log_probabilities, found).values[0, 1:]).all()


def of_all(target: ClosedTarget, rows: np.ndarray) -> list[float]:
    """What the shift leaves of the gain, and the rescaled shift of the first label, from some rows."""
    logits = target.behavior.log_probabilities[:, rows].astype(float)
    some = closed(list(target.behavior.rows), target.gold[rows], logits)
    values = some.behavior.log_probabilities
    remaining = corrected_gains(some, values, intercept_shifts(some, values)).values[0, 1]
    return [remaining, rescaled_shifts(some, values)[0].values[0, 0]]


def test_standard_errors_are_those_of_a_bootstrap_that_estimates_the_shifts_anew():
    drawn, _ = World((0.06, 0.94), n=1000, sources=1, skill=1.0).draw(np.random.default_rng(4))
    logits = drawn.behavior.log_probabilities.astype(float)
    target = closed(list(drawn.behavior.rows), drawn.gold, logits * np.array([1, 1.3])[:, None, None] + [0.8, -0.8])
    generator = np.random.default_rng(0)
    classes = [np.flatnonzero(target.gold == label) for label in range(2)]
    draws = [of_all(target, np.concatenate([generator.choice(of, len(of)) for of in classes])) for _ in range(300)]
    values = target.behavior.log_probabilities
    gains = corrected_gains(target, values, intercept_shifts(target, values))
    strata = np.unique(target.gold, return_inverse=True)[1]
    within = replace(
        gains, influence=gains.influence - np.stack([gains.influence[:, of].mean(1) for of in classes], 1)[:, strata]
    )
    errors = [
        np.sqrt((found.influence[0, :, place] ** 2).sum()) / target.n
        for found, place in ((within, 1), (rescaled_shifts(target, values)[0], 0))
    ]
    assert errors == pytest.approx(np.std(draws, axis=0), rel=0.12)


def test_classes_weigh_alike_and_each_is_a_stratum():
    target, _ = World(SKEWED, sources=1).draw(np.random.default_rng(1))
    values = target.behavior.log_probabilities.astype(float)
    difference = values[1] - values[0]
    difference -= difference.mean(axis=1, keepdims=True)
    classes = [difference[target.gold == label, 0] for label in range(3)]
    row = crossed_table([intercept_shifts(target, values)], (), 0.05).iloc[0]
    assert row["value"] == pytest.approx(np.mean([of.mean() for of in classes]), abs=1e-6)
    parts = np.array([of.var(ddof=1) / len(of) / 9 for of in classes])
    df = parts.sum() ** 2 / sum(part**2 / (len(of) - 1) for part, of in zip(parts, classes, strict=True))
    half = stats.t.ppf(0.975, df) * np.sqrt(parts.sum())
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([row["value"] - half, row["value"] + half], abs=1e-6)


def test_examples_without_a_finite_value_are_left_out_and_a_class_without_any_is_not_told():
    target, _ = World(sources=2).draw(np.random.default_rng(2))
    values = target.behavior.log_probabilities.copy()
    values[1, target.gold == 2, 0] = np.nan
    values[2, np.flatnonzero(target.gold == 2)[:5], 1] = -np.inf
    found = intercept_shifts(target, values)
    assert np.isnan(found.values[0]).all()
    assert np.isfinite(found.values[1]).all()
    kept = np.isfinite(values[2]).all(axis=1)
    fewer = closed([("base", None), ("s1", 0)], target.gold[kept], values[[0, 2]][:, kept].astype(float))
    assert found.values[1] == pytest.approx(
        intercept_shifts(fewer, fewer.behavior.log_probabilities).values[0], abs=1e-5
    )


def test_a_class_with_one_example_has_no_interval():
    target = closed(
        [("base", None), ("goat", 0)], np.array([0, 0, 0, 1]), np.random.default_rng(0).normal(size=(2, 4, 2))
    )
    table = crossed_table([intercept_shifts(target, target.behavior.log_probabilities)], (), 0.05)
    assert table["value"].notna().all()
    assert table[["ci_low", "ci_high", "p"]].isna().all(axis=None)


def test_total_variation_is_half_the_sum_of_differences_and_its_null_swaps_rows():
    target, _ = World(SKEWED, invalid=0.1, sources=2, seeds=2).draw(np.random.default_rng(8))
    found = total_variations(target, 999, 0.05, np.random.default_rng(0))
    assert found.shape == (6, 3)  # two seeds and their mean, twice
    shares = np.stack([np.bincount(of_run, minlength=4) for of_run in target.predicted]) / target.n
    assert found[0, 0] == pytest.approx(np.abs(shares[1] - shares[0]).sum() / 2, abs=1e-6)
    assert found[2, 0] == pytest.approx(np.abs(shares[1:3].mean(axis=0) - shares[0]).sum() / 2, abs=1e-6)
    generator, null = np.random.default_rng(1), []
    for _ in range(2000):
        swap = generator.random(target.n) < 0.5
        pair = np.where(swap, target.predicted[[1, 0]], target.predicted[[0, 1]])
        counts = [np.bincount(of_run, minlength=4) for of_run in pair]
        null.append(np.abs(counts[0] - counts[1]).sum() / 2 / target.n)
    assert found[0, 1] == pytest.approx(np.mean(null), abs=0.002)
    assert found[0, 2] == pytest.approx(np.quantile(null, 0.95), abs=0.006)


def test_a_gain_keeps_invalid_answers_wrong():
    target = shifted(invalid=0.5)
    none = replace(target, predicted=np.full_like(target.predicted, 3))
    assert gains_of(none).values.tolist() == [[0.0, 0.0, 0.0]]


def test_intervals_hold_the_truth_and_tests_their_level():
    found = simulate(WORLDS["6/13/81, 20 % invalid, 3 seeds"], 20)
    assert found["shift"] > 0.88
    assert found["p"] < 0.12
