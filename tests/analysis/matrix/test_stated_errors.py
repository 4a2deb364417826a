"""Standard errors that do not go with their scores or numbers of test rows."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.matrix.stated_errors import doubtful_errors


def table(scores, stderr, n=None) -> pd.DataFrame:
    """Sources a, b, ... on one target."""
    frame = pd.DataFrame({"source": list("abcdef")[: len(scores)], "target": "t", "score": scores, "stderr": stderr})
    return frame.assign(seed=pd.NA, metric=None, n=n).astype({"stderr": float, "n": "Int64", "seed": "Int64"})


def messages(*of_table, ceiling=1.0) -> list[str]:
    """Messages of the alarms."""
    return [message for _, _, message in doubtful_errors(table(*of_table), ceiling)]


HALF = 0.5 / np.sqrt(499)  # the largest standard error of a mean of 500 rows


@pytest.mark.parametrize(
    "of_table",
    [
        ([0.5, 0.5], [HALF, HALF], 500),
        ([0.5, 0.5], [HALF, np.nan], [500, None]),
        ([0.5, 0.5], [0.02, 0.02], 500),
        ([0.5, 0.5], [0.003, 0.003], 500),  # graded scores that differ little
        ([1.0, 0.0, 0.5], [0.0, 0.0, 0.02], None),
        ([0.5, 0.5], [np.nan, np.nan], None),
        ([0.99, 0.99], [0.01, 0.01], 99),  # 0.985 has at most 0.0123
        ([0.5, 0.5], [0.002, 0.002], None),  # as of 62,500 rows
    ],
)
def test_errors_that_can_be_are_no_alarm(of_table):
    assert messages(*of_table) == []


def test_an_error_larger_than_n_allows_names_the_rows_it_is_of():
    assert messages([0.5, 0.5, 0.5], [0.05, HALF, 0.1], 500) == [
        "a -> t, stderr 0.05 of a score of 0.5 (and 1 other), would be that of at most 101 test rows, not of n = 500"
    ]
    assert doubtful_errors(table([0.5], [0.05], 500), 1.0)[0][:2] == ("stderr", "a")


@pytest.mark.parametrize("n", [500, None])
def test_fractions_beside_percentages_are_an_alarm_that_names_the_rows_they_are_of(n):
    assert messages([50.0, 50.0], [HALF, HALF], n, ceiling=100.0) == [
        "a -> t, stderr 0.0224 of a score of 50 (and 1 other), would be that of 4,990,001 test rows of 0/1 scores:"
        " are score and stderr of one unit, both fractions or both percentages?"
    ]


def test_percentages_beside_fractions_are_an_alarm():
    assert "would be that of at most 2 test rows" in messages([0.5, 0.5], [0.45, 0.45])[0]


def test_an_error_of_0_of_a_score_between_is_an_alarm():
    assert messages([0.5, 1.0, 0.5], [0.0, 0.0, 0.02], 500) == [
        "a -> t, stderr 0 of a score of 0.5, says that nothing is left to chance: leave it empty where it is not known"
    ]


def test_scores_without_a_unit_are_not_judged():
    assert messages([-3.0, 250.0], [100.0, 0.0], 500, ceiling=float("nan")) == []


@pytest.mark.parametrize("stderr", [np.nan, 0.1])
@pytest.mark.parametrize("score", [0.492, 1.0])
def test_of_one_test_row_no_error_is_known(score, stderr):
    scores = table([score, score], [stderr, stderr], [1, 500])
    means = means_of_table(scores, pd.DataFrame(index=["a", "b"], columns=["t"]), 1.0)
    assert np.isnan(means.parts.half_width()[0, 0])
    assert not means.binary[0, 0]
    assert means.parts.half_width()[1, 0] > 0
