"""Distances of lengths, their influences, swaps, medians of cut answers: against SciPy and by hand."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, permutation_test, wasserstein_distance

from crosstask.analysis.lengths.distances import distances
from crosstask.analysis.lengths.swaps import swapped_p
from crosstask.analysis.lengths.tables import known_medians

GENERATOR = np.random.default_rng(4)
SAMPLES = np.log1p(GENERATOR.integers(1, 60, (3, 40)))
SOURCES = {"long": np.log1p(GENERATOR.integers(30, 90, 200)), "short": np.log1p(GENERATOR.integers(0, 9, 70))}
NAMES = ["long", "short", "long"]


def test_distances_are_those_of_scipy():
    found = distances(SAMPLES, NAMES, SOURCES)
    for row, name in enumerate(NAMES):
        assert found.wasserstein[row] == pytest.approx(wasserstein_distance(SAMPLES[row], SOURCES[name]))
        assert found.kolmogorov_smirnov[row] == pytest.approx(ks_2samp(SAMPLES[row], SOURCES[name]).statistic)


def test_influences_are_what_one_more_answer_does():
    found = distances(SAMPLES, NAMES, SOURCES)
    share = 1e-4
    weights = np.full(40, (1 - share) / 40)
    for place in (0, 7, 39):
        more = weights.copy()
        more[place] += share
        moved = wasserstein_distance(SAMPLES[1], SOURCES["short"], u_weights=more) - found.wasserstein[1]
        assert found.influences[1, place] == pytest.approx(moved / share, abs=1e-6)
    assert found.influences.mean(axis=1) == pytest.approx([0, 0, 0])


def test_the_excess_is_how_much_too_large_distances_come_out_where_there_is_none():
    generator = np.random.default_rng(7)
    draws = 60
    sources = {f"s{draw}": np.round(generator.normal(4, 0.7, 100), 1) for draw in range(draws)}
    samples = np.round(generator.normal(4, 0.7, (draws, 50)), 1)
    found = distances(np.vstack([samples, samples + 2]), [*sources] * 2, sources)
    too_large = found.wasserstein[:draws].mean()  # the truth is 0
    assert too_large > 0.05
    assert 0.7 * too_large <= found.excess[:draws].mean() <= 1.2 * too_large
    assert found.excess[draws:].mean() < 0.1 * too_large  # far away a distance is as often too small
    same = distances(np.full((1, 5), 2.0), ["s"], {"s": np.full(7, 2.0)})
    assert same.excess.tolist() == [0]


def test_swaps_give_the_p_value_of_scipy():
    base = np.log1p(GENERATOR.integers(1, 60, 40))
    tuned = base + np.where(GENERATOR.uniform(size=40) < 0.3, 0.25, 0.0) + GENERATOR.normal(0, 0.15, 40)

    def statistic(x: np.ndarray, y: np.ndarray) -> float:
        return wasserstein_distance(x, SOURCES["long"]) - wasserstein_distance(y, SOURCES["long"])

    generator = np.random.default_rng(0)
    (found,) = swapped_p([tuned[None]], base, [SOURCES["long"]], 4999, generator)
    expected = permutation_test(
        (tuned, base), statistic, permutation_type="samples", n_resamples=2000, rng=np.random.default_rng(1)
    )
    assert found == pytest.approx(expected.pvalue, abs=0.03)
    assert found < 0.2


def test_of_several_seeds_those_that_answer_as_base_does_are_not_told_from_it():
    generator = np.random.default_rng(2)
    p = []
    for _ in range(40):
        examples = generator.normal(3, 0.5, 60)
        values = examples + generator.normal(0, 0.5, (4, 60))
        p.append(swapped_p([values[1:]], values[0], [generator.normal(4, 0.5, 100)], 199, generator)[0])
    assert 0.3 < np.mean(p) < 0.7
    assert np.mean(np.array(p) <= 0.05) <= 0.15


def test_a_median_is_known_unless_it_depends_on_cut_answers():
    values = np.array([[1, 2, 3, 9, 9], [1, 2, 3, 9, 2], [5, 2, 3, 9, 9]], dtype=np.int32)
    cut = np.array([[0, 0, 0, 1, 1], [0, 1, 0, 1, 1], [0, 0, 1, 1, 1]], dtype=bool)
    assert known_medians(values, cut).tolist() == pytest.approx([3, np.nan, np.nan], nan_ok=True)
