"""Odds ratios against statsmodels, their variance against leaving every cluster out by weights."""

import numpy as np
import pytest
from scipy.stats import t
from statsmodels.stats.contingency_tables import StratifiedTable

from crosstask.analysis.linguistic.odds_ratios import Stake, odds_ratios


def stake(n: int = 120, features: int = 3, sources: int = 2, cluster: int = 1, binary: bool = True) -> Stake:
    """Examples at random."""
    chance = np.random.default_rng(5)
    changed = (chance.random((sources, n)) < 0.4).astype(float)
    if not binary:
        changed = chance.integers(0, 4, (sources, n)) / 3
    present = (chance.random((n, features)) < 0.4).astype(np.float32)
    return Stake(present, chance.integers(0, 4, n), np.arange(n) // cluster, changed)


def tables(of: Stake, source: int, feature: int) -> list[np.ndarray]:
    """The 2 x 2 table of each stratum, counted one by one."""
    found = []
    for stratum in np.unique(of.strata):
        rows = of.strata == stratum
        x, y = of.present[rows, feature], of.changed[source, rows]
        found.append(np.array([[x @ y, x @ (1 - y)], [(1 - x) @ y, (1 - x) @ (1 - y)]], dtype=float))
    return found


def test_they_are_those_of_statsmodels():
    of = stake()
    found = odds_ratios(of, 0.05)
    for source, feature in np.ndindex(found.ratio.shape):
        theirs = StratifiedTable(tables(of, source, feature))
        assert found.ratio[source, feature] == pytest.approx(theirs.oddsratio_pooled)
        # Theirs takes the margins for fixed (Robins, Breslow and Greenland); ours does not, and is close.
        half = np.log(found.high / found.ratio)[source, feature] / t.ppf(0.975, 119)
        assert half == pytest.approx(theirs.logodds_pooled_se, rel=0.1)
        assert np.log(found.ratio / found.low)[source, feature] == pytest.approx(half * t.ppf(0.975, 119))


def log_ratio(of: Stake, weights: np.ndarray) -> float:
    """The logarithm of the odds ratio of the first source and feature, examples weighted."""
    upper = lower = 0.0
    for stratum in np.unique(of.strata):
        rows = of.strata == stratum
        w, x, y = weights[rows], of.present[rows, 0].astype(float), of.changed[0, rows]
        upper += (w * x) @ y * ((w * (1 - x)) @ (1 - y)) / w.sum()
        lower += (w * x) @ (1 - y) * ((w * (1 - x)) @ y) / w.sum()
    return float(np.log(upper / lower))


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("cluster", [1, 4])
def test_the_variance_is_that_of_the_derivatives_by_weights_of_clusters(cluster: int, binary: bool):
    of = stake(cluster=cluster, binary=binary)
    clusters, step = int(of.clusters.max()) + 1, 1e-6
    slopes = []
    for number in range(clusters):
        bump = step * (of.clusters == number)
        slopes.append((log_ratio(of, 1 + bump) - log_ratio(of, 1 - bump)) / (2 * step))
    variance = clusters / (clusters - 1) * np.square(slopes).sum()
    found = odds_ratios(of, 0.1)
    half = t.ppf(0.95, clusters - 1) * np.sqrt(variance)
    assert np.log(found.ratio[0, 0]) == pytest.approx(log_ratio(of, np.ones(120)))
    assert np.log(found.high / found.ratio)[0, 0] == pytest.approx(half, rel=1e-5)
    assert np.log(found.ratio / found.low)[0, 0] == pytest.approx(half, rel=1e-5)


def test_shares_of_seeds_count_as_parts_of_examples():
    of = stake(binary=False)
    found = odds_ratios(of, 0.05)
    for source, feature in np.ndindex(found.ratio.shape):
        parts = tables(of, source, feature)
        expected = sum(part[:, 0].sum() * part[0].sum() / part.sum() for part in parts)
        assert found.counts[source, feature] == pytest.approx(sum(part[0, 0] for part in parts))
        assert found.expected[source, feature] == pytest.approx(expected)
        ratio = sum(part[0, 0] * part[1, 1] / part.sum() for part in parts)
        ratio /= sum(part[0, 1] * part[1, 0] / part.sum() for part in parts)
        assert found.ratio[source, feature] == pytest.approx(ratio)


def test_the_smallest_expected_count_is_that_of_four():
    of = Stake(np.repeat([[1], [0]], (30, 70), axis=0), np.zeros(100, int), np.arange(100), np.eye(1, 100, 0) * 1.0)
    assert odds_ratios(of, 0.05).least[0, 0] == pytest.approx(0.3)


def test_without_any_of_a_kind_there_is_no_interval():
    x = np.repeat([1.0, 0.0], 30)
    of = Stake(x[:, None].astype(np.float32), np.zeros(60, int), np.arange(60), x[None])
    found = odds_ratios(of, 0.05)
    assert found.ratio[0, 0] == np.inf
    assert np.isnan([found.low[0, 0], found.high[0, 0]]).all()
