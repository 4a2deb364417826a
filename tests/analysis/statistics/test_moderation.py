"""Variances that lend each other strength, against the distribution that they are drawn from."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import polygamma

from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import VarianceParts
from tests.support.seeds import of_seeds


def parts(seeds, df=2, examples=1.0, interaction=0.0):
    seeds = np.asarray(seeds, float)
    full = [np.full(seeds.shape, float(value)) for value in (interaction, examples, df, 199, 200 * examples)]
    return VarianceParts(seeds, *full)


def drawn(cells, common, common_df, df=2, seed=0):
    """Variances with df degrees of freedom, whose truths are common * common_df / chi-square(common_df)."""
    generator = np.random.default_rng(seed)
    truth = common * common_df / generator.chisquare(common_df, cells)
    return truth, truth * generator.chisquare(df, cells) / df


def test_the_distribution_is_found_again():
    _, variances = drawn(20_000, 0.04, 6)
    found = moderated(parts(variances))
    common_df = found.seeds_df[0] - 2
    assert common_df == pytest.approx(6, rel=0.15)
    common = (found.seeds[0] * (common_df + 2) - 2 * variances[0]) / common_df
    assert common == pytest.approx(0.04, rel=0.05)
    # variances over s0^2 have the F distribution with 2 and d0 degrees of freedom: the same by maximum likelihood
    _, by_likelihood, _, scale = stats.f.fit(variances, fdfn=2, floc=0)
    assert common_df == pytest.approx(by_likelihood, rel=0.15)
    assert common == pytest.approx(scale, rel=0.05)


def test_moderated_variances_are_nearer_to_the_truth():
    truth, variances = drawn(300, 0.04, 6)
    found = moderated(parts(variances)).seeds
    assert np.mean((found - truth) ** 2) < 0.5 * np.mean((variances - truth) ** 2)


def test_equal_variances_are_pooled_and_very_unequal_ones_stay():
    equal = 0.02 * stats.chi2.ppf((np.arange(50) + 0.5) / 50, 2) / 2
    pooled = moderated(parts(equal))
    assert pooled.seeds_df[0] == pytest.approx(102)
    assert np.ptp(pooled.seeds) < 0.1 * np.ptp(equal)
    spread = np.exp(np.random.default_rng(0).normal(0, 6, 50))
    kept = moderated(parts(spread))
    assert kept.seeds_df[0] < 2.7
    assert kept.seeds[spread.argmax()] > 0.7 * spread.max()


def test_targets_of_other_scales_are_compared_relative_to_their_examples():
    _, variances = drawn(40, 0.04, 6)
    scale = np.repeat([1.0, 1e-4], 20)
    together = moderated(parts(variances * scale, examples=1.0))
    by_scale = moderated(VarianceParts(variances * scale, 0 * scale, scale, 0 * scale + 2, 0 * scale + 199, scale))
    plain = moderated(parts(variances))
    assert by_scale.seeds / scale == pytest.approx(plain.seeds)
    assert together.seeds_df[0] < plain.seeds_df[0]


def test_single_seeds_and_missing_cells_take_no_part():
    _, variances = drawn(20, 0.04, 6)
    alone = moderated(parts(variances))
    more = np.concatenate([variances, [0.0, np.nan]])
    df, examples = np.array([2.0] * 20 + [0, 2]), np.array([1.0] * 21 + [np.nan])
    found = moderated(VarianceParts(more, 0 * more, examples, df, 199 + 0 * df, examples))
    assert found.seeds[:20] == pytest.approx(alone.seeds)
    assert found.seeds_df[20] == 0
    assert found.seeds[20] == 0


def test_a_few_cells_stay_but_their_interaction_is_not_subtracted():
    few = parts([0.1] * 7, interaction=0.05)
    found = moderated(few)
    assert (found.seeds == few.seeds).all()
    assert (found.seeds_df == few.seeds_df).all()
    assert (found.between_seeds == 0.1).all()
    assert (few.between_seeds == 0.05).all()


def test_the_interaction_is_subtracted_as_far_as_strength_is_lent():
    equal = 0.02 * stats.chi2.ppf((np.arange(50) + 0.5) / 50, 2) / 2
    assert moderated(parts(equal, interaction=0.01)).interaction[0] == pytest.approx(0.01 * 100 / 102)
    spread = np.exp(np.random.default_rng(0).normal(0, 6, 50))
    assert moderated(parts(spread, interaction=0.01)).interaction[0] < 0.003


def test_seeds_that_never_differ_are_no_proof_that_they_cannot():
    same = moderated(parts([0.0] * 20, interaction=0.04))
    assert (same.seeds > 0).all()
    assert (moderated(parts([0.0] * 20)).seeds == 0).all()


def of_sources(spread, cells_spread=0.0, sources=200, targets=10, seed=0):
    """Variances with 2 degrees of freedom; their truths differ between sources and between the cells of a source."""
    generator = np.random.default_rng(seed)
    truth = np.exp(generator.normal(0, spread, (sources, 1)) + generator.normal(0, cells_spread, (sources, targets)))
    return truth, truth * generator.chisquare(2, truth.shape) / 2


def test_cells_of_a_source_are_pooled_however_unequal_the_sources_are():
    _, variances = of_sources(3)
    found = moderated(parts(variances))
    assert found.seeds_df == pytest.approx(20, abs=1)  # ten cells of two degrees of freedom, hardly any from others
    of_source = found.seeds[:, 0]
    assert found.seeds == pytest.approx(np.repeat(of_source[:, None], 10, axis=1))
    slope = stats.linregress(variances.mean(axis=1), of_source).slope
    assert slope == pytest.approx(20 / found.seeds_df[0, 0])


def test_alike_sources_lend_each_other_strength_as_well():
    _, variances = of_sources(0)
    found = moderated(parts(variances))
    assert (found.seeds_df > 500).all()
    assert found.seeds == pytest.approx(np.ones(variances.shape), rel=0.1)


def test_unequal_cells_of_a_source_stay_apart():
    truth, variances = of_sources(0, 4)
    found = moderated(parts(variances))
    assert (found.seeds_df < 2.6).all()
    assert found.seeds[truth > 100] == pytest.approx(variances[truth > 100], rel=0.5)


def test_in_between_variances_are_nearer_to_the_truth_and_their_degrees_of_freedom_are_right():
    """They are those of a variance whose logarithm is as far off, roughly: two distributions are approximated."""
    truth, variances = of_sources(0.8, 0.6)
    found = moderated(parts(variances))
    error = np.log(found.seeds / truth)
    assert error.var() < 0.35 * np.log(variances / truth).var()
    assert error.var() == pytest.approx(polygamma(1, found.seeds_df / 2).mean(), rel=0.3)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_seeds_better_altogether_make_ten_targets_worth_little_more_than_one(share):
    deviations = of_seeds(share, 400, targets=10)
    spread = np.exp(np.random.default_rng(1).normal(0, 3, (400, 1)))
    found = moderated(parts(spread * (deviations**2).sum(axis=1) / 2), deviations)
    lent = 2 * brentq(lambda half: polygamma(1, half) - 9, 0.1, 10)  # d0 of variances whose logarithms vary by 3^2
    expected = 20 / (1 + 9 * share**2) + lent
    assert 0.6 * expected < found.seeds_df.mean() < 1.1 * expected
