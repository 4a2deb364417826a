"""Which examples have a feature, and which are alike."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.linguistic.carriers import carriers, strata
from crosstask.analysis.matrix.example_features import ExampleFeatures

CASES = {
    "rare": ([0, 0, 0, 0, 2], 0, [0, 0, 0, 0, 1]),
    "nearly all alike": ([0, 1, 1, 1, 1], 0, [0, 1, 1, 1, 1]),
    "varying": ([5, 1, 4, 2, 3, 6], 3, [1, 0, 1, 0, 0, 1]),
    "the same": ([2, 2, 2], 2, [0, 0, 0]),
    "undefined": ([np.nan, 1, 2, np.nan], 1, [0, 0, 1, 0]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_more_even_division_counts(case: str):
    values, above, present = CASES[case]
    found = carriers(pd.DataFrame({"x": np.array(values, float)}))
    assert (found.above[0], found.present[:, 0].tolist()) == (above, present)


def test_of_what_is_defined_nowhere_nobody_has_it():
    assert carriers(pd.DataFrame({"x": [np.nan, np.nan]})).present.sum() == 0


def test_strata_are_classes_in_quartiles_of_length():
    lengths = np.arange(40.0)
    gold = np.tile([0, 1], 20)
    found = strata(gold, lengths)
    assert np.bincount(found).tolist() == [5] * 8
    assert len(set(zip(gold, found, strict=True))) == 8
    assert [len(set(found[gold == 0][start : start + 5])) for start in range(0, 20, 5)] == [1] * 4
    assert np.bincount(strata(None, lengths)).tolist() == [10] * 4
    assert strata(None, np.zeros(5)).tolist() == [0] * 5


def test_counts_are_rates_of_what_they_are_part_of():
    values = pd.DataFrame({"words": [50.0, 0], "negations": [2.0, 0], "reading_ease": [60.0, np.nan]})
    features = ExampleFeatures(np.array(["a", "b"], object), np.arange(2), values, {"negations": "words"})
    assert features.rates()["negations"].tolist()[0] == 4
    assert np.isnan(features.rates()["negations"][1])
    assert features.rates()["words"].tolist() == [50, 0]
    assert (features.unit("negations"), features.unit("words")) == ("per 100 words", "")
