"""Permutation tests of similarity against transfer: by hand, and by simulation with known truth."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, spearmanr

from crosstask.analysis.matrix.even_residuals import even_residuals
from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from crosstask.errors import UserError

NAMES = list("abcdefghij")


def table(values: np.ndarray, rows: list[str] | None = None, columns: list[str] | None = None) -> pd.DataFrame:
    rows, columns = rows or NAMES[: values.shape[0]], columns or NAMES[: values.shape[1]]
    return pd.DataFrame(values, pd.Index(rows, name="source"), pd.Index(columns, name="target"))


def long(**measures: pd.DataFrame) -> pd.DataFrame:
    frames = [frame.stack().rename("similarity").reset_index().assign(measure=m) for m, frame in measures.items()]
    return pd.concat(frames)


def pairs(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """What effects of rows and columns leave, by regression on indicators of both."""
    row, column = np.nonzero(cells)
    indicators = np.column_stack([np.eye(values.shape[0])[row], np.eye(values.shape[1])[column]])
    left = values[cells] - indicators @ np.linalg.lstsq(indicators, values[cells], rcond=None)[0]
    found = np.zeros(values.shape)
    found[cells] = left
    return found


def test_every_permutation_of_five_labels():
    """All 120 renamings written out; those drawn must come close to their share of extreme correlations."""
    chance = np.random.default_rng(1)
    x, y = chance.normal(size=(2, 5, 5))
    off_diagonal = ~np.eye(5, dtype=bool)
    ranks = pd.Series(np.where(off_diagonal, x, np.nan).ravel()).rank().to_numpy().reshape(5, 5)
    own = pairs(even_residuals(y, off_diagonal, slopes=False).values, off_diagonal)[off_diagonal]
    every = []
    for order in permutations(range(5)):
        renamed = pairs(np.nan_to_num(ranks[np.ix_(order, order)]), off_diagonal)[off_diagonal]
        every.append(np.corrcoef(renamed, own)[0, 1])
    found = SimilarityTest({}, permutations=6000)(long(m=table(x)), table(y)).iloc[0]
    assert found["cells"] == 20
    assert found["correlation"] == pytest.approx(every[0])
    assert found["p"] == pytest.approx(np.mean(np.abs(every) >= abs(every[0]) - 1e-12), abs=0.02)


def test_effects_of_sources_and_targets_change_nothing():
    chance = np.random.default_rng(2)
    x, y = chance.normal(size=(2, 6, 5))
    sources, targets = [f"s{i}" for i in range(6)], [f"t{i}" for i in range(5)]
    effects = 3 * chance.normal(size=(6, 1)) + 3 * chance.normal(size=5)
    first, again = (
        SimilarityTest({}, permutations=99)(long(m=table(x, sources, targets)), table(gains, sources, targets))
        for gains in (y, y + effects)
    )
    pd.testing.assert_frame_equal(first, again)


def related(chance: np.random.Generator, strength: float, size: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """A similarity and gains with effects of each source and target in both, related by strength."""

    def effects() -> np.ndarray:
        return chance.normal(size=(size, 1)) + chance.normal(size=(1, size))

    x = effects() + chance.normal(size=(size, size))
    return x, strength * x + effects() + chance.normal(size=(size, size))


def test_false_positives_are_as_frequent_as_they_should_be():
    """No relation, but dependence within rows and columns, which a common correlation test takes for 100 cells."""
    chance = np.random.default_rng(3)
    trials, hits, naive = 200, 0, 0
    for trial in range(trials):
        x, y = related(chance, 0.0)
        found = SimilarityTest({}, permutations=199, seed=trial)(long(m=table(x)), table(y)).iloc[0]
        hits += found["p"] <= 0.05
        off_diagonal = ~np.eye(10, dtype=bool)
        naive += spearmanr(x[off_diagonal], y[off_diagonal]).pvalue <= 0.05
    low, high = binom.interval(0.999, trials, 0.05)
    assert low <= hits <= high
    assert naive > high, "the data must be such that the plain test fails"


def test_a_relation_is_found_and_only_the_one_behind_it_given_both():
    chance = np.random.default_rng(4)
    both = {"cause": 0, "shadow": 0}
    for trial in range(30):
        x, y = related(chance, 2.0)
        shadow = x + chance.normal(size=x.shape)  # related to the gains only through the cause
        found = SimilarityTest({}, permutations=199, seed=trial)(long(cause=table(x), shadow=table(shadow)), table(y))
        assert (found["p"] <= 0.05).all()
        for name, p in zip(found["measure"], found["partial_p"], strict=True):
            both[name] += p <= 0.05
        assert found["partial_significant"].tolist() == (found["partial_q"] <= 0.05).tolist()
    assert both["cause"] >= 29
    assert both["shadow"] <= 6


def test_a_relation_of_pairs_is_found_where_effects_are_large():
    """Which raw ranks, with the same renaming, hardly ever find."""
    chance, found = np.random.default_rng(7), 0
    for trial in range(40):
        x, rest = chance.normal(size=(2, 10, 10))
        effects = [chance.normal(size=(10, 1)) + chance.normal(size=(1, 10)) for _ in range(2)]
        y = 0.5 * x + rest + effects[1]
        test = SimilarityTest({}, permutations=199, seed=trial)
        found += test(long(m=table(x + effects[0])), table(y))["p"][0] <= 0.05
    assert found >= 36


def test_a_data_set_that_is_unlike_all_and_harms_all_is_no_relation():
    chance, hits = np.random.default_rng(8), 0
    for trial in range(100):
        x, y = chance.normal(size=(2, 10, 10))
        x[0], x[:, 0], y[0] = x[0] - 5, x[:, 0] - 5, y[0] - 5
        hits += SimilarityTest({}, permutations=99, seed=trial)(long(m=table(x)), table(y))["p"][0] <= 0.05
    assert hits <= binom.ppf(0.999, 100, 0.05)


def test_missing_cells_and_undefined_measures_are_left_out():
    chance = np.random.default_rng(5)
    x, y = chance.normal(size=(2, 5, 5))
    gains = table(y)
    gains.iloc[0, 1] = np.nan
    partly, few = table(x), table(x)
    partly.iloc[1] = np.nan
    few.iloc[:, 1:] = np.nan
    found = SimilarityTest({}, permutations=99)(long(whole=table(x), partly=partly, few=few, same=table(0 * x)), gains)
    found = found.set_index("measure")
    assert found["cells"].to_dict() == {"whole": 19, "partly": 15, "few": 4, "same": 19}
    assert found.loc[["whole", "partly"], "p"].notna().all()
    assert found.loc[["few", "same"], ["correlation", "p", "q", "partial", "partial_significant"]].isna().all(axis=None)
    assert np.isnan(found.loc["partly", "partial"])
    expected = min(1.0, 2 * found["p"].dropna().min()) if found["p"].dropna().is_unique else None
    assert expected is None or found["q"].dropna().min() <= expected + 1e-12


def test_own_tasks_of_other_names_are_left_out():
    chance = np.random.default_rng(6)
    x, y = chance.normal(size=(2, 4, 4))
    names = (["a", "b", "c", "meta"], ["a", "b", "c", "maths"])
    found = SimilarityTest({"meta": "maths"})(long(m=table(x, *names)), table(y, *names)).iloc[0]
    assert found["cells"] == 12


def test_pairs_that_do_not_tell_donors_from_recipients_are_refused():
    values = table(np.full((3, 3), np.nan))
    values.iloc[:, 0] = 1.0
    with pytest.raises(UserError, match="similarity is not tested: donors and recipients must come off first"):
        SimilarityTest({})(long(m=table(np.ones((3, 3)))), values)


def test_too_few_labels_are_refused():
    values = table(np.ones((2, 4)))
    with pytest.raises(UserError, match="needs 3 sources and 3 targets; there are 2 and 4"):
        SimilarityTest({})(long(m=values), values)
