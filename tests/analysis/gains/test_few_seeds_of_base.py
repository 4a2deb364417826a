"""Gains of sources with many seeds over a base model with few, from a table without standard errors."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.pipeline import transfer_of_scores
from crosstask.analysis.statistics.inference import Inference

SPREAD = 0.02


def drawn(generator: np.random.Generator, sources: int, targets: int) -> pd.DataFrame:
    """Scores without any effect: eight seeds of each source, two of the base model, all equally far apart."""
    runs = [("base", seed) for seed in range(2)] + [(f"s{i}", seed) for i in range(sources) for seed in range(8)]
    rows = [
        (source, f"t{place}", seed, None, 0.6 + SPREAD * generator.normal(), np.nan, None)
        for source, seed in runs
        for place in range(targets)
    ]
    columns = ["source", "target", "seed", "metric", "score", "stderr", "n"]
    return pd.DataFrame(rows, columns=columns).astype({"seed": "Int64", "n": "Int64"})


def gains_of(scores: pd.DataFrame) -> pd.DataFrame:
    """The long table of gains."""
    transfer = transfer_of_scores(scores, Conventions())
    return gains_long(transfer.evidence, transfer.home, 1.0, {}, Inference())


@pytest.mark.parametrize("shape", [(6, 6), (2, 2)])
def test_intervals_hold_where_base_has_fewer_seeds_than_the_sources(shape):
    generator = np.random.default_rng(0)
    tables = [gains_of(drawn(generator, *shape)) for _ in range(40)]
    covered = np.mean([((table["ci_low"] <= 0) & (table["ci_high"] >= 0)).mean() for table in tables])
    assert covered >= 0.94
    assert np.mean([table["significant"].any() for table in tables]) <= 0.05


def test_a_mean_over_fewer_seeds_varies_more_though_variances_are_moderated():
    transfer = transfer_of_scores(drawn(np.random.default_rng(1), 15, 15), Conventions())
    assert transfer.means.alike.all()
    variance = transfer.means.parts.seeds
    assert variance[0].mean() == pytest.approx(SPREAD**2 / 2, rel=0.15)
    assert variance[1:].mean() == pytest.approx(SPREAD**2 / 8, rel=0.15)


@pytest.mark.parametrize(("factor", "alike"), [(0.0, False), (0.1, False), (1.0, True), (4.0, False)])
def test_rows_of_the_base_model_that_vary_otherwise_are_told_apart(factor: float, alike: bool):
    scores = drawn(np.random.default_rng(2), 10, 10)
    of_base = scores["source"] == "base"
    scores.loc[of_base, "score"] = 0.6 + factor * (scores.loc[of_base, "score"] - 0.6)
    assert transfer_of_scores(scores, Conventions()).means.alike.tolist() == [alike, *[True] * 10]
