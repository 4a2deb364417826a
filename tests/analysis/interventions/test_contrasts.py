"""Contrasts of paired runs: intervals and tests by other routes."""

import numpy as np
import pytest
from scipy.stats import t, ttest_rel
from statsmodels.stats.weightstats import ttost_paired

from crosstask.analysis.interventions.contrasts import Replicates, contrasts


def graded(seeds: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Scores of changed runs and originals."""
    generator = np.random.default_rng(0)
    return generator.normal(0.52, 0.2, (seeds, n)), generator.normal(0.5, 0.2, (seeds, n))


def test_one_seed_of_graded_answers_is_a_paired_t_test():
    changed, original = graded(1)
    found = contrasts({"x": [Replicates(("a", "v"), (3,), changed - original)]}, ("source", "variant"))
    expected = ttest_rel(changed[0], original[0])
    limits = found.intervals(0.05)
    assert found.table.loc[0, ["source", "variant", "target", "unit", "units", "n"]].tolist() == [
        "a",
        "v",
        "x",
        3,
        1,
        40,
    ]
    assert found.table.loc[0, "value"] == pytest.approx((changed - original).mean())
    interval = expected.confidence_interval()
    assert [limits[name][0] for name in ("ci_low", "ci_high", "p")] == pytest.approx([*interval, expected.pvalue])


@pytest.mark.parametrize("margin", [0.02, 0.1, 0.3])
def test_equivalence_is_that_of_two_one_sided_t_tests(margin: float):
    changed, original = graded(1)
    found = contrasts({"x": [Replicates(("a", "v"), (0,), changed - original)]}, ("source", "variant"))
    expected, *_ = ttost_paired(changed[0], original[0], -margin, margin)
    assert found.equivalence(margin)[0] == pytest.approx(expected)


def test_right_and_wrong_answers_have_one_more_of_each_kind():
    generator = np.random.default_rng(1)
    d = generator.integers(0, 2, 30) - generator.integers(0, 2, 30)
    found = contrasts({"x": [Replicates(("a", "v"), (0,), d[None].astype(float), 1.0)]}, ("source", "variant"))
    more = np.append(d, [1, -1])
    half = t.ppf(0.975, 29) * more.std() / len(more) ** 0.5
    low, high = found.limits(0.05)
    assert (low[0], high[0]) == pytest.approx((more.mean() - half, more.mean() + half))
    same = contrasts({"x": [Replicates(("a", "v"), (0,), np.zeros((1, 30)), 1.0)]}, ("source", "variant"))
    assert same.limits(0.05)[1][0] > 0.05  # that no answer happened to change proves nothing


def test_several_seeds_have_a_part_of_their_own_and_a_row_each_on_request():
    changed, original = graded(3)
    d = changed - original
    found = contrasts({"x": [Replicates(("a", "v"), (0, 1, 2), d)]}, ("source", "variant"), each=True)
    assert found.table["unit"].tolist()[:3] == [0, 1, 2]
    assert found.table["units"].tolist() == [1, 1, 1, 3]
    low, high = found.limits(0.05)
    of_seed = ttest_rel(changed[1], original[1]).confidence_interval()
    assert (low[1], high[1]) == pytest.approx(tuple(of_seed))
    seeds, examples = d.mean(axis=1), d.mean(axis=0)
    half = (t.ppf(0.975, 2) ** 2 * seeds.var(ddof=1) / 3 + t.ppf(0.975, 39) ** 2 * examples.var(ddof=1) / 40) ** 0.5
    assert (high[3] - low[3]) / 2 == pytest.approx(half)


def test_nothing_is_told_where_graded_answers_never_differ():
    found = contrasts({"x": [Replicates(("a", "v"), (0,), np.zeros((1, 9)))]}, ("source", "variant"))
    assert np.isnan([*found.limits(0.05), found.intervals(0.05)["p"], found.equivalence(0.02)]).all()
    assert contrasts({"x": []}, ("source", "variant")).table.empty
