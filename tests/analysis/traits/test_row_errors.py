"""What rows have by accident: from their seeds, or from the rows of their source."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.transfer_matrix import seed_scores, transfer_matrix
from crosstask.analysis.traits.noise import RowErrors
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.row_errors import row_errors

TARGETS = ["goat", "imdb", "pile"]


@pytest.fixture
def scores():
    """Base, and three sources with three seeds each, on three targets."""
    rng = np.random.default_rng(0)
    rows = [("base", target, None, rng.uniform()) for target in TARGETS]
    rows += [
        (source, target, seed, rng.uniform()) for source in ("a", "b", "c") for seed in range(3) for target in TARGETS
    ]
    return pd.DataFrame(rows, columns=["source", "target", "seed", "score"]).astype({"seed": "Int64"})


def covariance_of_means(scores: pd.DataFrame, source: str) -> np.ndarray:
    """Covariance of the mean over seeds, by pandas."""
    table = scores[scores["source"] == source].pivot(index="seed", columns="target", values="score")
    return table.cov().to_numpy() / len(table)


def products(errors: RowErrors, place: int) -> np.ndarray:
    return errors.deviations[place].T @ errors.deviations[place]


def of_means(scores: pd.DataFrame, **options: object):
    matrix = scores.groupby(["source", "target"])["score"].mean().unstack().loc[["base", "a", "b", "c"]]
    return observations(matrix, seeds=seed_scores(scores), **options)


def test_means_over_seeds_have_the_covariance_of_their_seeds(scores):
    errors = row_errors(of_means(scores, scale="none"))
    assert errors.df.tolist() == [0, 2, 2, 2]
    assert not errors.deviations[0].any()  # the base model has no seeds
    for place, source in enumerate("abc", 1):
        np.testing.assert_allclose(products(errors, place), covariance_of_means(scores, source))


def test_errors_are_on_the_scale_of_the_matrix(scores):
    plain, scaled = row_errors(of_means(scores, scale="none")), of_means(scores)
    deviations = scaled.values.std(ddof=1).to_numpy()
    np.testing.assert_allclose(row_errors(scaled).deviations, plain.deviations / deviations)
    base = scores[scores["source"] == "base"].set_index("target")["score"]
    room = row_errors(of_means(scores, scale="headroom"))
    np.testing.assert_allclose(room.deviations, plain.deviations / (1 - base[TARGETS].to_numpy()))


def test_rows_of_one_source_are_its_runs(scores):
    matrix = transfer_matrix(scores.dropna(), rows=("source", "seed"))
    errors = row_errors(observations(matrix, scale="none"))
    assert errors.df.tolist() == [2, 2, 2]
    for place, source in enumerate("abc"):
        np.testing.assert_allclose(products(errors, place), 3 * covariance_of_means(scores, source))


def test_settings_leave_their_degrees_of_freedom():
    """Differences within sources, of which the mean over sources was taken off, against the residual mean square."""
    rng = np.random.default_rng(1)
    rows = pd.MultiIndex.from_product([list("abcd"), ["m", "n"]], names=["source", "model"])
    matrix = pd.DataFrame(rng.normal(size=(8, 3)), rows, TARGETS)
    errors = row_errors(observations(matrix, scale="none"))
    wide = matrix.to_numpy().reshape(4, 2, 3)
    assert errors.df.sum() == 3
    halves = (wide[:, 0] - wide[:, 1]) / np.sqrt(2)
    expected = np.cov(halves.T)  # three degrees of freedom: four differences less their mean
    np.testing.assert_allclose(errors.variances.mean(axis=0), np.diag(expected))
    np.testing.assert_allclose(np.mean([products(errors, place) for place in range(4)], axis=0), expected)


def test_a_missing_seed_counts_for_nothing_and_a_single_one_says_nothing(scores):
    fewer = scores[~((scores["source"] == "a") & (scores["target"] == "imdb") & (scores["seed"] == 2))]
    fewer = fewer[~((fewer["source"] == "b") & (fewer["seed"] > 0))]
    errors = row_errors(of_means(fewer, scale="none"))
    assert errors.df.tolist() == [0, 2, 0, 2]
    own = fewer[(fewer["source"] == "a") & (fewer["target"] == "imdb")]["score"]
    assert errors.variances[1, 1] == pytest.approx(own.var() / 2)
    assert not errors.variances[2].any()


def test_cells_that_are_filled_have_no_error(scores):
    matrix = of_means(scores).values.copy()
    matrix.loc["a", "goat"] = np.nan
    errors = row_errors(observations(matrix, missing="impute", seeds=seed_scores(scores)))
    assert (errors.variances[1] == 0).tolist() == [True, False, False]


def test_without_runs_nothing_is_known(scores):
    errors = row_errors(observations(of_means(scores).values))
    assert not errors.known
    exact = scores.assign(score=(scores.groupby(["source", "target"])["score"].transform("mean") * 8).round() / 8)
    assert not row_errors(of_means(exact)).known


def test_what_lies_along_components_is_taken_out(scores):
    errors = row_errors(of_means(scores))
    direction = np.ones((3, 1)) / np.sqrt(3)
    outside = errors.outside(direction)
    np.testing.assert_allclose(outside.deviations @ direction, 0, atol=1e-12)
    np.testing.assert_allclose(
        outside.variances.sum(axis=1),
        errors.variances.sum(axis=1) - (errors.deviations @ direction).sum(-1).__pow__(2).sum(1),
    )


def models(scores: pd.DataFrame, *extra: tuple[str, ...]) -> pd.DataFrame:
    """The scores, on one model, and others: source, target, model."""
    more = [(source, target, None, 0.1 * place, model) for place, (source, target, model) in enumerate(extra)]
    table = pd.DataFrame(more, columns=[*scores, "model"])
    return pd.concat([scores.assign(model="m"), table]).astype({"seed": "Int64"})


def found(scores: pd.DataFrame, rows: tuple[str, ...], **options: object) -> tuple[list[object], RowErrors]:
    """Rows that are decomposed, and their errors."""
    matrix = transfer_matrix(scores, rows=rows)
    data = observations(matrix, scale="none", seeds=seed_scores(scores, rows), **options)
    return data.values.index.tolist(), row_errors(data)


def test_a_source_with_more_rows_leaves_the_seeds_of_the_others_as_they_are(scores):
    """A second base model, of which nothing was trained."""
    both = models(scores, *(("base", target, "n") for target in TARGETS))
    names, errors = found(both, ("source", "model"))
    assert names == [("base", "m"), ("base", "n"), ("a", "m"), ("b", "m"), ("c", "m")]
    assert errors.df.tolist() == [0, 2, 2, 2]  # settings took the difference between the base models
    for place, source in enumerate("abc", 1):
        np.testing.assert_allclose(products(errors, place), covariance_of_means(scores, source))


def test_rows_that_are_left_out_are_nobodys_seeds(scores):
    """On the other model one target was never scored."""
    other = models(scores, *((source, target, "n") for source in ("base", "a", "b", "c") for target in TARGETS[1:]))
    names, errors = found(other, ("source", "model"))
    assert names == [("base", "m"), ("a", "m"), ("b", "m"), ("c", "m")]
    assert errors.df.tolist() == [0, 2, 2, 2]
    for place, source in enumerate("abc", 1):
        np.testing.assert_allclose(products(errors, place), covariance_of_means(scores, source))


@pytest.mark.parametrize("seeds", [[7], [0, 1]])
def test_headroom_of_a_seed_is_that_of_its_row_whatever_seeds_base_has(scores, seeds):
    base = scores[scores["source"] == "base"]
    tables = [base.assign(seed=seed, score=base["score"] + 0.01 * seed) for seed in seeds]
    seeded = pd.concat([*tables, scores[scores["source"] != "base"]]).astype({"seed": "Int64"})
    matrix = transfer_matrix(seeded)
    data = observations(matrix, scale="headroom", base="excluded", seeds=seed_scores(seeded))
    errors = row_errors(data)
    room = 1 - matrix.loc["base"].to_numpy()
    for place, source in enumerate("abc"):
        np.testing.assert_allclose(products(errors, place), covariance_of_means(scores, source) / np.outer(room, room))


def test_settings_that_look_like_seeds_are_not_taken_for_them(scores):
    shots = scores.assign(shots=scores["source"].map({"base": "0", "a": "0", "b": "1", "c": "1"}))
    shots = pd.concat([shots, shots[shots["source"] == "base"].assign(shots="1")])
    rows = ("source", "shots")
    data = observations(transfer_matrix(shots, rows=rows), scale="headroom", seeds=seed_scores(shots, rows))
    assert row_errors(data).df.tolist() == [0, 2, 2, 2]


def test_sources_with_a_slash_in_their_names_are_themselves(scores):
    slashed = scores.assign(source=scores["source"].replace({"a": "org/a", "b": "org/b"}))
    names, errors = found(slashed, ("source",))
    assert names == ["base", "c", "org/a", "org/b"]
    assert errors.df.tolist() == [0, 2, 2, 2]
