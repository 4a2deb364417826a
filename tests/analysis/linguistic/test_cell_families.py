"""False discovery rates over cells."""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from crosstask.analysis.linguistic.cell_families import with_rates


def table_of(p: dict[tuple[str, str], list[float]], home: bool = False) -> pd.DataFrame:
    """A row per p value, by row and target of the cell."""
    rows = [(row, target, "won", home, value) for (row, target), values in p.items() for value in values]
    table = pd.DataFrame(rows, columns=["row", "target", "outcome", "home", "p"])
    return table.assign(changed_with=9.0, expected=5.0)


def test_with_one_feature_a_cell_they_are_those_of_benjamini_and_hochberg():
    p = [0.001, 0.03, 0.02, 0.9, 0.04]
    found = with_rates(table_of({("a", str(n)): [value] for n, value in enumerate(p)}), 0.05)
    np.testing.assert_allclose(found["q"], false_discovery_control(p))
    assert found["verdict"].tolist() == ["more", "more", "more", "cannot be told", "more"]  # q: .005 .05 .05 .9 .05


def test_further_features_of_a_cell_are_held_against_the_limit_of_cells():
    found = with_rates(table_of({("a", "x"): [0.001, 0.02, 0.06], ("a", "y"): [0.5]}), 0.05)
    # Two cells, one of which has p values of at most .02: the limit for its features is .05 * 1 / 2.
    assert found["significant"].tolist() == [True, True, False, False]
    np.testing.assert_allclose(found["q"], [0.002, 0.04, 0.12, 0.5])


def test_families_are_apart_and_what_was_not_tested_does_not_count():
    away, home = table_of({("a", "x"): [0.03, np.nan]}), table_of({("a", "a"): [0.2]}, home=True)
    found = with_rates(pd.concat([away, home], ignore_index=True), 0.05)
    np.testing.assert_allclose(found["q"], [0.03, np.nan, 0.2])
    assert found["verdict"].tolist() == ["more", "not testable", "cannot be told"]
    fewer = with_rates(away.assign(changed_with=1.0), 0.05)
    assert fewer["verdict"].tolist() == ["fewer", "not testable"]
    assert fewer["significant"].tolist() == [True, pd.NA]
