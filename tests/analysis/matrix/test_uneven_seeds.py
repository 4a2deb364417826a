"""Matrices of which some cells have several seeds and others one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.gains.donors_recipients import donors
from crosstask.analysis.gains.effect_parts import effect_parts
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.score_intervals import matrix_long
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.statistics.inference import Inference
from tests.simulation.uneven_seeds import AsIfExact, Uneven
from tests.support.drawn_answers import score_table

INFERENCE = Inference(resamples=100)


def drawn(several_targets: int, several_sources: int = 10) -> Answers:
    """Answers of ten sources to ten targets, three seeds on the first so many."""
    planted = Uneven(several_sources=several_sources, several_targets=several_targets, between_seeds=0.5)
    return planted.draw(np.random.default_rng(3))[0]


def means_of(answers: Answers, table: bool) -> ScoreMeans:
    """The means, from the answers or from the scores alone."""
    names = [f"t{place}" for place in range(10)]
    matrix = pd.DataFrame(0.0, ["base", *names], names)
    return means_of_table(score_table(answers), matrix, 1.0) if table else means_of_answers(answers, matrix)


def exact(means: ScoreMeans) -> ScoreMeans:
    """The same without borrowing."""
    return AsIfExact(**{name: getattr(means, name) for name in ScoreMeans.__dataclass_fields__})


def with_base_rows(table: pd.DataFrame, apart: float) -> pd.DataFrame:
    """The table with three rows of the base model on each target, which differ by so much."""
    base = table[table["source"] == "base"]
    rows = [base.assign(seed=seed, score=base["score"] + apart * (seed - 1)) for seed in range(3)]
    return pd.concat([*rows, table[table["source"] != "base"]], ignore_index=True).astype({"seed": "Int64"})


@pytest.mark.parametrize(("sources", "targets"), [(10, 10), (5, 10), (3, 10), (10, 5)])
def test_rows_of_the_base_model_that_are_all_alike_count_as_one(sources, targets):
    """Their variance of 0 says nothing of how far apart the seeds of adapters are."""
    names, table = [f"t{place}" for place in range(10)], score_table(drawn(targets, sources))
    matrix = pd.DataFrame(0.0, ["base", *names], names)
    one, three = (
        GainEvidence(means_of_table(scores, matrix, 1.0), "base") for scores in (table, with_base_rows(table, 0.0))
    )
    home = pd.DataFrame(np.eye(10, dtype=bool), one.gains.index, one.gains.columns)
    before, after = (gains_long(evidence, home, 1.0, {}, INFERENCE) for evidence in (one, three))
    np.testing.assert_allclose(after[["ci_low", "ci_high", "p"]], before[["ci_low", "ci_high", "p"]])
    model = additive_model(~home.to_numpy())
    before, after = (donors(evidence, effect_parts(evidence, model), INFERENCE) for evidence in (one, three))
    np.testing.assert_allclose(after[["ci_low", "ci_high", "p"]], before[["ci_low", "ci_high", "p"]])


def test_rows_of_the_base_model_that_differ_are_in_every_gain_with_few_degrees_of_freedom():
    names, table = [f"t{place}" for place in range(10)], score_table(drawn(10))
    matrix, none = pd.DataFrame(0.0, ["base", *names], names), np.zeros((10, 10))
    one, far = (
        GainEvidence(means_of_table(scores, matrix, 1.0), "base").cells()[1]
        for scores in (table, with_base_rows(table, 0.3))
    )
    # Rows that far apart make a mean of three vary by 0.3^2 / 3, here as targets differ in the variance of an answer.
    assert (far.seeds > one.seeds + 0.01).all()
    # Ten targets on which the base model varies alike say of each other's variance no more than one: 2 degrees.
    assert (far.seeds_df < 4).all()
    assert (one.seeds_df > 4).all()
    assert (far.p_value(none + 0.4) > one.p_value(none + 0.4)).all()


@pytest.mark.parametrize("table", [True, False])
def test_a_gain_with_one_seed_is_tested_over_seeds_where_others_have_several(table):
    means = means_of(drawn(4), table)
    assert means.borrows[1:, 4:].all()
    assert means.borrows.sum() == 60
    evidence = GainEvidence(means, "base")
    home = pd.DataFrame(np.eye(10, dtype=bool), evidence.gains.index, evidence.gains.columns)
    found = gains_long(evidence, home, 1.0, {}, INFERENCE)
    assert set(found["test"]) == {"unpaired_t" if table else "crossed_t"}
    before = gains_long(GainEvidence(exact(means), "base"), home, 1.0, {}, INFERENCE)
    vary = (means.mean[1:] > 0) & (means.mean[1:] < 1)  # where all answers are right nothing tells what could vary
    one = (found["seeds"] == 1) & vary.ravel()
    wider = (found["ci_high"] - found["ci_low"]) / (before["ci_high"] - before["ci_low"])
    assert (wider[one] > 1.5).all()
    np.testing.assert_allclose(wider[found["seeds"] > 1], 1.0)
    np.testing.assert_array_equal(found["gain"], before["gain"])


@pytest.mark.parametrize("table", [True, False])
def test_scores_with_one_seed_have_intervals_over_seeds_except_for_the_base_model(table):
    means = means_of(drawn(4), table)
    found, before = (matrix_long(kind, 1.0, INFERENCE) for kind in (means, exact(means)))
    wider = (found["ci_high"] - found["ci_low"]) / (before["ci_high"] - before["ci_low"])
    borrowed = (found["seeds"] == 1) & (found["source"] != "base")
    assert (wider[borrowed & found["score"].between(0, 1, inclusive="neither")] > 1.3).all()
    np.testing.assert_allclose(wider[~borrowed], 1.0)


@pytest.mark.parametrize("several", [(10, 10), (10, 2), (1, 1)])
def test_nothing_is_borrowed_where_seeds_are_even_or_too_few_have_several(several):
    means = means_of(drawn(*several), table=False)
    assert not means.borrows.any()
    np.testing.assert_array_equal(means.over_seeds, means.seeds > 1)


def test_donors_know_that_every_seed_might_have_been_another():
    means = means_of(drawn(3), table=False)
    model = additive_model(~np.eye(10, dtype=bool))
    widths = []
    for kind in (means, exact(means)):
        evidence = GainEvidence(kind, "base")
        table = donors(evidence, effect_parts(evidence, model), INFERENCE)
        widths.append((table["ci_high"] - table["ci_low"])[table["role"] == "donor"])
    assert (widths[0] > 2 * widths[1]).all()


def test_replicates_have_the_covariance_of_the_seeds():
    means = means_of(drawn(3), table=True)
    without = replace(means, errors=replace(means.errors, variance=0 * means.errors.variance))
    # With errors of 0 what varies in the replicates is what seeds are taken to change.
    replicates = without.draws(4000, np.random.default_rng(0))
    factor = without.seed_factors[1]
    found = np.cov(replicates[:, 1].T)
    np.testing.assert_allclose(np.diag(found), np.diag(factor @ factor.T), rtol=0.15)
    np.testing.assert_allclose(found, factor @ factor.T, atol=0.1 * np.diag(found).max())
    assert (replicates[:, 0] == replicates[0, 0]).all()


def test_a_sum_over_targets_has_the_variance_of_the_factor():
    means = means_of(drawn(3), table=False)
    evidence = GainEvidence(means, "base")
    weights = np.zeros((1, 10, 10))
    weights[0, 4] = 0.1
    found = evidence.sums(weights)
    factor = means.seed_factors[5]
    assert found.between_seeds[0] == pytest.approx((0.1 * np.ones(10)) @ factor @ factor.T @ (0.1 * np.ones(10)))
    assert found.seeds_df[0] == pytest.approx(means.parts.seeds_df[5].mean())
