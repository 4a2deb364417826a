"""Answers are paired by example, or refused."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.answers import CellAnswers, paired_answers, runs_of
from crosstask.errors import UserError


def cell(source, ids, scores, seed=0, target="goat"):
    return CellAnswers(
        source, target, None if source == "base" else seed, np.array(list(ids), object), np.array(scores)
    )


def test_another_order_of_the_examples_is_put_right():
    found = paired_answers([cell("imdb", "cab", [3, 1, 2]), cell("base", "abc", [1, 2, 3])], {}).targets["goat"]
    assert found.rows == (("base", None), ("imdb", 0))
    assert found.scores.tolist() == [[1, 2, 3], [1, 2, 3]]


@pytest.mark.parametrize("ids", ["ab", "abd", "abcd"])
def test_other_examples_than_the_base_models_are_refused_not_cut_down(ids):
    cells = [cell("base", "abc", [1, 0, 1]), cell("imdb", ids, [0.0] * len(ids), 3), cell("pile", "abc", [0, 0, 1])]
    found = paired_answers(cells, {})
    assert found.targets["goat"].sources == ["base", "pile"]
    reason = f"scored on {len(ids)} examples that are not the 3 of the others"
    assert found.refused.to_numpy().tolist() == [["imdb", "goat", 3, reason]]


def test_the_base_models_examples_count_even_against_those_of_most_cells():
    cells = [cell("base", "abc", [1, 0, 1]), cell("imdb", "xyz", [1, 0, 1]), cell("pile", "xyz", [1, 0, 1])]
    found = paired_answers(cells, {})
    assert found.targets["goat"].sources == ["base"]
    assert found.refused["source"].tolist() == ["imdb", "pile"]


def test_without_base_the_examples_of_most_cells_count():
    cells = [cell("a", "xy", [1, 1]), cell("b", "ab", [1, 0]), cell("c", "ba", [1, 0])]
    found = paired_answers(cells, {})
    assert found.targets["goat"].sources == ["b", "c"]
    assert found.refused["source"].tolist() == ["a"]


def test_an_example_that_comes_twice_is_an_error():
    with pytest.raises(UserError, match="^imdb -> goat: an example comes twice among its answers$"):
        paired_answers([cell("base", "abc", [1, 0, 1]), cell("imdb", "abb", [1, 0, 1])], {})


def test_seeds_of_a_source_stand_together_and_targets_apart():
    cells = [
        cell("b", "xy", [0, 1], 1),
        cell("a", "xy", [1, 1]),
        cell("b", "xy", [0, 0]),
        cell("a", "z", [1], 0, "pile"),
    ]
    found = paired_answers(cells, {"pile": {"0": 1, "1": 0}})
    assert found.targets["goat"].rows == (("a", 0), ("b", 0), ("b", 1))
    assert found.targets["goat"].starts.tolist() == [0, 1]
    assert found.targets["pile"].gold == {"0": 1, "1": 0}
    assert found.targets["goat"].gold == {}


def test_scores_between_0_and_1_are_not_binary():
    found = paired_answers([cell("a", "xy", [0, 1]), cell("a", "xy", [0, 0.5], 0, "pile")], {})
    assert (found.targets["goat"].binary, found.targets["pile"].binary) == (True, False)


def test_by_run_every_seed_is_a_source_of_its_own():
    names = {("base", None): "first", ("a", 7): "second"}
    found = paired_answers([cell("base", "xy", [0, 1]), cell("a", "xy", [1, 1], 7)], {}).by_run(names)
    assert found.targets["goat"].rows == (("first", None), ("second", None))


def test_the_run_of_a_score_is_that_of_its_answers():
    scores = pd.DataFrame({"source": ["base", "a"], "seed": pd.array([None, 7], "Int64"), "model": [None, "m\t"]})
    assert runs_of(scores, ["model"]) == [("base", None, ""), ("a", 7, "m\t")]
    assert runs_of(scores, []) == [cell("base", "x", [1]).run, cell("a", "x", [1], 7).run]
