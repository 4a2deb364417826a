"""Intervals of shares of test rows, and of means of shares of classes."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from crosstask.analysis.confusion.scores import SCORES, scores_of_runs
from crosstask.analysis.confusion.share_limits import (
    change_sides,
    level_sides,
    predicted_sides,
    sides_of_scores,
    with_score_sides,
    with_sides,
)
from crosstask.analysis.matrix.base_changes import beside_base, changes, levels
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.source_runs import SourceRuns
from tests.simulation.closed_answers import closed


def drawn(recall: tuple[float, ...], counts: tuple[int, ...], seeds: int, generator: np.random.Generator):
    """Base, and seeds of a source, with the same recall of each class; a wrong answer is the next label."""
    gold = np.repeat(np.arange(len(counts)), counts)
    right = generator.random((1 + seeds, len(gold))) < np.array(recall)[gold]
    predicted = np.where(right, gold, (gold + 1) % len(counts))
    runs: list[tuple[str, int | None]] = [("base", None), *(("goat", seed) for seed in range(seeds))]
    return closed(runs, gold, np.eye(len(counts))[predicted])


def table_of(target: ClosedTarget) -> pd.DataFrame:
    """Scores with their intervals."""
    statistics = scores_of_runs(target)
    found = beside_base([levels(target, SCORES, statistics)], [changes(target, SCORES, statistics)], (), 0.05, False)
    return with_score_sides(found, [sides_of_scores(target, 0.05)]).set_index(["source", "seeds", "seed", "name"])


@pytest.fixture
def target() -> ClosedTarget:
    return drawn((0.4, 0.9), (12, 80), 1, np.random.default_rng(3))


def test_of_one_run_accuracy_has_wilsons_interval_and_its_change_bonett_and_prices(target: ClosedTarget):
    row = table_of(target).loc[("goat", 1, 0, "accuracy")]
    right = target.predicted == target.gold
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        proportion_confint(right[1].sum(), target.n, method="wilson")
    )
    won, lost, n = (right[1] > right[0]).sum(), (right[1] < right[0]).sum(), target.n + 2
    p, q = (won + 1) / n, (lost + 1) / n
    half = t.ppf(0.975, target.n - 1) * np.sqrt((p + q - (p - q) ** 2) / n)
    assert (row["change_low"], row["change_high"]) == pytest.approx((p - q - half, p - q + half))


def test_balanced_accuracy_has_the_limits_of_its_classes_put_together(target: ClosedTarget):
    row = table_of(target).loc[("goat", 1, 0, "balanced_accuracy")]
    classes = [target.predicted[1][target.gold == label] == label for label in (0, 1)]
    limits = [proportion_confint(of.sum(), len(of), method="wilson") for of in classes]
    squares = [[(of.mean() - end) ** 2 for end in ends] for of, ends in zip(classes, limits, strict=True)]
    low, high = np.sqrt(np.sum(squares, axis=0)) / 2
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((row["value"] - low, row["value"] + high))


def test_a_mean_over_seeds_has_the_seeds_part_besides():
    target = drawn((0.4, 0.9), (30, 80), 3, np.random.default_rng(3))
    one = table_of(target).loc[("goat", 3)]
    row = one[one.index.get_level_values("name") == "accuracy"].iloc[0]
    right = (target.predicted[1:] == target.gold).astype(float)
    means = right.mean(axis=0)
    p = means.mean()
    number = np.clip(p * (1 - p) / (means.var() / target.n), target.n, 3 * target.n)
    low, high = proportion_confint(p * number, number, method="wilson")
    assert row["seeds_half"] >= 0
    assert row["value"] - row["ci_low"] == pytest.approx(np.hypot(p - low, row["seeds_half"]))
    assert row["ci_high"] - row["value"] == pytest.approx(np.hypot(high - p, row["seeds_half"]))


def test_predicted_shares_that_are_0_have_an_interval(target: ClosedTarget):
    answered = (target.predicted[:, :, None] == np.arange(3)).astype(float)
    shares = answered.mean(axis=1)
    statistics = shares, answered - shares[:, None]
    found = beside_base(
        [levels(target, target.predictions, statistics)], [changes(target, target.predictions, statistics)], (), 0.05
    )
    found = with_sides(found, pd.Series(True, found.index), [predicted_sides(target, 0.05)])
    invalid = found[(found["name"] == "invalid") & (found["source"] == "goat")].iloc[0]
    assert (invalid["ci_low"], invalid["ci_high"]) == pytest.approx(
        proportion_confint(0, target.n, method="wilson"), abs=1e-12
    )


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("recall", [(0.1, 0.95), (0.97, 0.97), (0.8, 0.8)])
def test_intervals_hold_the_truth_where_recall_is_near_0_or_1(recall: tuple[float, float], seeds: int):
    gold, draws = np.repeat([0, 1], (12, 188)), 600
    right = np.random.default_rng(1).random((draws * (1 + seeds), 200)) < np.array(recall)[gold]
    each = np.arange(len(right)).reshape(draws, 1 + seeds)
    runs = [SourceRuns(str(row[0]), (), tuple(row[1:].tolist()), tuple(range(seeds)), int(row[0])) for row in each]
    classes = np.stack([right[:, gold == label].mean(axis=1) for label in (0, 1)]).mean(axis=0)
    value, of_base = classes[each[:, 1:]].mean(axis=1), classes[each[:, 0]]
    of_level, of_change = (
        [
            side[seeds if seeds > 1 else 0 :: seeds + (seeds > 1), 0]
            for side in sides(runs, right[:, :, None], gold, 0.05)
        ]
        for sides in (level_sides, change_sides)
    )
    for estimate, (low, high), truth in ((value, of_level, np.mean(recall)), (value - of_base, of_change, 0.0)):
        held = ((estimate - low <= truth) & (truth <= estimate + high)).mean()
        assert held >= 0.92 - norm.ppf(0.995) * (0.05 * 0.95 / draws) ** 0.5
