"""Similarity of data sets against gains: what is tested, and what is said where something is lacking."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.columns import PROFILES, SIMILARITIES
from crosstask.analysis.schema import column_names
from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from crosstask.analysis.similarity.results import similarity_results
from crosstask.data.examples import Example
from crosstask.features.surface import profile

TASKS = ["goat", "imdb", "mnli", "pile", "paws"]
TEST = SimilarityTest({}, permutations=199)
NO_EMBEDDINGS = "no embeddings of the data sets are kept: they are made where the model is asked for a cell"


def data_sets(names: list[str] = TASKS) -> DataSets:
    """Data sets of words of their own; every two adapters are as similar as their places are near."""
    frames = []
    for role in ("source", "target"):
        for place, name in enumerate(names):
            rows = [Example(f"train-{i}", f"{name} word{place} word{place + i}", "yes") for i in range(4)]
            frames.append(profile(rows, []).assign(role=role, name=name))
    adapters = [
        ("adapter_weights", one, two, -abs(names.index(one) - names.index(two))) for one in names for two in names
    ]
    return DataSets(pd.concat(frames), pd.DataFrame(adapters, columns=column_names(SIMILARITIES)))


@pytest.fixture
def gains() -> pd.DataFrame:
    """Gains that follow the places of the tasks, and some noise."""
    places = np.arange(len(TASKS))
    noise = np.random.default_rng(0).normal(size=(5, 5)) / 10
    return pd.DataFrame(noise - np.abs(places[:, None] - places), TASKS, TASKS)


def test_what_explains_the_gains_is_found(gains: pd.DataFrame):
    found = similarity_results(data_sets(), gains, TEST)
    assert found.notes == (NO_EMBEDDINGS,)
    tests = found.tests.set_index("measure")
    assert tests.loc["adapter_weights", "correlation"] > 0.7
    assert bool(tests.loc["adapter_weights", "significant"])
    assert pd.isna(tests.loc["answer_length", "significant"])  # all answers are as long
    assert tests.loc["adapter_weights", "p"] < 0.05
    assert "labels" not in tests.index  # no data set has labels


def test_others_data_sets_do_not_count(gains: pd.DataFrame):
    fewer = gains.loc[TASKS[:4], TASKS[:4]]
    one, other = (similarity_results(known, fewer, TEST) for known in (data_sets(), data_sets(TASKS[:4])))
    pd.testing.assert_frame_equal(one.pairs, other.pairs)
    pd.testing.assert_frame_equal(one.tests, other.tests)


def test_data_sets_without_a_profile_are_named(gains: pd.DataFrame):
    known = data_sets()
    lacking = (known.profiles["role"] == "source") & known.profiles["name"].isin(["imdb", "paws"])
    found = similarity_results(DataSets(known.profiles[~lacking], known.adapters), gains, TEST)
    assert found.notes == ("no profile of the data of source imdb, paws", NO_EMBEDDINGS)
    cells = found.tests.set_index("measure")["cells"]
    assert (cells["tfidf"], cells["adapter_weights"]) == (12, 20)


def test_a_store_without_profiles_says_so_and_compares_adapters(gains: pd.DataFrame):
    nothing = pd.DataFrame(columns=column_names(PROFILES))
    found = similarity_results(DataSets(nothing, data_sets().adapters), gains, TEST)
    assert set(found.pairs["measure"]) == {"adapter_weights"}
    assert found.tests["measure"].tolist() == ["adapter_weights"]
    assert found.notes[0].startswith("similarity against transfer: no profiles of the data sets are kept with these")
    neither = similarity_results(DataSets(nothing, None), gains, TEST)
    assert neither.pairs.empty
    assert neither.tests.empty
    assert len(neither.notes) == 1


def test_profiles_of_one_role_alone_measure_nothing(gains: pd.DataFrame):
    known = data_sets()
    targets = known.profiles[known.profiles["role"] == "target"]
    found = similarity_results(DataSets(targets, known.adapters.head(0), ("said before",)), gains, TEST)
    assert found.pairs.empty
    assert found.tests.empty
    assert found.notes == (
        "said before",
        "no profile of the data of source goat, imdb, mnli, pile, paws",
        NO_EMBEDDINGS,
        "weights not compared, no plain low-rank adapter there: goat, imdb, mnli, pile, paws",
    )


def test_a_small_matrix_is_measured_and_not_tested(gains: pd.DataFrame):
    found = similarity_results(data_sets(), gains.loc[["goat", "imdb"]], TEST)
    assert set(found.pairs["source"]) == {"goat", "imdb"}
    assert found.tests.empty
    assert found.notes[1:] == ("similarity against transfer needs 3 sources and 3 targets; there are 2 and 5",)
