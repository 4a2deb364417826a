"""What could have been found in a matrix."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.noise_tests import noise_tests
from crosstask.analysis.traits.power import Power, power
from crosstask.analysis.traits.residuals import Residuals, residuals


def noise(rows: int, columns: int, seed: int = 0) -> Residuals:
    """Residuals of nothing, the diagonal left out."""
    names, targets = [f"s{place}" for place in range(rows)], [f"s{place}" for place in range(columns)]
    gains = pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, columns)), names, targets)
    return residuals(gains, pd.DataFrame(np.eye(rows, columns, dtype=bool), names, targets))


def power_of(data: Residuals) -> Power:
    """Power with the thresholds of the matrix itself."""
    tests = noise_tests(data, 199, 0.05)
    return power(data, max(test.first for test in tests.values()), 0.05)


def test_power_is_the_share_of_analyses_that_find_something():
    """By the other way round: whole analyses of matrices with three traits of communality 0.5 planted."""
    data = noise(16, 10)
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = rng.permutation(np.arange(10) % 3)
        gains = 0.5**0.5 * (rng.normal(size=(16, 3))[:, groups] + rng.normal(size=(16, 10)))
        other = residuals(pd.DataFrame(gains, data.values.index, data.values.columns), data.values.isna())
        found.append(min(test.retained for test in noise_tests(other, 99, 0.05).values()) > 0)
    assert power_of(data).found() == pytest.approx(np.mean(found), abs=0.2)


def test_power_grows_with_communality_and_sources():
    small, large = power_of(noise(8, 10)), power_of(noise(40, 10))
    assert small.found(0.3) < small.found(0.7) < large.found(0.7)
    assert (small.told, large.told) == (False, True)
    assert large.table["sources"].unique().tolist() == [40]


def test_where_little_would_be_found_it_says_how_many_sources_would_do():
    small = power_of(noise(8, 10))
    assert small.wanted in (20, 25, 30, 40)
    assert small.verdict.startswith("Cannot be told with so few sources: 3 traits with half of a target's variance")
    assert small.verdict.endswith(f"and in 80 % with {small.wanted} sources")
    assert "No latent trait found, where 3 traits" in power_of(noise(40, 10)).verdict


def test_more_sources_than_were_tried_may_not_be_enough():
    table = pd.DataFrame({"sources": [8, 200], "traits": 3, "communality": 0.5, "found": [0.1, 0.5]})
    assert Power(table, 8).verdict.endswith("in 80 % with more than 200 sources")


def test_the_line_gives_three_communalities():
    found = power_of(noise(10, 10))
    shares = [f"{100 * found.found(communality):.0f}" for communality in (0.3, 0.5, 0.7)]
    assert f"would be found in {' / '.join(shares)} % of such matrices (standard error" in found.line
