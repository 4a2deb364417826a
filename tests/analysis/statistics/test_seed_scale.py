"""What variances between seeds are expected to be, against the two parts that they are drawn from."""

import numpy as np
import pytest

from crosstask.analysis.statistics.seed_scale import seed_scale

ROWS = np.geomspace(25, 2000, 10)
ANSWER = np.tile([0.25, 0.16], 5)


def drawn(share: float, cells: int = 2000, seed: int = 0):
    """Variances of cells on ten targets, and their truth: a share of the variance of an answer, and the interaction."""
    truth = np.tile(share * ANSWER + 0.5 * ANSWER / ROWS, (cells, 1))
    return truth * np.random.default_rng(seed).chisquare(2, truth.shape) / 2, truth


@pytest.mark.parametrize("share", [0.1, 0.002])
def test_targets_of_all_sizes_are_on_one_scale(share):
    seeds, truth = drawn(share)
    answer, df = np.broadcast_to(ANSWER, truth.shape), np.full(truth.shape, 2.0)
    scale = seed_scale(seeds, 0.5 * answer / ROWS, answer, df)
    ratio = (truth / scale)[0]
    assert np.ptp(ratio) < 0.05 * ratio.mean()


def test_seeds_that_do_no_more_than_the_interaction_have_its_scale():
    seeds, truth = drawn(0.0)
    answer, df = np.broadcast_to(ANSWER, truth.shape), np.full(truth.shape, 2.0)
    scale = seed_scale(0.9 * seeds, truth, answer, df)
    assert scale == pytest.approx(truth, rel=1e-3)


def test_a_few_adapters_that_are_far_apart_do_not_decide():
    seeds, truth = drawn(0.002)
    seeds[:100] *= 1000
    answer, df = np.broadcast_to(ANSWER, truth.shape), np.full(truth.shape, 2.0)
    scale = seed_scale(seeds, 0.5 * answer / ROWS, answer, df)
    ratio = (truth / scale)[0]
    assert ratio.max() < 2 * ratio.min()  # they multiply the mean variance by 50, which would make it a factor of 8


def test_what_is_not_known_or_has_one_seed_has_no_scale():
    scale = seed_scale(
        np.array([0.1, 0.0, np.nan, 0.2]), np.zeros(4), np.array([0.2, 0.2, np.nan, 0.0]), np.array([2.0, 0, 2, 2])
    )
    assert (scale > 0).tolist() == [True, False, False, False]
    assert seed_scale(np.zeros(3), np.zeros(3), np.ones(3), np.ones(3)).tolist() == [1, 1, 1]
