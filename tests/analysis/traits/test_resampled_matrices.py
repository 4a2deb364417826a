"""Matrices drawn from standard errors and seeds have the spread that they should."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import transfer_matrix
from crosstask.analysis.traits.resampled_matrices import resampled_answers, resampled_scores
from tests.support.drawn_answers import answers, matrix


def table(seeds: int, stderr: float | None = 0.02, spread: float = 0.0, n: int | None = None) -> pd.DataFrame:
    """Base and two sources on two targets; scores of one source differ by seed."""
    rng = np.random.default_rng(0)
    rows = [("base", target, None, 0.3, stderr) for target in ("goat", "imdb")]
    rows += [
        (source, target, seed, 0.5 + spread * rng.normal(), stderr)
        for source in ("goat", "imdb")
        for target in ("goat", "imdb")
        for seed in range(seeds)
    ]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "score", "stderr"])
    return frame.assign(metric=None, n=n).astype({"seed": "Int64", "stderr": float, "n": "Int64"})


def draws(scores: pd.DataFrame, count: int = 4000, **options) -> np.ndarray:
    """Many matrices."""
    resampled = resampled_scores(scores, **options)
    return np.array([resampled(number) for number in range(count)])


def test_rows_and_columns_are_those_of_the_matrix():
    order = TaskOrder(("imdb", "goat"))
    for rows in (("source",), ("source", "seed")):
        drawn = resampled_scores(table(2), order, rows)(0)
        matrix = transfer_matrix(table(2), order, rows)
        assert drawn.index.equals(matrix.index)
        assert drawn.columns.equals(matrix.columns)


def test_one_seed_has_the_spread_of_its_standard_error():
    drawn = draws(table(1))
    np.testing.assert_allclose(drawn.mean(axis=0), transfer_matrix(table(1)), atol=0.002)
    np.testing.assert_allclose(drawn.std(axis=0), 0.02, rtol=0.06)


def test_without_a_standard_error_the_spread_is_the_one_that_gains_take_from_n():
    drawn = draws(table(1, stderr=None, n=98))
    np.testing.assert_allclose(drawn[:, 1:].std(axis=0), 0.05, rtol=0.05)  # 49 + 1 of 98 + 2, as Agresti and Caffo have
    given = draws(table(1, stderr=0.02, n=98))
    np.testing.assert_allclose(given[:, 1:].std(axis=0), 0.02, rtol=0.05)


def test_of_a_single_test_row_nothing_is_known():
    assert resampled_scores(table(1, stderr=None, n=1)) is None
    assert resampled_scores(table(1, stderr=0.1, n=1)) is None


def test_cells_with_one_seed_vary_between_seeds_where_others_have_several():
    generator = np.random.default_rng(1)
    names = ["a", "b", "c", "d"]
    rows = [("base", target, pd.NA, 0.5) for target in names]
    rows += [
        (source, target, seed, 0.5 + 0.1 * generator.normal())
        for source in names
        for target in names
        for seed in range(1 if target == "d" else 3)
    ]
    scores = pd.DataFrame(rows, columns=["source", "target", "seed", "score"])
    scores = scores.assign(metric=None, stderr=0.01, n=pd.NA).astype({"seed": "Int64", "n": "Int64"})
    drawn = draws(scores, 1000)
    spread = drawn.std(axis=0)
    np.testing.assert_allclose(spread[0], 0.01, rtol=0.1)
    assert (spread[1:, 3] > 0.05).all()
    np.testing.assert_array_equal(drawn[7], resampled_scores(scores)(7))
    assert resampled_scores(scores.assign(stderr=np.where(scores["target"] == "d", np.nan, 0.01))) is None


def test_seeds_that_agree_do_not_make_the_test_examples_any_more():
    np.testing.assert_allclose(draws(table(4)).std(axis=0), 0.02, rtol=0.06)


def test_seeds_have_the_standard_error_of_their_mean():
    scores = table(4, stderr=0.0, spread=0.05)
    drawn = draws(scores).std(axis=0)
    tuned = scores[scores["source"] != "base"].groupby(["source", "target"])["score"]
    expected = tuned.std(ddof=1).unstack() / 2
    np.testing.assert_allclose(drawn[0], 0, atol=1e-12)
    np.testing.assert_allclose(drawn[1:], expected, rtol=0.06)


def test_seeds_come_and_go_as_a_whole_row():
    """Both targets of a source have the same seeds in one draw."""
    scores = table(2, stderr=0.0)
    scores["score"] = scores["score"] + scores["seed"].fillna(0).astype(float) * 0.1
    drawn = draws(scores, 200)
    np.testing.assert_allclose(drawn[:, 1:, 0], drawn[:, 1:, 1])
    assert len(np.unique(drawn[:, 1, 0].round(6))) == 2  # of two seeds, one


def test_rows_as_fine_as_seeds_have_only_standard_errors():
    drawn = draws(table(2, spread=0.3), 2000, rows=("source", "seed"))
    np.testing.assert_allclose(drawn.std(axis=0), 0.02, rtol=0.1)


def test_missing_cells_stay_missing_and_do_not_move_the_others():
    scores = table(2, spread=0.1)
    holed = scores[~((scores["source"] == "imdb") & (scores["target"] == "goat"))]
    drawn = resampled_scores(holed)(3)
    assert np.isnan(drawn.loc["imdb", "goat"])
    assert drawn.notna().sum().sum() == 5


def test_a_cell_with_fewer_seeds_than_its_row_keeps_those_it_has():
    scores = table(3, stderr=0.0, spread=0.1)
    lacking = scores[~((scores["source"] == "imdb") & (scores["target"] == "goat") & (scores["seed"] > 0))]
    only = lacking[(lacking["source"] == "imdb") & (lacking["target"] == "goat")]["score"].item()
    drawn = draws(lacking, 50)
    np.testing.assert_allclose(drawn[:, 2, 0], only)
    assert drawn[:, 2, 1].std() > 0


def test_the_same_number_gives_the_same_matrix():
    resampled = resampled_scores(table(2, spread=0.1))
    pd.testing.assert_frame_equal(resampled(7), resampled(7))
    assert not resampled(7).equals(resampled(8))
    assert not resampled(7).equals(resampled_scores(table(2, spread=0.1), seed=1)(7))


@pytest.mark.parametrize(("seeds", "known"), [(1, False), (2, False)])
def test_nothing_known_of_uncertainty_gives_nothing(seeds, known):
    """The base model has one score; without a standard error nobody knows how far it is off."""
    assert (resampled_scores(table(seeds, stderr=None)) is not None) is known


def test_seeds_alone_are_enough_where_every_row_has_several():
    scores = table(3, stderr=None, spread=0.1)
    assert resampled_scores(scores[scores["source"] != "base"]) is not None


def of_answers(found, count: int = 4000) -> np.ndarray:
    """Many matrices made of answers."""
    resampled = resampled_answers(found, matrix(found), count)
    return np.array([resampled(number) for number in range(count)])


def test_answers_drawn_anew_are_the_same_examples_for_every_source():
    right = np.random.default_rng(0).integers(0, 2, 100)
    drawn = of_answers(answers({"goat": np.array([right, 1 - right, right])}, ["goat", "imdb"]))[:, :, 0]
    share = right.mean()
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(share * (1 - share) / 100), rtol=0.05)
    np.testing.assert_allclose(drawn[:, 0] + drawn[:, 1], 1, atol=1e-6)
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 2], atol=1e-6)


def test_seeds_are_drawn_anew_for_all_targets_of_a_source_at_once():
    level = np.array([0.5, 0.2, 0.4, 0.9])[:, None] * np.ones(20)  # base and three seeds of one source
    drawn = of_answers(answers({"goat": level, "imdb": 1 - level}, ["goat"], seeds=3))
    np.testing.assert_allclose(drawn[:, 0], 0.5, atol=1e-6)
    np.testing.assert_allclose(drawn[:, 1].std(axis=0), np.std([0.2, 0.4, 0.9], ddof=1) / np.sqrt(3), rtol=0.05)
    np.testing.assert_allclose(drawn[:, 1].sum(axis=1), 1, atol=1e-6)


def test_nothing_is_drawn_where_the_answers_of_a_cell_are_not_known():
    found = answers({"goat": np.ones((3, 5)), "imdb": np.ones((2, 5))}, ["goat", "imdb"])
    whole = matrix(found)
    assert resampled_answers(found, whole, 2) is not None
    assert resampled_answers(found, whole.fillna(0.5), 2) is None
