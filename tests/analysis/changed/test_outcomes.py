"""Answers won and lost: told one by one in plain loops, and counted."""

import numpy as np
import pytest
from scipy.stats import binomtest

from crosstask.analysis.changed.outcomes import Outcomes, base_of, outcomes
from crosstask.analysis.matrix.answers import Run, TargetAnswers
from crosstask.analysis.matrix.task_order import TaskOrder

ORDER = TaskOrder(("goat", "imdb"))
RUNS: tuple[Run, ...] = (("base", None), ("imdb", 0), ("imdb", 1), ("goat", 0))


def answers(scores: np.ndarray, rows: tuple[Run, ...] = RUNS) -> TargetAnswers:
    names = np.array([f"test-{number}" for number in range(scores.shape[1])], dtype=object)
    return TargetAnswers(rows, names, scores.astype(np.float32))


@pytest.fixture
def drawn() -> dict[str, TargetAnswers]:
    """Right and wrong answers of four runs to two targets, and graded ones to a third."""
    rng = np.random.default_rng(7)
    right = {name: answers(rng.random((4, 40)) < 0.6) for name in ("imdb", "goat")}
    return {**right, "chat": answers(rng.integers(0, 4, (4, 12)) / 4)}


def by_hand(answers: dict[str, TargetAnswers]) -> set[tuple[object, ...]]:
    """Every changed answer, told one by one."""
    return {
        (*run, target, example, "won" if new > old else "lost", float(old), float(new))
        for target, found in answers.items()
        for run, scores in zip(found.rows[1:], found.scores[1:], strict=True)
        for example, old, new in zip(found.examples, found.scores[0], scores, strict=True)
        if old != new
    }


def test_each_changed_answer_has_a_row(drawn: dict[str, TargetAnswers]):
    found = outcomes(drawn, ORDER).examples
    assert list(found) == ["source", "target", "seed", "example", "outcome", "base_score", "score"]
    columns = ["source", "seed", "target", "example", "outcome", "base_score", "score"]
    rows = list(found[columns].itertuples(index=False, name=None))
    assert len(rows) == len(set(rows))
    assert set(rows) == by_hand(drawn)


def test_counts_and_the_test_are_those_of_the_rows(drawn: dict[str, TargetAnswers]):
    found = outcomes(drawn, ORDER)
    assert len(found.counts) == 9
    for row in found.counts.to_dict("records"):
        names = found.examples[["source", "target", "seed"]].astype(str).agg("/".join, axis=1)
        of_cell = found.examples[names == f"{row['source']}/{row['target']}/{row['seed']}"]
        won, lost = ((of_cell["outcome"] == name).sum() for name in ("won", "lost"))
        assert (row["won"], row["lost"], row["n"]) == (won, lost, 12 if row["target"] == "chat" else 40)
        if row["target"] == "chat":
            assert np.isnan(row["p"])
        else:
            assert row["p"] == pytest.approx(binomtest(won, won + lost).pvalue)


def test_rows_go_by_source_target_and_seed_and_then_by_test_row(drawn: dict[str, TargetAnswers]):
    found = outcomes(drawn, ORDER)
    cells = found.counts[["source", "target", "seed"]].to_numpy().tolist()
    order = [("goat", [0]), ("imdb", [0, 1])]
    assert cells == [[s, t, seed] for s, seeds in order for t in ("goat", "imdb", "chat") for seed in seeds]
    assert found.examples[["source", "target", "seed"]].drop_duplicates().to_numpy().tolist() == cells
    places = found.examples["example"].str.removeprefix("test-").astype(int)
    cells_of = [found.examples[name] for name in ("source", "target", "seed")]
    assert places.groupby(cells_of).apply(lambda of_cell: of_cell.is_monotonic_increasing).all()


def test_each_run_is_held_against_the_base_model_of_its_own_settings():
    rows: tuple[Run, ...] = (("base", None, "a"), ("base", None, "b"), ("goat", 0, "a"), ("goat", 0, "b"))
    scores = np.array([[0, 0, 1], [1, 1, 1], [1, 0, 1], [1, 1, 0]])
    found = outcomes({"imdb": answers(scores, rows)}, ORDER, ["model"])
    assert found.counts[["model", "won", "lost"]].to_numpy().tolist() == [["a", 1, 0], ["b", 0, 1]]
    assert found.examples[["model", "example", "outcome"]].to_numpy().tolist() == [
        ["a", "test-0", "won"],
        ["b", "test-2", "lost"],
    ]


def test_a_base_model_that_stands_for_all_settings_is_that_of_each():
    bases: tuple[Run, ...] = (("base", None, ""), ("goat", 0, "8"))
    assert base_of(("goat", 0, "8"), bases) == ("base", None, "")
    assert base_of(("goat", 0, "8"), (("base", None, "4"),)) is None
    assert base_of(("goat", 0, "8"), (("base", None, ""), ("base", None, "8"))) is None


def test_without_base_or_without_answers_there_is_nothing(drawn: dict[str, TargetAnswers]):
    alone = TargetAnswers(RUNS[1:], drawn["imdb"].examples, drawn["imdb"].scores[1:])
    for given in ({}, {"imdb": alone}):
        found: Outcomes = outcomes(given, ORDER, ["model"])
        assert found.examples.empty
        assert found.counts.empty
        assert list(found.counts) == ["source", "target", "seed", "won", "lost", "n", "p", "model"]


def test_answers_that_stay_as_they_are_have_no_row():
    found = outcomes({"imdb": answers(np.ones((4, 5)))}, ORDER)
    assert found.examples.empty
    assert found.counts["p"].tolist() == [1, 1, 1]
