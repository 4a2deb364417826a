"""Alignment of solutions and measures of similarity, against SciPy and values worked out by hand."""

import itertools

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import cosine

from crosstask.analysis.traits.alignment import alignment, congruences, largest_angle
from crosstask.errors import UserError


@pytest.fixture
def reference():
    """Three orthonormal columns of ten."""
    return np.linalg.qr(np.random.default_rng(0).normal(size=(10, 3)))[0]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_signs_and_order_are_undone(reference, order):
    for signs in itertools.product([1, -1], repeat=3):
        mixed = reference[:, order] * signs
        np.testing.assert_array_equal(mixed @ alignment(mixed, reference), reference)


def test_order_is_the_best_of_all_orders(reference):
    rng = np.random.default_rng(1)
    for _ in range(20):
        other = np.linalg.qr(reference + rng.normal(size=(10, 3)))[0]
        turned = other @ alignment(other, reference)
        best = max(
            np.abs((other[:, order] * reference).sum(axis=0)).sum() for order in itertools.permutations(range(3))
        )
        assert np.trace(turned.T @ reference) == pytest.approx(best)


def test_axes_are_not_rotated_and_rotation_is_that_of_scipy(reference):
    angle = np.radians(45)
    turn = np.eye(3)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    mixed = reference @ turn
    assert np.abs(mixed @ alignment(mixed, reference) - reference).max() > 0.1
    rotation = alignment(mixed, reference, "rotation")
    np.testing.assert_allclose(mixed @ rotation, reference, atol=1e-12)
    np.testing.assert_allclose(rotation, orthogonal_procrustes(mixed, reference)[0])


def test_congruence_is_the_cosine(reference):
    other = reference + 0.3
    alike = congruences(other, reference)
    for row, column in itertools.product(range(3), range(3)):
        assert alike[row, column] == pytest.approx(1 - cosine(other[:, row], reference[:, column]))


def test_a_component_that_vanished_is_like_none(reference):
    assert congruences(np.zeros((10, 1)), reference).tolist() == [[0, 0, 0]]


def test_angle_is_that_between_the_spaces_and_not_between_the_axes(reference):
    assert largest_angle(reference[:, ::-1] * [1, -1, 1], reference) == pytest.approx(0, abs=1e-6)
    tilted = reference[:, :2].copy()
    tilted[:, 1] = np.cos(np.radians(30)) * reference[:, 1] + np.sin(np.radians(30)) * reference[:, 2]
    assert largest_angle(tilted, reference[:, :2]) == pytest.approx(30)


def test_an_unknown_alignment_is_refused(reference):
    with pytest.raises(UserError, match="^alignment='oblique': not one of axes, rotation$"):
        alignment(reference, reference, "oblique")
