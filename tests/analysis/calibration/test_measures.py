"""Losses, recalibration, the decomposition of the Brier score, and the expected calibration error with its null."""

import numpy as np
import pytest
import statsmodels.api as sm
import torch
from scipy.optimize import minimize
from sklearn.metrics import brier_score_loss, log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

from crosstask.analysis.calibration.decomposition import decomposition, equal_bins
from crosstask.analysis.calibration.expected_error import expected_errors
from crosstask.analysis.calibration.losses import log_softmax, losses
from crosstask.analysis.calibration.recalibration import recalibration
from tests.simulation.calibrated import Right, simulate


@pytest.fixture
def logarithms() -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of three runs and three labels, and gold labels."""
    target = Right((0.2, 0.3, 0.5), 200, 1.3, 2).draw(np.random.default_rng(0))
    return log_softmax(target.behavior.log_probabilities), target.gold


def test_losses_are_those_of_scikit_learn(logarithms: tuple[np.ndarray, np.ndarray]):
    values, gold = logarithms
    found, influence = losses(values, gold)
    for run in range(3):
        p = np.exp(values[run])
        expected = brier_score_loss(gold, p, labels=[0, 1, 2], scale_by_half=False), log_loss(gold, p)
        assert found[run] == pytest.approx(expected)
    assert influence.mean(axis=1) == pytest.approx(0, abs=1e-12)


def test_probabilities_are_renormalized_over_labels_and_gaps_left_out():
    values = np.array([[[-5.0, -5.0], [-1.0, np.nan], [0.0, -np.inf]]])
    found = log_softmax(values)
    assert found[0, 0] == pytest.approx(np.log([0.5, 0.5]))
    assert np.isnan(found[0, 1:]).all()
    means, influence = losses(found, np.array([0, 0, 1]))
    assert means[0] == pytest.approx([0.5, np.log(2)])
    assert influence[0, 1:].tolist() == [[0, 0], [0, 0]]


def test_with_two_labels_recalibration_is_a_logistic_regression():
    target = Right((0.4, 0.6), 300, 1.5, 1).draw(np.random.default_rng(1))
    values, gold = log_softmax(target.behavior.log_probabilities), target.gold
    found, influence = recalibration(values, gold)
    for run in range(2):
        design = sm.add_constant(values[run, :, 1] - values[run, :, 0])
        fitted = sm.Logit(gold, design).fit(disp=0, cov_type="HC0")
        intercept, slope = fitted.params
        assert found[run] == pytest.approx([slope, -intercept / 2, intercept / 2], abs=1e-5)
        errors = np.sqrt((influence[run] ** 2).sum(axis=0)) / 300
        assert errors == pytest.approx([fitted.bse[1], fitted.bse[0] / 2, fitted.bse[0] / 2], abs=1e-5)


def test_with_three_labels_it_has_the_largest_likelihood(logarithms: tuple[np.ndarray, np.ndarray]):
    values, gold = logarithms
    found, _ = recalibration(values, gold)

    def loss(theta: np.ndarray) -> float:
        logits = theta[0] * values[0] + np.array([theta[1], theta[2], -theta[1] - theta[2]])
        return -(logits[np.arange(200), gold] - np.log(np.exp(logits).sum(axis=1))).sum()

    best = minimize(loss, [1.0, 0.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    assert found[0] == pytest.approx([*best, -best[1] - best[2]], abs=1e-5)


def test_labels_told_without_a_mistake_have_no_recalibration_nor_have_labels_that_nothing_is():
    gold = np.repeat([0, 1], 20)
    sure = log_softmax(3 * np.eye(2)[gold])[None]
    assert np.isnan(recalibration(sure, gold)[0]).all()
    three = np.concatenate(
        [sure + 0.3 * np.random.default_rng(0).normal(size=sure.shape), np.full((1, 40, 1), -9.0)], 2
    )
    three[0, :5, :2] = three[0, :5, 1::-1]  # five mistakes
    found, _ = recalibration(log_softmax(three), gold)
    assert np.isfinite(found[0, :3]).all()
    assert np.isnan(found[0, 3])
    assert np.isnan(recalibration(sure, np.zeros(40, int))[0]).all()


def test_the_decomposition_is_that_of_ferro_and_fricker_and_leaves_the_brier_score(
    logarithms: tuple[np.ndarray, np.ndarray],
):
    values, gold = logarithms
    found, influence = decomposition(np.exp(values), gold, 10)
    reliability = resolution = uncertainty = within = 0.0
    for label in range(3):
        p, y = np.exp(values[0, :, label]), (gold == label).astype(float)
        order, mean = np.argsort(p, kind="stable"), y.mean()
        for rows in np.array_split(order, 10):
            n, o, f = len(rows), y[rows].mean(), p[rows].mean()
            bias = o * (1 - o) / (n - 1)
            reliability += n / 200 * ((f - o) ** 2 - bias)
            resolution += n / 200 * ((o - mean) ** 2 - bias)
            within += ((p[rows] - f) ** 2).sum() / 200 - 2 * ((p[rows] - f) * (y[rows] - o)).sum() / 200
        resolution += mean * (1 - mean) / 199
        uncertainty += mean * (1 - mean) * (1 + 1 / 199)
    assert found[0] == pytest.approx([reliability, resolution])
    brier = losses(values, gold)[0][0, 0]
    assert reliability - resolution + uncertainty + within == pytest.approx(brier)
    assert influence.mean(axis=1) == pytest.approx(0, abs=1e-9)


def test_what_an_example_adds_is_the_jackknifes():
    generator = np.random.default_rng(2)
    p = generator.dirichlet([1, 1], 12)[None]
    gold = generator.integers(0, 2, 12)
    found, influence = decomposition(p, gold, 1)  # of one bin the bins stay what they are
    without = np.array([decomposition(np.delete(p, e, axis=1), np.delete(gold, e), 1)[0][0] for e in range(12)])
    assert influence[0] == pytest.approx(11 * (without.mean(axis=0) - without))
    assert found.shape == (1, 2)


def test_bins_have_equally_many_rows():
    assert np.bincount(equal_bins(np.random.default_rng(0).random(103), 10)).tolist() == [
        11,
        10,
        10,
        11,
        10,
        10,
        11,
        10,
        10,
        10,
    ]


def test_expected_error_agrees_with_torchmetrics_where_bins_are_the_same():
    # Confidences in ten groups of equal size, one in each of ten bins of equal width.
    top = np.repeat(np.arange(0.525, 1, 0.05), 20)
    gold = (np.random.default_rng(0).random(200) > top).astype(int)
    p = np.stack([top, 1 - top], axis=1)
    found, _ = expected_errors(p[None], gold, 10, np.zeros((1, 200)))
    expected = multiclass_calibration_error(torch.tensor(p), torch.tensor(gold), num_classes=2, n_bins=20)
    assert found[0] == pytest.approx(float(expected), abs=1e-6)


def test_the_null_is_that_of_labels_drawn_from_the_probabilities(logarithms: tuple[np.ndarray, np.ndarray]):
    p, generator = np.exp(logarithms[0][:1]), np.random.default_rng(0)
    _, null = expected_errors(p, logarithms[1], 10, generator.random((1000, 200)))
    drawn = []
    for _ in range(1000):
        gold = np.array([generator.choice(3, p=of_row / of_row.sum()) for of_row in p[0]])
        top, right = p[0].max(axis=1), p[0].argmax(axis=1) == gold
        drawn.append(
            sum(abs(top[rows].sum() - right[rows].sum()) for rows in np.array_split(np.argsort(top), 10)) / 200
        )
    assert null[0].mean() == pytest.approx(np.mean(drawn), abs=0.003)
    assert np.quantile(null[0], 0.95) == pytest.approx(np.quantile(drawn, 0.95), abs=0.008)


@pytest.mark.slow
def test_intervals_hold_the_truth_and_tests_their_level():
    found = simulate(Right(n=400, boldness=1.3), 30)
    assert (found[["brier", "log_loss", "slope", "intercepts", "resolution"]] > 0.87).all()
    assert simulate(Right(), 30)["ece above"] < 0.14


def test_with_few_rows_for_each_label_nothing_is_recalibrated():
    generator = np.random.default_rng(0)
    gold = np.arange(36) % 8
    values = log_softmax(generator.normal(size=(1, 36, 8)))
    assert np.isnan(recalibration(values, gold)[0]).all()
    assert np.isfinite(recalibration(values[:, :, :6], np.arange(36) % 6)[0]).all()
