"""Matrix, gains and missing cells, against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.task_order import TaskOrder, homes_by_name
from crosstask.analysis.matrix.transfer_matrix import gains, home_cells, missing_cells, seed_scores, transfer_matrix
from crosstask.errors import UserError

ORDER = TaskOrder(("gsm8k", "goat", "imdb"), {"metamath": "gsm8k"})


@pytest.fixture
def scores():
    """Two seeds of metamath, one of goat without imdb, and the base model."""
    rows = [
        ("goat", "goat", 0, 0.9),
        ("goat", "gsm8k", 0, 0.2),
        ("base", "imdb", None, 0.5),
        ("base", "goat", None, 0.1),
        ("base", "gsm8k", None, 0.1),
        ("metamath", "imdb", 1, 0.6),
        ("metamath", "imdb", 0, 0.4),
        ("metamath", "goat", 0, 0.2),
        ("metamath", "gsm8k", 0, 0.3),
        ("metamath", "gsm8k", 1, 0.5),
    ]
    return pd.DataFrame(rows, columns=["source", "target", "seed", "score"]).astype({"seed": "Int64"})


def test_matrix_is_the_mean_over_seeds_in_order(scores):
    expected = pd.DataFrame(
        [[0.1, 0.1, 0.5], [0.4, 0.2, 0.5], [0.2, 0.9, np.nan]],
        index=pd.Index(["base", "metamath", "goat"], name="source"),
        columns=pd.Index(["gsm8k", "goat", "imdb"], name="target"),
    )
    pd.testing.assert_frame_equal(transfer_matrix(scores, ORDER), expected)


def test_matrix_agrees_with_a_pivot_table(scores):
    pivot = scores.pivot_table(index="source", columns="target", values="score", aggfunc="mean")
    pd.testing.assert_frame_equal(transfer_matrix(scores), pivot)


def test_matrix_is_bit_for_bit_the_same_for_any_row_order(scores):
    rng = np.random.default_rng(0)
    single = scores.drop_duplicates(["source", "target"])
    many = pd.concat([single.assign(seed=seed, score=rng.random(len(single))) for seed in range(20)])
    first = transfer_matrix(many).to_numpy()
    for _ in range(5):
        shuffled = many.sample(frac=1, random_state=rng.integers(1000))
        np.testing.assert_array_equal(transfer_matrix(shuffled).to_numpy(), first)


def test_duplicates_warn_and_count_as_one_seed(scores):
    extra = pd.DataFrame({"source": ["metamath"], "target": ["gsm8k"], "seed": [1], "score": [0.9]})
    doubled = pd.concat([scores, extra]).astype({"seed": "Int64"})
    with pytest.warns(UserWarning, match="1 score rows repeat .* the first metamath -> gsm8k, seed 1"):
        matrix = transfer_matrix(doubled)
    assert matrix.loc["metamath", "gsm8k"] == pytest.approx((0.3 + (0.5 + 0.9) / 2) / 2)


def test_rows_of_a_source_go_by_their_keys_numbers_by_size(scores):
    single = scores.drop_duplicates(["source", "target"]).assign(seed=pd.NA)
    settings = [("small", "1000"), ("small", "500"), ("large", "1000"), ("large", "none")]
    finer = pd.concat([single.assign(model=model, size=size) for model, size in settings], ignore_index=True)
    finer.loc[finer["source"] == "base", "size"] = None
    finer = finer.drop_duplicates(["source", "target", "model", "size"])
    by_name = transfer_matrix(finer, ORDER, ("source", "model", "size")).index
    assert by_name[:4].tolist() == [
        ("base", "large", ""),
        ("base", "small", ""),
        ("metamath", "large", "1000"),
        ("metamath", "large", "none"),
    ]
    by_size = transfer_matrix(finer[finer["size"] != "none"], ORDER, ("source", "model", "size")).index
    sizes = [("metamath", "large", "1000"), ("metamath", "small", "500"), ("metamath", "small", "1000")]
    assert by_size[2:5].tolist() == sizes


def test_rows_finer_than_sources_have_a_level_for_each_key_and_keep_the_order(scores):
    matrix = transfer_matrix(scores, ORDER, ("source", "seed"))
    assert matrix.index.tolist() == [("base", ""), ("metamath", "0"), ("metamath", "1"), ("goat", "0")]
    assert matrix.index.names == ["source", "seed"]
    assert matrix.loc[("metamath", "1")].dropna().to_dict() == {"gsm8k": 0.5, "imdb": 0.6}
    assert matrix.loc[("metamath", "0")].dropna().to_dict() == {"gsm8k": 0.3, "goat": 0.2, "imdb": 0.4}
    assert np.isnan(matrix.loc[("metamath", "1"), "goat"])
    assert matrix.columns.tolist() == ["gsm8k", "goat", "imdb"]


def test_rows_can_be_base_models_with_the_mean_over_seeds(scores):
    both = pd.concat([scores.assign(model="small"), scores.assign(model="large", score=scores["score"] / 2)])
    matrix = transfer_matrix(both, ORDER, ("source", "model"))
    assert matrix.index.get_level_values("source").tolist()[:4] == ["base", "base", "metamath", "metamath"]
    assert matrix.index.get_level_values("model").tolist()[:4] == ["large", "small", "large", "small"]
    of_sources = transfer_matrix(scores, ORDER).loc["metamath"]
    np.testing.assert_allclose(matrix.loc[("metamath", "small")], of_sources)
    np.testing.assert_allclose(matrix.loc[("metamath", "large")], of_sources / 2)


@pytest.mark.parametrize("between", ["/", "\t"])
def test_rows_that_would_read_the_same_when_joined_stay_apart(scores, between):
    """A source a on the model b/c, and a source a/b on the model c."""
    first = scores.assign(source="a", model=f"b{between}c", seed=0)
    second = scores.assign(source=f"a{between}b", model="c", seed=0, score=scores["score"] / 2)
    both = pd.concat([table.drop_duplicates("target") for table in (first, second)])
    matrix = transfer_matrix(both, ORDER, ("source", "model"))
    assert matrix.index.tolist() == [("a", f"b{between}c"), (f"a{between}b", "c")]
    np.testing.assert_allclose(matrix.iloc[0], 2 * matrix.iloc[1])


def test_a_row_key_that_is_no_column_is_named(scores):
    with pytest.raises(UserError, match="^score table: no column 'model'"):
        transfer_matrix(scores, ORDER, ("source", "model"))


def test_home_of_a_finer_row_is_that_of_its_source(scores):
    home = home_cells(transfer_matrix(scores, ORDER, ("source", "seed")), ORDER)
    assert home.loc[("metamath", "1")].tolist() == [True, False, False]


def test_scores_of_seeds_are_those_that_the_matrix_is_the_mean_of(scores):
    seeds = seed_scores(scores)
    assert seeds.index.tolist() == ["goat", "base", "metamath", "metamath"]
    assert seeds.loc["metamath", "gsm8k"].tolist() == [0.3, 0.5]
    means = seeds.groupby(level=0).mean()
    pd.testing.assert_frame_equal(means, transfer_matrix(scores).loc[means.index], check_names=False)
    finer = seed_scores(scores, ("source", "seed"))
    assert finer.index.tolist() == [("goat", "0"), ("base", ""), ("metamath", "1"), ("metamath", "0")]


def test_gains_are_over_base_and_leave_it_out(scores):
    table = gains(transfer_matrix(scores, ORDER))
    assert table.index.tolist() == ["metamath", "goat"]
    np.testing.assert_allclose(table, [[0.3, 0.1, 0.0], [0.1, 0.8, np.nan]], atol=1e-15)


def test_gains_without_base_are_refused(scores):
    with pytest.raises(UserError, match="^no row 'base' to take gains over; the sources are goat, metamath$"):
        gains(transfer_matrix(scores[scores["source"] != "base"]))


def test_gains_over_the_mean_sum_to_zero(scores):
    table = gains(transfer_matrix(scores, ORDER), over="mean")
    assert table.index.tolist() == ["base", "metamath", "goat"]
    np.testing.assert_allclose(table.sum(), 0, atol=1e-15)


def test_missing_cells_are_listed(scores):
    assert missing_cells(transfer_matrix(scores, ORDER)).to_numpy().tolist() == [["goat", "imdb"]]


def test_nothing_missing_is_an_empty_table():
    assert list(missing_cells(pd.DataFrame({"goat": [0.1]}, index=["base"])).columns) == ["source", "target"]


def test_home_is_the_cell_of_a_source_on_its_own_task(scores):
    home = home_cells(transfer_matrix(scores, ORDER), ORDER)
    assert home.to_numpy().tolist() == [[False] * 3, [True, False, False], [False, True, False]]


def test_homes_of_a_mixture_are_those_of_its_parts():
    matrix = pd.DataFrame(0.0, ["goat+metamath", "goat", "a+b"], ["gsm8k", "goat", "imdb"])
    own = home_cells(matrix, TaskOrder(homes={"metamath": "gsm8k"}))
    assert own.to_numpy().tolist() == [[True, True, False], [False, True, False], [False, False, False]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("imdb_train", "imdb"),
        ("IMDB-v2", "imdb"),
        ("train.imdb", "imdb"),
        ("mnli_words_train", "mnli_words"),  # the longest of several
        ("c++/train", "c++"),
        ("imdbs", None),
        ("imdb2", None),
        ("base", None),
    ],
)
def test_names_suggest_a_home_where_a_target_stands_in_them_as_a_word(source, expected):
    found = homes_by_name([source], ["imdb", "mnli", "mnli_words", "c++", "base"])
    assert found == ({} if expected is None else {source: expected})


def test_order_puts_unknown_names_last_by_name():
    assert ORDER.sources(["zeta", "imdb", "alpha", "gsm8k", "metamath", "base"]) == [
        "base",
        "gsm8k",
        "metamath",
        "imdb",
        "alpha",
        "zeta",
    ]


def test_an_absent_column_is_named(scores):
    with pytest.raises(UserError, match="^score table: no column 'seed'"):
        transfer_matrix(scores.drop(columns="seed"))
