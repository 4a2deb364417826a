"""What could have been found in a matrix."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.traits.noise_tests import component_tests
from crosstask.analysis.traits.power import Power, power


def noise(rows: int, columns: int, seed: int = 0) -> Residuals:
    """Residuals of nothing, the diagonal left out."""
    names, targets = [f"s{place}" for place in range(rows)], [f"s{place}" for place in range(columns)]
    gains = pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, columns)), names, targets)
    return residuals(gains, pd.DataFrame(np.eye(rows, columns, dtype=bool), names, targets))


def power_of(data: Residuals) -> Power:
    """Power with the thresholds of the matrix itself."""
    return power(data, component_tests(data, 199, 0.05).first, 0.05)


def test_power_is_the_share_of_analyses_that_find_something():
    """By the other way round: whole analyses of matrices with three traits of communality 0.5 planted."""
    data = noise(16, 10)
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = rng.permutation(np.arange(10) % 3)
        gains = 0.5**0.5 * (rng.normal(size=(16, 3))[:, groups] + rng.normal(size=(16, 10)))
        other = residuals(pd.DataFrame(gains, data.values.index, data.values.columns), data.values.isna())
        found.append(component_tests(other, 99, 0.05).retained > 0)
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
    assert Power(table, 8, 10).verdict.endswith("in 80 % with more than 200 sources")


@pytest.mark.parametrize(("targets", "traits"), [(4, 2), (5, 2), (6, 3)])
def test_every_trait_has_two_targets(targets, traits):
    found = power_of(noise(10, targets))
    assert found.traits == traits
    assert found.table["traits"].max() == max(traits, targets // 2)
    assert found.line.startswith(f"power: {traits} traits with 30 / 50 / 70 %")


def test_three_targets_share_no_two_traits_and_more_sources_would_not_help():
    found = power_of(noise(10, 3))
    assert found.table.empty
    assert not found.told
    assert found.verdict.startswith("Cannot be told with 3 targets: ")
    assert found.line.startswith("power: none with 3 targets")


def test_errors_that_targets_share_are_in_larger_matrices_too():
    """With two seeds whose errors are one over all pairs of targets, more sources are wanted than without."""
    rng, names = np.random.default_rng(3), [f"s{place}" for place in range(10)]
    shared = rng.normal(size=(2, 10, 2))[:, :, np.arange(10) % 2]
    runs = rng.normal(size=(10, 10)) + 1.5 * shared + 0.3 * rng.normal(size=(2, 10, 10))
    seeds = pd.DataFrame(runs.reshape(20, 10), names * 2, names)
    home = pd.DataFrame(np.eye(10, dtype=bool), names, names)
    data = residuals(pd.DataFrame(runs.mean(axis=0), names, names), home, seeds)
    wanted = [power_of(taken).wanted or 1000 for taken in (data, replace(data, seeds=seeds.iloc[:0]))]
    assert wanted[0] > wanted[1]


def test_the_line_gives_three_communalities():
    found = power_of(noise(10, 10))
    shares = [f"{100 * found.found(communality):.0f}" for communality in (0.3, 0.5, 0.7)]
    assert f"would be found in {' / '.join(shares)} % of such matrices (standard error" in found.line
