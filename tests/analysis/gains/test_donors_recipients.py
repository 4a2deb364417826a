"""Residuals have the variances of the weighted sums that they are, worked out here with every weight written out."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from crosstask.analysis.gains import effect_parts as effects
from crosstask.analysis.gains.donors_recipients import _less_by_luck, residuals, residuals_long
from crosstask.analysis.gains.effect_parts import effect_parts, unvaried_gains
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import VarianceParts
from tests.simulation.planted_answers import Planted
from tests.support.drawn_answers import answers, matrix, score_table

INFERENCE = Inference()
SOURCES, TARGETS = list("abcd"), list("abcde")
HOME = pd.DataFrame(np.eye(4, 5, dtype=bool), SOURCES, TARGETS)


def drawn(seeds=3, n=40, short=True):
    """Graded answers of base and four sources to five targets of different length; a is not scored on e."""
    generator = np.random.default_rng(5)
    scores = {}
    for place, name in enumerate(TARGETS):
        lift = generator.normal(size=(1 + 4 * seeds, 1)) + generator.normal(size=n + 7 * place)
        scores[name] = lift + generator.normal(size=lift.shape)
    found = answers(scores, SOURCES, seeds)
    if not short:
        return found
    of_e = found.targets["e"]
    kept = [place for place, (source, _) in enumerate(of_e.rows) if source != "a"]
    cut = TargetAnswers(tuple(of_e.rows[place] for place in kept), of_e.examples, of_e.scores[kept])
    return Answers({**found.targets, "e": cut})


def evidence_of(found, over="base"):
    return GainEvidence(means_of_answers(found, matrix(found)), over)


def written_out(gains):
    """Weights of each residual, (cells, sources, targets), and the model, by the pseudoinverse of dummies."""
    used = gains.notna().to_numpy() & (gains.index.to_numpy()[:, None] != gains.columns.to_numpy())
    row, column = np.nonzero(np.ones(used.shape))
    dummies = np.column_stack([np.ones(len(row)), np.eye(used.shape[0])[row], np.eye(used.shape[1])[column]])
    weights = np.eye(len(row))
    weights[:, used.ravel()] -= dummies @ np.linalg.pinv(dummies[used.ravel()])
    return weights.reshape(-1, *used.shape), additive_model(used)


def parts_of(evidence, model):
    of_targets = evidence.plain_sums(model.recipient_weights)
    return evidence.cells_less(model.mean_weights + model.donor_weights(), of_targets)


@pytest.mark.parametrize("seeds", [1, 3])
def test_variances_are_those_of_the_single_answers_weighted(seeds):
    found = drawn(seeds)
    evidence = evidence_of(found)
    weights, model = written_out(evidence.gains)
    parts = parts_of(evidence, model)
    examples, squares, per_seed = 0.0, 0.0, np.zeros((len(weights), 4, seeds))
    for place, name in enumerate(TARGETS):
        of_target = found.targets[name]
        rows = {source: [r for r, (s, _) in enumerate(of_target.rows) if s == source] for source in ["base", *SOURCES]}
        gains = np.zeros((4, of_target.scores.shape[1]))
        for at, source in enumerate(SOURCES):
            if rows[source]:
                gains[at] = of_target.scores[rows[source]].mean(axis=0) - of_target.scores[0]
                per_seed[:, at] += weights[:, at, place, None] * of_target.scores[rows[source]].mean(axis=1)
        part = np.var(weights[:, :, place] @ gains, axis=1, ddof=1) / gains.shape[1]
        examples, squares = examples + part, squares + part**2 / (gains.shape[1] - 1)
    there = evidence.gains.notna().to_numpy()
    assert parts.examples[there] == pytest.approx(examples.reshape(4, 5)[there], rel=1e-5)
    assert parts.examples_df[there] == pytest.approx((examples**2 / squares).reshape(4, 5)[there], rel=1e-5)
    if seeds == 1:
        assert not parts.seeds.any()
        assert not parts.seeds_df.any()
        return
    between = (per_seed.var(axis=2, ddof=1) / seeds).sum(axis=1).reshape(4, 5)
    assert parts.seeds[there] == pytest.approx(between[there], rel=1e-5)
    lengths = (weights**2).sum(axis=2)
    df = lengths.sum(axis=1) ** 2 / (lengths**2 / (seeds - 1)).sum(axis=1)
    assert parts.seeds_df[there] == pytest.approx(df.reshape(4, 5)[there])


def table_evidence(over):
    """Means from a table: one score of few examples, a cell of a single one, so that degrees of freedom differ."""
    table = score_table(drawn(short=True))
    table.loc[5, "n"] = 9
    table.loc[(table["source"] == "b") & (table["target"] == "a"), "n"] = 1
    return GainEvidence(means_of_table(table, matrix(drawn(short=True)), float("nan")), over)


@pytest.mark.parametrize("over", ["base", "mean"])
@pytest.mark.parametrize("kind", ["answers", "table"])
def test_all_parts_are_those_of_sums_written_out(kind, over):
    evidence = evidence_of(drawn(), over) if kind == "answers" else table_evidence(over)
    gains = evidence.gains
    weights, model = written_out(gains)
    found, expected, there = parts_of(evidence, model), evidence.sums(weights), gains.notna().to_numpy()
    for name in ("seeds", "interaction", "examples", "seeds_df", "examples_df", "per_answer"):
        of_name = getattr(expected, name).reshape(gains.shape)[there]
        assert of_name.any() == (name != "interaction" or kind == "answers")
        assert getattr(found, name)[there] == pytest.approx(of_name, rel=1e-6, abs=1e-12), name


def test_errors_of_a_table_add_up_in_squares():
    evidence = table_evidence("base")
    weights, model = written_out(evidence.gains)
    on_scores = np.concatenate([-weights.sum(axis=1, keepdims=True), weights], axis=1)
    variance, df = evidence.means.errors.own()
    used = np.where(on_scores != 0, on_scores**2 * variance, 0)
    examples = used.sum(axis=(1, 2))
    counted = df > 0
    assert not counted.all()
    squares = (used[:, counted] ** 2 / df[counted]).sum(axis=1)
    found, there = parts_of(evidence, model), evidence.gains.notna().to_numpy().ravel()
    assert found.examples.ravel()[there] == pytest.approx(examples[there])
    expected = used[:, counted].sum(axis=1) ** 2 / squares
    assert found.examples_df.ravel()[there] == pytest.approx(expected[there])


def test_an_error_that_is_not_known_makes_every_residual_unknown_that_it_enters():
    table = score_table(drawn(short=False, seeds=1))
    unknown = (table["source"] == "a") & (table["target"] == "a")
    table.loc[unknown, ["stderr", "n"]] = [np.nan, pd.NA]
    evidence = GainEvidence(means_of_table(table, matrix(drawn(short=False, seeds=1)), 1.0), "base")
    at_home = residuals_long(evidence, effect_parts(evidence, additive_model(~HOME.to_numpy())), HOME, INFERENCE)
    assert at_home.loc[at_home["p"].isna(), ["source", "target"]].to_numpy().tolist() == [["a", "a"]]
    everywhere = residuals_long(
        evidence, effect_parts(evidence, additive_model(np.ones((4, 5), bool))), HOME, INFERENCE
    )
    assert everywhere[["ci_low", "ci_high", "p", "q", "significant"]].isna().all(axis=None)
    assert everywhere["residual"].notna().all()


def test_residuals_sum_to_0_over_the_cells_fitted_and_a_home_cell_has_one_too():
    gains = evidence_of(drawn()).gains
    _, model = written_out(gains)
    left = residuals(gains, model)
    off = left.mask(HOME)
    assert off.sum(axis=0).to_numpy() == pytest.approx(np.zeros(5), abs=1e-9)
    assert off.sum(axis=1).to_numpy() == pytest.approx(np.zeros(4), abs=1e-9)
    effects = model.effects(gains.to_numpy())
    assert left.loc["b", "b"] == pytest.approx(gains.loc["b", "b"] - effects[0] - effects[2] - effects[6])
    assert left.isna().to_numpy().sum() == 1


def test_intervals_and_tests_are_those_of_the_moderated_parts():
    evidence = evidence_of(drawn(seeds=1))
    weights, model = written_out(evidence.gains)
    table = residuals_long(evidence, effect_parts(evidence, model), HOME, INFERENCE)
    assert len(table) == 19
    assert table["home"].sum() == 4
    row = table.set_index(["source", "target"]).loc[("b", "c")]
    parts = evidence.sums(weights[7:8])
    error = parts.examples[0] ** 0.5
    value = (weights[7] * evidence.gains.fillna(0).to_numpy()).sum()
    assert row["residual"] == pytest.approx(value)
    half = student.ppf(0.975, parts.examples_df[0]) * error
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([value - half, value + half])
    assert row["p"] == pytest.approx(2 * student.sf(abs(value) / error, parts.examples_df[0]), rel=1e-6)
    for _, family in table.groupby("home"):
        by_p = family.sort_values("p")
        steps = by_p["p"] * len(by_p) / np.arange(1, len(by_p) + 1)
        assert by_p["q"].to_numpy() == pytest.approx(steps[::-1].cummin()[::-1].to_numpy())
    assert (table["significant"] == (table["q"] <= 0.05)).all()


def test_seeds_that_are_better_altogether_are_in_no_residual():
    found = drawn(short=False, seeds=3)
    shifted = {}
    for name, of_target in found.targets.items():
        lift = np.array([0.0, *np.tile([-3.0, 0.0, 3.0], 4)], np.float32)[:, None]
        shifted[name] = TargetAnswers(of_target.rows, of_target.examples, of_target.scores + lift)
    plain, lifted = (
        residuals_long(evidence, effect_parts(evidence, additive_model(np.ones((4, 5), bool))), HOME, INFERENCE)
        for evidence in (evidence_of(found), evidence_of(Answers(shifted)))
    )
    pd.testing.assert_frame_equal(plain, lifted, rtol=1e-3)


def test_variances_between_seeds_lend_each_other_strength():
    evidence = evidence_of(drawn())
    weights, model = written_out(evidence.gains)
    table = residuals_long(evidence, effect_parts(evidence, model), HOME, INFERENCE)
    half = ((table["ci_high"] - table["ci_low"]) / 2).to_numpy()
    parts, there = parts_of(evidence, model), evidence.gains.notna().to_numpy()
    assert half.mean() < 0.8 * parts.half_width()[there].mean()
    deviations = evidence.means.deviations[1:]
    in_own = np.array([np.einsum("tu,ju->jt", weights.reshape(4, 5, 4, 5)[s, :, s], deviations[s]) for s in range(4)])
    assert np.array_equal(parts.per_answer > 0, there)  # a cell without a gain lends no other any strength
    assert half == pytest.approx(moderated(parts, in_own).half_width()[there], rel=1e-6)


def test_a_cell_that_comes_to_1_by_luck_is_no_discovery():
    """No gain, scores near 1: without the variance that the expected score has, one in six has a discovery."""
    planted, found = Planted(targets=10, seeds=1, examples=100), []
    for draw in range(60):
        generator = np.random.default_rng([4, draw])
        base = generator.uniform(0.9, 0.99, 10)
        drawn_answers = planted.answers(generator, base, np.broadcast_to(base, (10, 10)), 0.0)
        evidence, off = evidence_of(drawn_answers), ~np.eye(10, dtype=bool)
        home = pd.DataFrame(~off, evidence.gains.index, evidence.gains.columns)
        table = residuals_long(evidence, effect_parts(evidence, additive_model(off)), home, INFERENCE)
        found.append(table.loc[~table["home"], "significant"].any())
    assert np.mean(found) <= 0.05


def test_scores_that_are_not_0_or_1_and_cells_below_what_is_expected_lack_nothing():
    evidence = evidence_of(drawn(seeds=1))
    model = written_out(evidence.gains)[1]
    assert (
        _less_by_luck(evidence, effect_parts(evidence, model).leverages, residuals(evidence.gains, model).to_numpy())
        == 0
    ).all()
    planted, generator = Planted(4, 5, seeds=1, examples=50), np.random.default_rng(0)
    scores = np.full((4, 5), 0.6)
    scores[1, 3] = 0.3
    low = evidence_of(planted.answers(generator, np.full(5, 0.6), scores, 0.0))
    used = ~np.eye(4, 5, dtype=bool)
    left = residuals(low.gains, additive_model(used)).to_numpy()
    lacking = _less_by_luck(low, effect_parts(low, additive_model(used)).leverages, left)
    mean = low.means.mean[1:]
    more = (mean - left) * (1 - mean + left) > mean * (1 - mean)
    assert ((lacking > 0) == more).all()


@pytest.mark.parametrize("seeds", [1, 3])
def test_parts_of_sources_some_at_a_time_are_those_of_all_at_once(monkeypatch, seeds):
    evidence = evidence_of(drawn(seeds))
    model = written_out(evidence.gains)[1]
    whole = effect_parts(evidence, model)
    monkeypatch.setattr(effects, "_blocks", lambda shape: [slice(0, 3), slice(3, shape[0])])
    some = effect_parts(evidence, model)
    assert some.leverages == pytest.approx(whole.leverages)
    for role in ("donors", "recipients", "residuals"):
        for field in fields(VarianceParts):
            found, expected = (getattr(getattr(parts, role), field.name) for parts in (some, whole))
            assert found == pytest.approx(expected, nan_ok=True), (role, field.name)


def test_gains_that_no_example_contradicts_are_not_certain():
    """Four of four examples gained by a, none by b and c, on three targets: worked out by hand."""
    right, wrong = np.ones(4), np.zeros(4)
    found = answers({name: np.array([wrong, right, wrong, wrong]) for name in "xyz"}, list("abc"))
    parts = effect_parts(evidence_of(found), additive_model(np.ones((3, 3), bool)))
    of_a, of_others = ((4 + 2) / 6 - (4 / 6) ** 2) / 6, (2 / 6) / 6  # variances by Bonett and Price
    own, other = 1 / 3 - 1 / 9, -1 / 9  # weights of a cell in the donor of its own row, and of another
    assert parts.donors.examples[0] == pytest.approx(3 * own**2 * of_a + 6 * other**2 * of_others)
    assert parts.donors.examples[1] == pytest.approx(3 * (own**2 + other**2) * of_others + 3 * other**2 * of_a)
    terms = [own**2 * of_a] * 3 + [other**2 * of_others] * 6
    df = sum(terms) ** 2 / sum(term**2 / 3 for term in terms)  # Satterthwaite: 3 in each cell
    assert parts.donors.examples_df[0] == pytest.approx(df)
    assert (parts.recipients.examples > 0).all()


def test_donors_are_not_certain_where_the_base_model_alone_varies():
    right, wrong, some = np.ones(4), np.zeros(4), np.array([1.0, 0, 1, 0])
    found = answers({name: np.array([some, right, wrong, wrong]) for name in "xyz"}, list("abc"))
    evidence = evidence_of(found)
    assert not unvaried_gains(evidence).examples.any()
    parts = effect_parts(evidence, additive_model(np.ones((3, 3), bool)))
    own, other = 1 / 3 - 1 / 9, -1 / 9  # as above; differences from the mean of the sources are 2/3 and -1/3 throughout
    of_a, of_others = (((4 * d**2 + 2) / 6 - (4 * d / 6) ** 2) / 6 for d in (2 / 3, -1 / 3))
    assert parts.donors.examples[0] == pytest.approx(3 * own**2 * of_a + 6 * other**2 * of_others, rel=1e-5)


def test_one_example_that_differs_leaves_the_variance_as_it_is():
    wrong, once = np.zeros(4), np.array([1.0, 0, 0, 0])
    model = additive_model(np.ones((3, 3), bool))
    evidence = evidence_of(
        answers({name: np.array([wrong, once, 1 - once, once[::-1]]) for name in "xyz"}, list("abc"))
    )
    assert not unvaried_gains(evidence).examples.any()
    plain = moderated(evidence.sums(model.donor_weights()))
    assert effect_parts(evidence, model).donors.examples.tolist() == plain.examples.tolist()
    graded = evidence_of(answers({"x": np.array([wrong, wrong + 0.5, wrong, wrong])}, list("abc")))
    assert not unvaried_gains(graded).examples.any(), "the difference of a graded score may be the same everywhere"
