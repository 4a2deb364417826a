"""Class shares that answers point to: Saerens' EM and black-box shift estimation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from crosstask.analysis.class_shift.class_shares import (
    black_box_shares,
    expectation_maximization,
    identified,
)
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from tests.simulation.closed_answers import EVEN, SKEWED, World, closed


def posteriors(shares: np.ndarray, rows: int, built_in: np.ndarray, seed: int = 0) -> np.ndarray:
    """Probabilities that are right for some shares of rows of others."""
    generator = np.random.default_rng(seed)
    gold = generator.choice(3, rows, p=shares)
    signs = generator.normal(size=(rows, 3))
    signs[np.arange(rows), gold] += 2
    odds = np.exp(2 * signs) * built_in
    return odds / odds.sum(axis=1, keepdims=True)


def test_expectation_maximization_finds_the_largest_likelihood():
    p, gold = posteriors(np.array([0.6, 0.3, 0.1]), 400, np.array(EVEN)), np.array(EVEN)

    def loss(logits: np.ndarray) -> float:
        shares = np.exp([0.0, *logits]) / np.exp([0.0, *logits]).sum()
        return -np.log((p * shares / gold).sum(axis=1)).sum()

    best = np.exp([0.0, *minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x])
    assert expectation_maximization(p[None], gold)[0] == pytest.approx(best / best.sum(), abs=1e-4)


def test_shares_of_rows_are_found_from_probabilities_that_were_right_for_others():
    for shares, built_in in ((np.array([0.6, 0.3, 0.1]), np.array(EVEN)), (np.array(SKEWED), np.array(SKEWED))):
        found = expectation_maximization(posteriors(shares, 20_000, built_in)[None], built_in)[0]
        assert found == pytest.approx(shares, abs=0.015)


def test_examples_without_probabilities_are_left_out():
    p = posteriors(np.array(EVEN), 100, np.array(EVEN))
    gaps = p.copy()
    gaps[:10] = np.nan
    found = expectation_maximization(np.stack([gaps, p]), np.array(EVEN))
    assert found[0] == pytest.approx(expectation_maximization(p[None, 10:], np.array(EVEN))[0], abs=1e-6)
    assert found[1] == pytest.approx(expectation_maximization(p[None], np.array(EVEN))[0], abs=1e-6)


def test_base_would_answer_as_the_adapter_does_at_these_shares():
    target, _ = World(sources=2).draw(np.random.default_rng(4))
    found = black_box_shares(target)
    confusion = np.zeros((3, 3))
    np.add.at(confusion, (target.predicted[0], target.gold), 1)
    confusion /= confusion.sum(axis=0)
    answered = np.bincount(target.predicted[1], minlength=3) / target.n
    assert confusion @ found.values[0] == pytest.approx(answered)
    assert found.values.sum(axis=1) == pytest.approx(1)
    assert found.influence.mean(axis=1) == pytest.approx(0, abs=1e-9)


def test_its_intervals_hold_the_shares_that_base_faces():
    # Base answers other rows of the same classes as the adapter does: the shares are those of the test rows.
    covered = []
    for draw in range(60):
        target, _ = World(SKEWED, invalid=0.2, shift=0.0, sources=3, n=600, skill=1.7).draw(np.random.default_rng(draw))
        logits = target.behavior.log_probabilities[1:].astype(float)
        runs = [("base", None), ("a", 0), ("b", 0)]
        alike = closed(runs, target.gold, logits, target.behavior.valid[1:])
        table = crossed_table([black_box_shares(alike)], (), 0.05)
        gold = np.tile(SKEWED, 2)
        covered.append(((table["ci_low"] <= gold) & (gold <= table["ci_high"])).mean())
    assert np.mean(covered) > 0.9


def test_class_shares_are_not_identified_with_few_rows_or_a_base_that_does_not_tell_classes():
    target, _ = World(SKEWED, sources=1).draw(np.random.default_rng(0))
    few = identified(target, 0, 10.0, 20)
    rows = np.bincount(target.gold).min()
    assert few.reason == f"{rows} test rows of l0, fewer than 20"
    flat, _ = World(EVEN, sources=1, skill=0.0).draw(np.random.default_rng(0))
    told = identified(flat, 0, 10.0, 20)
    assert told.reason.startswith("condition number ")
    assert told.condition > 10
    even, _ = World(EVEN, sources=1).draw(np.random.default_rng(0))
    assert identified(even, 0, 10.0, 20).reason == ""
