"""Properties of data sets, by hand."""

from math import comb, log, log2

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.causes.data_set_features import DRAWN, data_set_features
from crosstask.analysis.matrix.example_features import ExampleFeatures, KeptFeatures

COUNTS = {"the": 700, "film": 300, "good": 99, "bad": 1}


def profiles() -> pd.DataFrame:
    rows = [("source", "imdb", "label", label, share) for label, share in (("0", 0.75), ("1", 0.25), ("2", 0.0))]
    rows += [("source", "imdb", "prompt_length", f"train-{n}", value) for n, value in enumerate((9.0, 99.0))]
    rows += [("source", "imdb", "word", word, float(count)) for word, count in COUNTS.items()]
    rows += [("source", "goat", "word", "1", 3.0), ("target", "imdb", "label", "0", 1.0)]
    return pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])


def test_every_property_by_hand():
    found = data_set_features(profiles(), None, "source", ["imdb", "goat"])
    imdb, total = found.loc["imdb"], sum(COUNTS.values())
    assert imdb["class_entropy"] == pytest.approx(-0.75 * log2(0.75) - 0.25 * log2(0.25))
    assert imdb["prompt_length"] == pytest.approx((log(10) + log(100)) / 2)
    lost = sum(comb(total - count, DRAWN) / comb(total, DRAWN) for count in COUNTS.values())
    assert imdb["distinct_words"] == pytest.approx(len(COUNTS) - lost)
    assert np.isnan(imdb["answer_length"])
    assert found.loc["goat"].isna().all()  # three words, no labels
    assert data_set_features(profiles(), None, "target", ["imdb"]).loc["imdb", "class_entropy"] == 0


def test_different_words_do_not_grow_with_the_data_set():
    chance = np.random.default_rng(0)
    share = 1 / np.arange(1, 500)
    for size in (2_000, 200_000):
        counts = chance.multinomial(size, share / share.sum())
        rows = [("source", str(size), "word", str(place), float(of)) for place, of in enumerate(counts) if of]
        table = pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])
        found = data_set_features(table, None, "source", [str(size)])["distinct_words"].iloc[0]
        assert found == pytest.approx(float((1 - (1 - share / share.sum()) ** DRAWN).sum()), rel=0.1)


def test_means_of_examples_are_taken_where_they_are_kept():
    values = pd.DataFrame({"words": [4.0, 6.0], "reading_ease": [60.0, 80.0], "moving_type_token": [1.0, 0.5]})
    imdb = ExampleFeatures(np.array(["a", "b"], dtype=object), np.arange(2), values)
    kept = KeptFeatures((("source", "imdb"),), lambda role, name: imdb)
    found = data_set_features(pd.DataFrame(columns=list(profiles())), kept, "source", ["imdb", "goat"])
    assert found.loc["imdb"].to_dict() == {"reading_ease": 70.0, "moving_type_token": 0.75}
    assert found.loc["goat"].isna().all()
