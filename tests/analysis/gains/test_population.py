"""Every report says once over which population its intervals generalize."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.options import Options
from crosstask.analysis.gains.population import population_notes
from crosstask.analysis.gains.section import Section
from crosstask.analysis.pipeline import transfer_of_scores
from crosstask.analysis.transfer import Transfer
from tests.support.drawn_answers import answers, score_table

ADAPTER = "with one seed, intervals and tests are for this one adapter, not for another training of it"
TASKS = ["a", "b", "c", "d"]


def transfer_of(seeds, models=("small",), rows=("source",), n: int | None = 500, known=lambda target: True) -> Transfer:
    """A table with so many seeds of each source and target, of each model."""
    generator = np.random.default_rng(0)
    lines = [
        (source, target, seed, None, generator.uniform(0.3, 0.7), np.nan, n if known(target) else None, model)
        for model in models
        for source in ["base", *TASKS]
        for target in TASKS
        for seed in ([None] if source == "base" else range(seeds(source, target)))
    ]
    table = pd.DataFrame(lines, columns=["source", "target", "seed", "metric", "score", "stderr", "n", "model"])
    return transfer_of_scores(table.astype({"seed": "Int64", "n": "Int64"}), Conventions(rows=rows))


def several(source, target):
    """Three seeds everywhere."""
    return 3


def one(source, target):
    """One seed everywhere."""
    return 1


@pytest.mark.parametrize(
    ("transfer", "line"),
    [
        (transfer_of(one), ADAPTER),
        (
            transfer_of(one, models=("small", "large"), rows=("source", "model")),
            "with one seed, intervals and tests are for the mean of these adapters, one of each model, not for another"
            " training of them",
        ),
        (transfer_of(one, rows=("source", "model")), ADAPTER),  # a single model is no mean
        (transfer_of(several), "intervals and tests are over test rows and over seeds"),
        (
            transfer_of(several, models=("small", "large"), rows=("source", "model")),
            "intervals and tests are over test rows and over seeds; what rows tell apart by model is taken as given",
        ),
        (
            replace(transfer_of(several), training_rows="the same"),
            "intervals and tests are over test rows and over seeds that share their training rows, not over other"
            " training rows (data.train_seed)",
        ),
        (
            replace(transfer_of(several), training_rows="redrawn"),
            "intervals and tests are over test rows and over seeds that have training rows of their own"
            " (data.train_seed)",
        ),
        (
            transfer_of(several, n=None),
            "intervals and tests are over seeds; not over test rows, without standard errors or n",
        ),
        (
            transfer_of(lambda source, target: 1 if target == "d" else 3, n=None),  # those of one seed have no interval
            "intervals and tests are over seeds; not over test rows, without standard errors or n",
        ),
        (
            transfer_of(several, known=lambda target: target == "a"),
            "intervals and tests are over test rows, where standard errors or n are known, and over seeds",
        ),
        (
            transfer_of(lambda source, target: 1 if target == "d" else 3),
            "intervals and tests are over test rows and over seeds; cells with one seed are taken to vary like the"
            " others",
        ),
        (
            transfer_of(lambda source, target: 3 if source == "a" else 1),
            "intervals and tests of cells with one seed are for that one adapter, of cells with several over seeds, and"
            " of what is made of both, such as donors, for neither: too few cells have several",
        ),
    ],
)
def test_the_population_is_said_once(transfer, line):
    notes = Section(Options(resamples=100))(transfer).notes
    assert [note for note in notes if "intervals" in note] == [line]


def test_scores_that_are_all_right_are_over_test_rows_as_well():
    drawn = answers({target: np.ones((13, 20)) for target in TASKS}, TASKS, seeds=3)
    generator = np.random.default_rng(0)
    drawn = replace(
        drawn,
        targets={
            name: replace(found, scores=(generator.uniform(size=(13, 20)) < 0.5).astype(np.float32))
            if name == "a"
            else found
            for name, found in drawn.targets.items()
        },
    )
    transfer = Transfer(score_table(drawn), answers=drawn)
    assert population_notes(transfer) == ["intervals and tests are over test rows and over seeds"]


def test_where_nothing_has_an_interval_nothing_is_said():
    assert population_notes(transfer_of(one, n=None)) == []


@pytest.mark.parametrize(("seeds", "said"), [(several, True), (one, False), (lambda s, t: 2 if s == "a" else 1, False)])
def test_notes_say_by_what_variances_are_moderated_where_they_are(seeds, said):
    notes = Section(Options(resamples=100))(transfer_of(seeds)).notes
    line = (
        "the variance between seeds of each cell is moderated by that of its source, and this by that of other sources"
    )
    assert (line in notes) == said
