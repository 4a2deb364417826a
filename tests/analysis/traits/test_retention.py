"""Rules for the number of components, against published examples."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import RULES
from crosstask.analysis.traits.noise_tests import component_tests
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.retention import broken_stick, kaiser, minimum_average_partial, retention_rules
from tests.reference_data.harman import PHYSICAL


def test_harmans_eight_physical_variables_have_two_components_by_map_and_by_kaiser():
    """Harman (1967, p. 80), the example of O'Connor's (2000) MAP program; two factors in every text book."""
    assert minimum_average_partial(PHYSICAL) == 2
    assert kaiser(np.linalg.eigvalsh(PHYSICAL)[::-1], 8) == 2


def test_partial_correlations_are_those_of_regression_residuals():
    """The independent route: regress every column on the component scores, correlate what is left."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(60, 2)) @ rng.normal(size=(2, 7)) + 0.6 * rng.normal(size=(60, 7))
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    left, singular, _ = np.linalg.svd(values, full_matrices=False)
    means = []
    for count in range(6):
        scores = left[:, :count] * singular[:count]
        rest = values - scores @ np.linalg.lstsq(scores, values, rcond=None)[0] if count else values
        partial = np.corrcoef(rest.T)[np.triu_indices(7, 1)]
        means.append(np.mean(partial**2))
    assert minimum_average_partial(np.corrcoef(values.T)) == int(np.argmin(means)) == 2


def test_a_singular_matrix_has_a_minimum_too():
    values = np.random.default_rng(0).normal(size=(5, 8))
    assert minimum_average_partial(np.corrcoef(values.T)) in range(4)


def test_broken_stick_pieces_are_those_of_simulated_sticks():
    rng = np.random.default_rng(1)
    breaks = np.sort(rng.uniform(size=(20_000, 4)), axis=1)
    pieces = np.diff(np.hstack([np.zeros((20_000, 1)), breaks, np.ones((20_000, 1))]))
    expected = np.sort(pieces, axis=1)[:, ::-1].mean(axis=0)
    assert broken_stick(expected + np.array([0.01, 0.01, -0.01, 0, -0.01])) == 2
    assert broken_stick(expected - np.array([0.01, 0, 0, 0, -0.01])) == 0


def test_kaiser_without_zscoring_compares_with_the_mean_variance():
    assert kaiser(np.array([30.0, 8.0, 2.0]), 4) == 1


def test_the_table_names_every_rule_and_the_first_needs_both_nulls():
    rng = np.random.default_rng(4)
    data = observations(pd.DataFrame(rng.exponential(size=(15, 10)) ** 3))
    table = retention_rules(data, component_tests(data, draws=99, level=0.05))
    assert list(table) == column_names(RULES)
    assert table["retained"][0] == min(table["retained"][1:3])
    assert table["rule"].is_unique


@pytest.mark.parametrize("scale", ["zscore", "none"])
def test_map_is_on_correlations_whatever_the_scale(scale):
    rng = np.random.default_rng(5)
    values = pd.DataFrame(
        (rng.normal(size=(40, 2)) @ rng.normal(size=(2, 6)) + rng.normal(size=(40, 6))) * np.arange(1, 7)
    )
    data = observations(values, scale=scale)
    table = retention_rules(data, component_tests(data, draws=19, level=0.05)).set_index("rule")["retained"]
    assert table["MAP"] == minimum_average_partial(np.corrcoef(values.T))
