"""What other choices would have retained."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.residuals import residuals
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import MULTIVERSE
from crosstask.analysis.traits.multiverse import multiverse, multiverse_lines, with_verdict
from crosstask.analysis.traits.noise_tests import noise_tests
from crosstask.analysis.traits.preparation import observations

NAMES = [f"t{place}" for place in range(10)]
HOME = pd.DataFrame(np.eye(11, 10, -1, dtype=bool), ["base", *NAMES], NAMES)


def donors_only() -> pd.DataFrame:
    """Sources that are better or worse altogether, and high cells at home."""
    rng = np.random.default_rng(1)
    gains = rng.normal(size=(10, 10)) + 2 * rng.normal(size=(10, 1)) + 8 * np.eye(10)
    base = rng.normal(size=10)
    return pd.DataFrame(np.vstack([base, base + gains]), ["base", *NAMES], NAMES)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Every choice for a matrix of donors."""
    return multiverse(donors_only(), HOME, 0.05)


def test_every_combination_has_a_row(table):
    assert list(table) == column_names(MULTIVERSE)
    assert len(table) == 2 * (2 * 2 + 2 * 2 * 2) + 2 * 2 * 2  # with bends and without slopes home cells are out
    assert not table.drop(columns="retained").duplicated().any()


def test_donors_are_a_trait_of_scores_alone(table):
    kept = table[table["retained"] > 0]
    assert set(kept["matrix"]) == {"scores"}
    assert len(kept[kept["home"] == "out"]) == 8


def test_a_row_is_what_the_analysis_with_these_choices_gives(table):
    data = residuals(donors_only(), HOME.iloc[1:])
    assert table.iloc[0].tolist()[:5] == ["residuals", "out", "out", "one spread", "dispersion"]
    assert table["retained"][0] == min(test.retained for test in noise_tests(data, 99, 0.05).values())
    scores = observations(donors_only(), base="excluded")
    row = table.query("matrix == 'scores' and home == 'in' and base == 'out' and scale == 'zscore'")
    expected = min(test.retained for test in noise_tests(scores, 99, 0.05).values())
    assert row[row["statistic"] == "largest share"]["retained"].tolist() == [expected]


def test_what_cannot_be_analyzed_retains_nothing_that_is_known():
    small = donors_only().iloc[:3, :2]
    table = multiverse(small, HOME.iloc[:3, :2], 0.05)
    assert table.loc[table["matrix"] == "residuals", "retained"].isna().all()
    assert multiverse_lines(table) == []


def test_a_level_that_takes_more_draws_than_anybody_waits_for_is_not_analyzed():
    assert multiverse(donors_only(), HOME, 1e-6)["retained"].isna().all()


def test_the_lines_are_few(table):
    lines = multiverse_lines(table)
    assert len(lines) == 9
    assert lines[1].startswith("  residuals, home cells out, base out: one spread 0/0, targets alone ")
    assert lines[2].startswith("  residuals with bends, home cells out, base out: one spread 0/0, targets alone ")
    assert lines[3].startswith("  residuals without slopes, home cells out, base out: one spread ")


def test_donors_of_targets_that_hardly_respond_are_a_trait_of_residuals_without_slopes_alone():
    rng = np.random.default_rng(4)
    gains = rng.normal(size=(10, 10)) + 4 * rng.normal(size=(10, 1))
    gains[:, :3] *= 0.05
    base = rng.normal(size=10)
    table = multiverse(pd.DataFrame(np.vstack([base, base + gains]), ["base", *NAMES], NAMES), HOME, 0.05)
    found = table[(table["home"] == "out") & (table["scale"] == "one spread")].groupby("matrix")["retained"].max()
    assert found.to_dict() == {"residuals": 0, "residuals with bends": 0, "residuals without slopes": 1}


def test_sources_that_are_one_count_once_under_every_choice():
    scores = donors_only().rename(index={"t9": "t0_again"})
    scores.loc["t0_again"] = scores.loc["t0"] + 0.01 * np.random.default_rng(2).normal(size=10)
    home = HOME.rename(index={"t9": "t0_again"}) & ~np.equal.outer(scores.index, ["t9"] * 10)
    once = multiverse(scores.drop(index="t0_again"), home.drop(index="t0_again"), 0.05)
    pd.testing.assert_frame_equal(multiverse(scores, home, 0.05, counted_with={"t0_again": "t0"}), once)


def test_the_row_of_the_analysis_itself_has_its_own_number(table):
    chosen = ("scores", "in", "out", "zscore", "largest share")
    told = with_verdict(table, chosen, 7)
    changed = told.compare(table)
    assert len(changed) == 1
    assert told.loc[changed.index[0]].tolist() == [*chosen, 7]
