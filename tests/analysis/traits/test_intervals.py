"""Intervals of values, worked out by hand."""

import numpy as np
import pandas as pd

from crosstask.analysis.traits.intervals import interval_table


def test_every_value_has_an_interval_of_its_own_deviation_component_by_component():
    values = pd.DataFrame({"PC1": [0.5, -0.5], "PC2": [0.0, 1.0]}, index=["goat", "imdb"])
    names = ["component", "target", "loading", "low", "high"]
    table = interval_table(values, np.array([[0.1, 0.2], [0.0, 0.3]]), names, alpha=0.05)
    assert table["component"].tolist() == ["PC1", "PC1", "PC2", "PC2"]
    assert table["target"].tolist() == ["goat", "imdb", "goat", "imdb"]
    assert table["loading"].tolist() == [0.5, -0.5, 0.0, 1.0]
    np.testing.assert_allclose(table["high"] - table["loading"], 1.96 * np.array([0.1, 0.0, 0.2, 0.3]), atol=1e-4)
    np.testing.assert_allclose(table["high"] + table["low"], 2 * table["loading"])
