"""Donors, asymmetry, indices, rates, clusters, affinity, references and alarms."""

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from scipy.stats import t as student

from crosstask.analysis.gains.affinity import affinity, principal_eigenvector
from crosstask.analysis.gains.asymmetry import asymmetry, common_tasks
from crosstask.analysis.gains.checks import alarms, references
from crosstask.analysis.gains.clustering import clusters
from crosstask.analysis.gains.donors_recipients import donors, effect_noise, effect_parts
from crosstask.analysis.gains.indices import indices
from crosstask.analysis.gains.notes import gain_notes
from crosstask.analysis.gains.rates import rates
from crosstask.analysis.matrix import pairwise
from crosstask.analysis.matrix.additive_model import EffectNoise, additive_model
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.score_unit import FRACTION, PERCENT
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import moderated
from crosstask.errors import UserError
from tests.support.analyses import gains_of
from tests.support.drawn_answers import answers, matrix, score_table

INFERENCE = Inference(resamples=300)
TASKS = ["goat", "gsm8k", "imdb", "mnli", "pile"]
ORDER = TaskOrder(tuple(TASKS))


def drawn(seeds=1, n=80, tasks=TASKS, seed=2):
    """Answers of base and one source per task to every task."""
    generator = np.random.default_rng(seed)
    gives = np.concatenate([[0.0], np.repeat(np.linspace(-0.6, 0.6, len(tasks)), seeds)])
    scores = {}
    for place, task in enumerate(tasks):
        home = np.repeat(np.arange(-1, len(tasks)) == place, [1] + [seeds] * len(tasks))
        lift = gives + 2 * home + generator.normal(0, 0.3, len(gives))
        scores[task] = (lift[:, None] + generator.normal(size=(len(gives), n)) > 0).astype(float)
    return answers(scores, list(tasks), seeds, {"imdb": {"0": 50, "1": 30}, "mnli": {"0": 20, "1": 60, "2": 0}})


def drawn_nothing(generator, seeds=3, n=60):
    """Answers of base and five sources that do not differ but by their seeds, which differ on all targets alike."""
    of_seeds = 0.2 * generator.normal(size=1 + 5 * seeds) * (np.arange(1 + 5 * seeds) > 0)
    noise = {task: generator.normal(size=(len(of_seeds), n)) for task in TASKS}
    return answers({task: (of_seeds[:, None] + noise[task] > 0).astype(float) for task in TASKS}, TASKS, seeds)


def evidence_of(found):
    return GainEvidence(means_of_answers(found, matrix(found, ORDER)), "base")


@pytest.mark.parametrize("missing", [False, True])
def test_donors_and_recipients_are_the_least_squares_fit(missing):
    gains = evidence_of(drawn()).gains
    used = ~np.eye(5, dtype=bool)
    used[0, 1] = not missing
    model = additive_model(used)
    found = model.effects(np.nan_to_num(gains.to_numpy()))
    row, column = np.nonzero(used)
    dummies = np.column_stack([np.ones(len(row)), np.eye(5)[row], np.eye(5)[column]])
    fitted = dummies @ np.linalg.lstsq(dummies, gains.to_numpy()[used], rcond=None)[0]
    assert model.fitted(found)[used] == pytest.approx(fitted, abs=1e-9)
    assert found[1:6].sum() == pytest.approx(0, abs=1e-9)
    assert found[6:].sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("shape", [(5, 8), (8, 5), (6, 6)])
def test_effects_and_their_weights_are_those_of_the_pseudoinverse(shape):
    """Whichever side is the longer; the second source and the last target have no cells at all."""
    generator = np.random.default_rng(3)
    used = generator.uniform(size=shape) < 0.8
    used[1], used[:, -1] = False, False
    some = used.any(axis=1), used.any(axis=0)
    row, column = np.nonzero(used)
    dummies = np.column_stack([np.ones(len(row)), np.eye(shape[0])[row], np.eye(shape[1])[column]])
    # Effects of either side sum to 0: two rows more, which the pseudoinverse meets exactly.
    sums = np.zeros((2, dummies.shape[1]))
    sums[0, 1 : 1 + shape[0]], sums[1, 1 + shape[0] :] = some[0], some[1]
    solved = np.linalg.pinv(np.vstack([dummies, sums]))[:, : len(row)]
    expected = np.zeros((1 + sum(shape), *shape))
    expected[:, used] = solved
    model = additive_model(used)
    found = np.concatenate([model.mean_weights, model.donor_weights(), model.recipient_weights])
    assert found == pytest.approx(expected, abs=1e-12)
    assert model.donor_weights(slice(2, 4)) == pytest.approx(expected[3:5], abs=1e-12)
    gains = generator.normal(size=(2, *shape))
    assert model.effects(gains) == pytest.approx(np.einsum("kst,nst->nk", expected, gains), abs=1e-12)


def test_of_a_full_matrix_donors_are_row_means_less_the_grand_mean():
    generator = np.random.default_rng(0)
    gains = generator.normal(size=(4, 6))
    effects = additive_model(np.ones((4, 6), bool)).effects(gains)
    assert effects[0] == pytest.approx(gains.mean())
    assert effects[1:5] == pytest.approx(gains.mean(axis=1) - gains.mean())
    assert effects[5:] == pytest.approx(gains.mean(axis=0) - gains.mean())


@pytest.mark.parametrize("used", [np.ones((1, 4), bool), np.eye(3, dtype=bool), np.zeros((3, 3), bool)])
def test_cells_that_do_not_tell_donors_from_recipients_are_refused(used):
    with pytest.raises(UserError, match=r"gains of \d sources? on \d targets do not tell donors from recipients$"):
        additive_model(used)


@pytest.mark.parametrize("side", ["source", "target"])
def test_more_sources_or_targets_than_can_be_compared_are_not_clustered(monkeypatch, side):
    gains = pd.DataFrame(np.random.default_rng(0).normal(size=(8, 7) if side == "source" else (7, 8)))
    home = pd.DataFrame(np.zeros(gains.shape, bool))
    assert set(clusters(gains, home, None)["side"]) == {"source", "target"}
    monkeypatch.setattr(pairwise, "MOST", 7)
    assert set(clusters(gains, home, None)["side"]) == {"source", "target"} - {side}


def test_donors_have_the_intervals_of_their_weighted_sums():
    evidence = evidence_of(drawn(seeds=3))
    table = donors(evidence, effect_parts(evidence, additive_model(~np.eye(5, dtype=bool))), INFERENCE)
    of_sources = table[table["role"] == "donor"]
    assert of_sources["effect"].is_monotonic_increasing
    assert ((table["ci_low"] < table["effect"]) & (table["effect"] < table["ci_high"])).all()
    replicates = evidence.draws(3000, np.random.default_rng(0))
    effects = additive_model(~np.eye(5, dtype=bool)).effects(replicates)[:, 1:6].std(axis=0)
    # two degrees of freedom between seeds: intervals are longer than twice the spread of replicates
    assert ((of_sources["ci_high"] - of_sources["ci_low"]) / 2 > 1.5 * effects).all()


def test_donors_seeds_are_moderated_by_each_other():
    tasks = [f"t{place}" for place in range(9)]
    found = drawn(seeds=3, tasks=tasks)
    evidence = GainEvidence(means_of_answers(found, matrix(found)), "base")
    model = additive_model(~np.eye(9, dtype=bool))
    table = donors(evidence, effect_parts(evidence, model), INFERENCE)
    plain = evidence.sums(model.donor_weights())
    moderate = moderated(plain)
    half = ((table["ci_high"] - table["ci_low"]) / 2)[:9].to_numpy()
    assert half == pytest.approx(moderate.half_width())
    assert half.mean() < 0.8 * plain.half_width().mean()


def test_asymmetry_over_seeds_has_a_quarter_of_both_variances():
    evidence = evidence_of(drawn(seeds=3))
    row = asymmetry(evidence, ORDER, INFERENCE).set_index(["first", "second"]).loc[("goat", "pile")]
    _, cells = evidence.cells()
    a, b = (0, 4), (4, 0)
    between = (cells.between_seeds[a] + cells.between_seeds[b]) / 4
    examples = (cells.examples[a] + cells.examples[b]) / 4
    own = cells.seeds_df[a]
    df = (cells.seeds[a] + cells.seeds[b]) ** 2 / ((cells.seeds[a] ** 2 + cells.seeds[b] ** 2) / own)
    expected = (student.ppf(0.975, df) ** 2 * between + student.ppf(0.975, 158) ** 2 * examples) ** 0.5
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(expected, rel=0.01)


def test_asymmetry_of_a_pair():
    evidence = evidence_of(drawn())
    table = asymmetry(evidence, ORDER, INFERENCE).set_index(["first", "second"])
    gains = evidence.gains
    assert len(table) == 10
    row = table.loc[("goat", "pile")]
    assert row["forward"] == gains.loc["goat", "pile"]
    assert row["backward"] == gains.loc["pile", "goat"]
    assert row["asymmetry"] == pytest.approx((gains.loc["goat", "pile"] - gains.loc["pile", "goat"]) / 2)
    _, cells = evidence.cells()
    error = ((cells.examples[0, 4] + cells.examples[4, 0]) / 4) ** 0.5
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(1.976 * error, rel=0.01)


def test_a_pair_without_a_gain_in_one_direction_is_left_out():
    found = drawn()
    goat = found.targets["goat"]
    short = type(goat)(goat.rows[:-1], goat.examples, goat.scores[:-1], {})
    table = asymmetry(evidence_of(Answers({**found.targets, "goat": short})), ORDER, INFERENCE)
    assert len(table) == 9
    assert not ((table["first"] == "goat") & (table["second"] == "pile")).any()


def test_a_target_that_is_home_to_two_sources_is_no_common_task():
    gains = pd.DataFrame(0.0, ["metamath", "gsm8k", "imdb"], ["gsm8k", "imdb"])
    assert common_tasks(gains, TaskOrder(homes={"metamath": "gsm8k"})) == [("imdb", "imdb")]


def squares(gains, replicates, model=None):
    none = dict.fromkeys(("donors", "recipients", "interaction"), 0.0)
    noise = model and EffectNoise(model, none, np.zeros(1), np.zeros(1), np.inf)
    return indices(gains, replicates, TaskOrder(), noise, INFERENCE).set_index("index")


@pytest.mark.parametrize(("kind", "value"), [("symmetric", 0.0), ("antisymmetric", 1.0)])
def test_index_of_a_symmetric_and_of_an_antisymmetric_matrix(kind, value):
    t = np.random.default_rng(0).normal(size=(6, 6))
    t = t + t.T if kind == "symmetric" else t - t.T
    gains = pd.DataFrame(t, list("abcdef"), list("abcdef"))
    found = squares(gains, np.repeat(t[None], 100, axis=0))
    assert found.loc["asymmetry", ["value", "corrected", "ci_low", "ci_high"]].tolist() == pytest.approx([value] * 4)


def test_noise_is_taken_out_of_the_indices():
    generator = np.random.default_rng(0)
    names = [f"t{place}" for place in range(12)]
    found = []
    for _ in range(40):
        t = generator.normal(size=(12, 12))
        observed = t + t.T + generator.normal(0, 1, (12, 12))
        replicates = observed + generator.normal(0, 1, (400, 12, 12))
        found.append(squares(pd.DataFrame(observed, names, names), replicates).loc["asymmetry"])
    values = pd.DataFrame(found)
    assert values["value"].mean() == pytest.approx(1 / 6, abs=0.03)  # of a variance of 3 noise is 1, half of it in A
    assert values["corrected"].mean() == pytest.approx(0, abs=0.01)
    assert ((values["ci_low"] < 0) & (values["ci_high"] > 0)).mean() > 0.85


def test_a_pair_with_one_direction_is_in_neither_sum_of_the_index():
    t = np.random.default_rng(0).normal(size=(5, 5))
    whole = pd.DataFrame(t, list("abcde"), list("abcde"))
    holed = whole.copy()
    holed.iloc[0, 1] = np.nan
    square = np.where(np.eye(5, dtype=bool), 0, t)
    square[0, 1] = square[1, 0] = 0
    expected = (((square - square.T) / 2) ** 2).sum() / (square**2).sum()
    found = squares(holed, np.repeat(holed.to_numpy()[None], 100, axis=0)).loc["asymmetry"]
    assert found["value"] == pytest.approx(expected)
    assert found["corrected"] == pytest.approx(expected)


def test_without_replicates_nothing_is_corrected():
    t = np.random.default_rng(0).normal(size=(5, 5))
    gains = pd.DataFrame(t, list("abcde"), list("abcde"))
    found = squares(gains, None)
    assert found.loc["asymmetry", "value"] > 0
    assert found[["corrected", "ci_low", "ci_high"]].isna().all(axis=None)
    assert clusters(gains, gains.isna(), None)["support"].isna().all()


def test_the_shares_of_a_full_matrix_sum_to_1():
    t = np.random.default_rng(0).normal(size=(5, 7))
    gains = pd.DataFrame(t, list("abcde"), list("tuvwxyz"))
    found = squares(gains, np.repeat(t[None], 100, axis=0), additive_model(np.ones((5, 7), bool)))
    assert "asymmetry" not in found.index
    assert found["value"].sum() == pytest.approx(1)
    assert found.loc["donors", "value"] == pytest.approx(
        7 * ((t.mean(1) - t.mean()) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    )


def test_noise_of_effects_is_what_they_vary_by_from_one_drawing_to_the_next():
    """Against the squares of effects of matrices that are noise alone, of three seeds each."""
    generator, sums = np.random.default_rng(0), []
    for _ in range(60):
        found = evidence_of(drawn_nothing(generator))
        model = additive_model(~np.eye(5, dtype=bool))
        effects = model.effects(found.gains.to_numpy())
        left = np.where(model.used, found.gains - model.fitted(effects), 0)
        noise = effect_noise(found, effect_parts(found, model))
        squares = 4 * (effects[1:6] ** 2).sum(), 4 * (effects[6:] ** 2).sum(), (left**2).sum()
        sums.append([*squares, *noise.squares.values()])
    assert noise.df == 10
    observed, expected = np.mean(sums, axis=0).reshape(2, 3)
    assert expected == pytest.approx(observed, rel=0.25)


def long_gains(gains, significant=None):
    rows = [(s, t, gains.loc[s, t], s == t) for s in gains.index for t in gains.columns]
    table = pd.DataFrame(rows, columns=["source", "target", "gain", "home"])
    return table.assign(
        p=0.5, q=0.5, significant=pd.array([significant] * len(table), "boolean"), ci_low=-0.1, ci_high=0.2
    )


def test_rates_count_gains_above_0_and_losses_beyond_a_point():
    gains = pd.DataFrame([[9.0, 0.02, -0.005], [-0.3, 9.0, 0.0], [-0.02, 0.01, 9.0]], list("abc"), list("abc"))
    table = rates(long_gains(gains, True), 1.0).set_index(["side", "name"])
    assert table.loc["source"][["win_rate", "harm_rate", "better", "worse"]].to_numpy().tolist() == [
        [0.5, 0.0, 1, 1],
        [0.0, 0.5, 0, 1],
        [0.5, 0.5, 1, 1],
    ]
    assert table.loc[("target", "a"), ["win_rate", "harm_rate", "cells"]].tolist() == [0, 1, 2]
    assert (table["win_low"] <= table["win_rate"]).all()
    percent = rates(long_gains(gains * 100, None), 100.0).set_index(["side", "name"])
    assert percent["harm_rate"].tolist() == table["harm_rate"].tolist()
    assert percent["better"].isna().all()
    assert rates(long_gains(gains), float("nan"))["harm_rate"].isna().all()


def test_without_home_cells_or_gaps_clusters_are_scipys():
    gains = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 9)), list("abcdef"), list("rstuvwxyz"))
    home = gains.isna()
    table = clusters(gains, home, np.repeat(gains.to_numpy()[None], 10, axis=0))
    for side, profiles in (("source", gains.to_numpy()), ("target", gains.to_numpy().T)):
        expected = linkage(pdist(profiles, "correlation"), "average")
        found = table[table["side"] == side]
        assert found["height"].tolist() == pytest.approx(expected[:, 2].tolist())
        assert found["size"].tolist() == expected[:, 3].astype(int).tolist()
        assert (found["support"] == 1).all()


def test_distances_leave_home_cells_and_gaps_out_pair_by_pair():
    values = np.random.default_rng(0).normal(size=(4, 12))
    gains = pd.DataFrame(values, list("abcd"), [*"abcd", *"lmnopqrs"]).mask(np.eye(4, 12, dtype=bool), 50.0)
    gains.iloc[1, 7] = np.nan
    home = pd.DataFrame(np.eye(4, 12, dtype=bool), gains.index, gains.columns)
    table = clusters(gains, home, np.repeat(gains.to_numpy()[None], 3, axis=0))
    correlations = gains.mask(home).T.corr()
    first = table[table["side"] == "source"].iloc[0]
    best = correlations.where(~np.eye(4, dtype=bool)).max(axis=None)
    assert first["height"] == pytest.approx(1 - best)
    assert correlations.loc[first["left"], first["right"]] == best


def test_support_is_low_where_replicates_disagree():
    generator = np.random.default_rng(0)
    gains = pd.DataFrame(generator.normal(size=(6, 8)), list("abcdef"), list("stuvwxyz"))
    gains.loc["b"] = gains.loc["a"] + generator.normal(0, 0.01, 8)
    noise = generator.normal(size=(200, 6, 8))
    found = {spread: clusters(gains, gains.isna(), gains.to_numpy() + spread * noise).iloc[0] for spread in (0.1, 2.0)}
    assert {found[0.1]["left"], found[0.1]["right"]} == {"a", "b"}
    assert found[0.1]["support"] > 0.95
    assert found[2.0]["support"] < 0.5


def test_a_profile_that_does_not_vary_is_not_clustered():
    gains = pd.DataFrame([[0.0] * 5, [1, 2, 3, 4, 5.0], [2, 1, 4, 3, 5.0]], list("abc"), list("vwxyz"))
    table = clusters(gains, gains.isna(), gains.to_numpy()[None])
    assert "source" not in set(table["side"])


def test_the_principal_eigenvector_is_numpys():
    matrices = np.random.default_rng(0).uniform(0.1, 3, (4, 5, 5))
    for matrix_, found in zip(matrices, principal_eigenvector(matrices), strict=True):
        values, vectors = np.linalg.eig(matrix_)
        vector = np.abs(vectors[:, values.real.argmax()].real)
        assert found == pytest.approx(vector / vector.sum(), abs=1e-8)


def test_affinity_by_the_formula_of_taskonomy():
    found = drawn(n=60)
    table = affinity(means_of_answers(found, matrix(found, ORDER))).set_index(["target", "source"])
    scores = found.targets["imdb"].scores
    share = np.array([[np.mean((a > b) + 0.5 * (a == b)) for b in scores] for a in scores]).clip(0.001, 0.999)
    values, vectors = np.linalg.eig(share / share.T)
    vector = np.abs(vectors[:, values.real.argmax()].real)
    of_target = table.loc["imdb"]
    assert of_target["affinity"].to_numpy() == pytest.approx(vector / vector.sum(), abs=1e-6)
    assert of_target["affinity"].sum() == pytest.approx(1)
    assert ((of_target["ci_low"] <= of_target["affinity"]) & (of_target["affinity"] <= of_target["ci_high"])).all()


def test_affinity_counts_graded_scores_as_it_does_few_values():
    generator = np.random.default_rng(0)
    few = generator.integers(0, 5, (4, 60)) / 4
    spread = few + generator.uniform(0, 1e-4, few.shape)  # no ties any more, the order of others kept
    tables = [
        means_of_answers(found, matrix(found)) for found in (answers({"goat": s}, list("abc")) for s in (few, spread))
    ]
    a, b = (affinity(means)["affinity"].to_numpy() for means in tables)
    assert a == pytest.approx(b, abs=0.05)


def test_references_of_closed_and_open_targets():
    found = drawn()
    stats = statistics(found)
    table = stats.references.set_index(["target", "reference"])
    assert table.loc[("imdb", "majority"), ["name", "score"]].tolist() == ["0", 50 / 80]
    assert table.loc[("mnli", "majority"), "name"] == "1"
    assert table.loc[("mnli", "chance"), ["name", "score"]].tolist() == ["3 labels", 1 / 3]
    assert ("goat", "majority") not in table.index
    assert table.loc[("goat", "home"), "name"] == "goat"
    assert references(stats.matrix_long, None, ORDER)["reference"].isin(["base", "home"]).all()


def statistics(found, table=None):
    scores = score_table(found) if table is None else table
    return gains_of(scores, found, ORDER, INFERENCE)


def test_an_adapter_without_effect_and_a_target_that_nothing_moves_are_alarms():
    generator = np.random.default_rng(3)
    base = generator.integers(0, 2, (3, 100))
    works = np.where(generator.uniform(size=(3, 100)) < 0.8, 1, base)
    scores = {
        name: np.stack([base[k], base[k], works[k] if k else base[k]])
        for k, name in enumerate(("goat", "imdb", "mnli"))
    }
    table = statistics(answers(scores, ["dead", "imdb"])).alarms
    assert table[["alarm", "name"]].to_numpy().tolist() == [["no_effect", "dead"], ["nothing_moves", "goat"]]
    assert table["message"][0].startswith(
        "dead is not distinguishable from base on any of 3 targets; the intervals, which unlike the tests are not"
        " corrected, reach from -"
    )


def test_a_model_below_the_majority_class_is_an_alarm():
    found = pd.DataFrame(
        [
            ("imdb", "base", "base", 0.6),
            ("imdb", "majority", "0", 0.7),
            ("imdb", "home", "imdb", 0.9),
            ("pile", "base", "base", 0.8),
            ("pile", "majority", "1", 0.7),
        ],
        columns=["target", "reference", "name", "score"],
    )
    none = long_gains(pd.DataFrame([[0.1]], ["a"], ["b"]), True)
    table = alarms(none, found)
    assert table["alarm"].tolist() == ["below_majority"]
    assert table["message"][0] == "on imdb always the commonest class scores 70.0 %, no less than base (60.0 %)"


def test_alarms_are_in_the_unit_that_is_shown():
    gains = long_gains(pd.DataFrame([[1.0]], ["a"], ["b"]), True)
    gains = gains.assign(p=0.5, significant=False, ci_low=-0.04, ci_high=2.0)
    none = pd.DataFrame(columns=["target", "reference", "name", "score"])
    for unit, reach in (
        (FRACTION, "-4.0 to +200.0 (percentage points)"),
        (PERCENT, "+0.0 to +2.0 (percentage points)"),
    ):
        message = alarms(gains, none, unit=unit)["message"][0]
        assert message.endswith(f"not corrected, reach from {reach}")


def test_refused_answers_are_an_alarm():
    refused = pd.DataFrame(
        [("imdb", "goat", 0, "scored on 3 examples")], columns=["source", "target", "seed", "reason"]
    )
    none = long_gains(pd.DataFrame([[0.1]], ["a"], ["b"]), True)
    table = alarms(none, pd.DataFrame(columns=["target", "reference", "name", "score"]), "base", refused)
    assert table["message"].tolist() == ["imdb -> goat is not tested: scored on 3 examples"]


def test_a_large_gain_is_no_alarm_and_the_notes_say_what_was_tested():
    found = statistics(drawn(n=400))
    assert "no_effect" not in set(found.alarms["alarm"])
    notes = gain_notes(found.gains_long, INFERENCE)
    assert notes[0].endswith("down")


def test_scores_without_any_error_have_no_replicates_and_nothing_is_tested():
    found = drawn()
    bare = score_table(found).assign(stderr=np.nan, n=pd.NA).astype({"n": "Int64"})
    known = gains_of(bare, None, ORDER, INFERENCE)
    assert known.indices["corrected"].isna().all()
    assert known.donors[["ci_low", "p"]].isna().all(axis=None)
    assert known.asymmetry["p"].isna().all()
    assert known.affinity.empty
    assert known.alarms.empty
    assert gain_notes(known.gains_long, INFERENCE) == [
        "no gain can be tested: that takes answers, standard errors or n of the scores, or several seeds"
    ]


def test_the_order_of_draws_does_not_depend_on_the_order_of_the_scores():
    found = drawn(seeds=2)
    first = statistics(found)
    second = statistics(found, score_table(found).sample(frac=1, random_state=0).reset_index(drop=True))
    for name in ("gains_long", "indices", "clusters", "affinity", "donors"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_a_second_seed_of_one_source_alone_is_analyzed():
    """As in a sweep over seeds that has only begun."""
    found = drawn(seeds=2)
    rows = [place for place, (source, seed) in enumerate(found.targets["goat"].rows) if seed != 1 or source == "imdb"]
    few = {
        name: type(one)(tuple(one.rows[place] for place in rows), one.examples, one.scores[rows], {})
        for name, one in found.targets.items()
    }
    tables = gains_of(score_table(Answers(few)), Answers(few), ORDER, INFERENCE)
    assert tables.residuals_long["ci_low"].notna().all()
    assert tables.gains_long.groupby("source")["seeds"].first().to_dict() == dict.fromkeys(TASKS, 1) | {"imdb": 2}
