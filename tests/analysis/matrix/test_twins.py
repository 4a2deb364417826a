"""Sources that are one under two names."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix import pairwise
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.paired_examples import PairedExamples, means_of_answers
from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.twins import Twins, find_twins
from tests.support.drawn_answers import answers

NAMES = [f"t{place}" for place in range(10)]


def drawn(seeds: int, twins: bool, seed: int = 0, alike: bool = True) -> tuple[Residuals, ScoreMeans]:
    """Ten sources and base on ten targets of 300 answers each; the second may be the first again, in answers too."""
    rng = np.random.default_rng(seed)
    shift = rng.normal(0, 0.8, (10, 10))
    if twins:
        shift[1] = shift[0]
    found, means = {}, {}
    for column, name in enumerate(NAMES):
        examples, own = rng.normal(size=300), rng.normal(size=(10, 300))
        if twins and alike:
            own[1] = own[0]
        rows = [examples + rng.normal(size=300) > 0]
        for source in range(10):
            for _ in range(seeds):
                rows.append(examples + shift[source, column] + own[source] + 0.3 * rng.normal(size=300) > 0)
        found[name] = np.array(rows)
        means[name] = found[name].mean(axis=1)
    labels = ["base", *(source for source in NAMES for _ in range(seeds))]
    by_seed = pd.DataFrame(means, labels)
    matrix = by_seed.groupby(level=0, sort=False).mean()
    home = pd.DataFrame(np.eye(10, dtype=bool), NAMES, NAMES)
    known = answers(found, NAMES, seeds)
    return residuals(matrix, home, by_seed), means_of_answers(known, matrix)


@pytest.mark.parametrize("seeds", [1, 3])
def test_twins_are_found(seeds):
    found = find_twins(*drawn(seeds, twins=True), 0.05)
    assert found.counted_with == {"t1": "t0"}
    assert found.notes == ("twins: t0, t1 agree as runs of one source do; t0 stands for them in the components",)


@pytest.mark.parametrize("seeds", [1, 3])
def test_others_are_not(seeds):
    found = [find_twins(*drawn(seeds, twins=False, seed=seed), 0.05) for seed in range(8)]
    assert sum(bool(twins.counted_with) for twins in found) <= 1
    assert not found[0].untold


def test_sources_of_one_kind_are_no_twins_though_they_change_a_third_of_the_answers_alike():
    rng = np.random.default_rng(0)
    kinds = np.arange(12) % 3
    profiles = rng.normal(size=(3, 10))
    found = {}
    for column, name in enumerate(NAMES):
        base, shift = rng.random(300) < 0.5, 0.25 * profiles[kinds, column] + rng.normal(0, 0.08, 12)
        rows = rng.random((12, 300)) < np.clip(0.5 + shift, 0.02, 0.98)[:, None]
        for kind in range(3):
            alike = rng.random(300) < 1 / 3
            rows[kinds == kind] = np.where(alike, rows[kind], rows[kinds == kind])
        rows[rng.random(12) < 0.15] = base  # one class alone, or nothing learned: the same answers, and no twins
        found[name] = np.vstack([base, rows])
    sources = [f"s{place}" for place in range(12)]
    matrix = pd.DataFrame({name: rows.mean(axis=1) for name, rows in found.items()}, ["base", *sources])
    home = pd.DataFrame(False, sources, NAMES)
    data = residuals(matrix, home, matrix)
    assert find_twins(data, means_of_answers(answers(found, sources, 1), matrix), 0.05) == Twins({})


def test_sources_with_like_gains_are_no_twins_unless_they_change_the_same_answers():
    data, means = drawn(3, twins=True, alike=False, seed=4)
    unknown = replace(means, errors=PairedExamples(Answers({}), means.sources, means.targets))
    assert find_twins(data, unknown, 0.05).counted_with == {"t1": "t0"}
    assert find_twins(data, means, 0.05).counted_with == {}


def test_with_scores_alone_nothing_is_told():
    data, means = drawn(1, twins=True)

    class Unknown:
        """No single answers."""

        def run_scores(self, target: str) -> None:
            """None."""

    found = find_twins(data, ScoreMeans(**{**vars(means), "errors": Unknown()}), 0.05)
    assert found.counted_with == {}
    assert found.notes == ("with scores of one seed alone, sources that are one under two names cannot be told",)


def test_of_more_sources_than_can_be_compared_none_are_looked_for(monkeypatch):
    data, means = drawn(3, twins=True)
    assert find_twins(data, means, 0.05).counted_with
    monkeypatch.setattr(pairwise, "MOST", len(data.values) - 1)
    found = find_twins(data, means, 0.05)
    assert found.counted_with == {}
    assert found.notes[0].startswith("no search for sources that are one under two names of ")


def test_three_of_a_kind_have_one_that_stands_for_them():
    assert Twins({"b": "a", "c": "a"}).notes[0].startswith("twins: a, b, c agree as runs of one source do; a")
