"""Gains with intervals and tests, against scipy on the same answers."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.score_intervals import matrix_long
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import home_cells, transfer_matrix
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.proportions import wilson
from crosstask.errors import UserError
from tests.support.drawn_answers import answers, matrix, score_table

INFERENCE = Inference(resamples=4000, flips=20_000)


def drawn(seeds=1, n=90, between=0.0):
    """Answers of base and three sources to a closed target, and to one with scores between 0 and 1."""
    generator = np.random.default_rng(7)
    rows = 1 + 3 * seeds
    lift = np.concatenate([[0.0], np.repeat([0.6, 0.0, -0.7], seeds)]) + generator.normal(0, between, rows)
    ease = generator.normal(size=(2, n))
    closed = (lift[:, None] + ease[0] + generator.normal(size=(rows, n)) > 0).astype(float)
    graded = 1 / (1 + np.exp(-lift[:, None] - ease[1] - generator.normal(size=(rows, n))))
    return answers({"closed": closed, "graded": graded}, ["closed", "other", "third"], seeds)


def table(found, over="base", inference=INFERENCE, chance=None, order=None):
    evidence = GainEvidence(means_of_answers(found, matrix(found)), over)
    home = home_cells(evidence.gains, order or TaskOrder())
    return gains_long(evidence, home, 1.0, chance or {}, inference).set_index(["source", "target"])


def test_one_seed_of_0_1_scores_has_the_exact_mcnemar_test():
    found = drawn()
    gains = table(found)
    base, *others = found.targets["closed"].scores
    for source, scores in zip(("closed", "other", "third"), others, strict=True):
        row = gains.loc[(source, "closed")]
        better, worse = int((scores > base).sum()), int((scores < base).sum())
        assert row["test"] == "mcnemar"
        assert row["p"] == pytest.approx(stats.binomtest(better, better + worse).pvalue)
        assert row["gain"] == pytest.approx(scores.mean(dtype=float) - base.mean(dtype=float))
        assert row["ci_low"] < row["gain"] < row["ci_high"]


def test_one_seed_of_other_scores_has_permutation_test_and_bootstrap():
    found = drawn()
    gains = table(found)
    base, *others = found.targets["graded"].scores.astype(float)
    for source, scores in zip(("closed", "other", "third"), others, strict=True):
        row, d = gains.loc[(source, "graded")], scores - base
        permuted = stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=20_000, rng=1)
        resampled = stats.bootstrap((d,), np.mean, n_resamples=8000, method="percentile", rng=1).confidence_interval
        assert row["test"] == "sign_flip"
        assert row["p"] == pytest.approx(permuted.pvalue, abs=0.01)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(resampled), abs=0.006)


def test_several_seeds_are_tested_over_seeds_and_examples():
    gains = table(drawn(seeds=3, between=0.5))
    assert set(gains["test"]) == {"crossed_t"}
    narrow = table(drawn(seeds=3, between=0.0))
    assert gains["stderr"].mean() > narrow["stderr"].mean()
    assert (gains["seeds"] == 3).all()
    # an interval holds 0 exactly where p exceeds 0.05
    holds = (gains["ci_low"] < 0) & (gains["ci_high"] > 0)
    assert (holds == (gains["p"] > 0.05)).all()


def test_home_cells_are_a_family_of_their_own():
    gains = table(drawn(seeds=1))
    off = gains[~gains["home"]]
    p = np.sort(off["p"])
    by_hand = [min(p[k] * len(p) / (k + 1) for k in range(j, len(p))) for j in range(len(p))]
    assert np.sort(off["q"]) == pytest.approx(by_hand)
    assert gains["home"].sum() == 1
    home = gains[gains["home"]].iloc[0]
    assert home["q"] == home["p"]
    assert (gains["significant"] == (gains["q"] <= 0.05)).all()


def test_relative_gain_headroom_and_rank():
    scores = np.zeros((4, 10))
    scores[0, :4], scores[1, :7], scores[2, :3], scores[3, :7] = 1, 1, 1, 1
    gains = table(answers({"goat": scores}, ["a", "b", "c"]), chance={"goat": 0.25})
    assert gains["relative"].tolist() == pytest.approx([0.75, -0.25, 0.75])
    assert gains["headroom"].tolist() == pytest.approx([0.3 / 0.6, -0.1 / (0.4 - 0.25), 0.3 / 0.6])
    assert gains["rank"].tolist() == [1, 3, 1]


def test_nothing_left_to_lose_or_gain_has_no_headroom():
    scores = np.zeros((3, 10))
    scores[1, :2] = 1
    gains = table(answers({"goat": scores, "full": 1 - scores}, ["a", "b"]))
    assert gains.loc[("a", "goat"), "headroom"] == pytest.approx(0.2)
    assert np.isnan(gains.loc[("a", "goat"), "relative"])
    assert gains.loc[("a", "full"), "headroom"] == pytest.approx(-0.2)
    assert np.isnan(gains.loc[("b", "full"), "headroom"])


def test_without_any_change_the_interval_has_a_width_and_p_is_1():
    for seeds in (1, 3):
        gains = table(answers({"goat": np.zeros((1 + seeds, 200))}, ["a"], seeds))
        row = gains.iloc[0]
        assert row["p"] == pytest.approx(1)
        assert row["ci_low"] < -0.005
        assert row["ci_high"] > 0.005


def test_gains_over_the_mean_are_tested_against_it():
    found = drawn()
    without = answers({name: of.scores[1:] for name, of in found.targets.items()}, ["other", "third"])
    renamed = {
        n: type(of)((("a", 0), ("b", 0), ("c", 0)), of.examples, of.scores, {}) for n, of in without.targets.items()
    }
    gains = table(type(found)(renamed), over="mean")
    assert gains["gain"].groupby("target").sum().abs().max() < 1e-6
    assert set(gains["test"]) == {"sign_flip"}
    scores = renamed["graded"].scores.astype(float)
    d = scores[0] - scores.mean(axis=0)
    permuted = stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=20_000, rng=1)
    assert gains.loc[("a", "graded"), "p"] == pytest.approx(permuted.pvalue, abs=0.01)
    assert gains["relative"].isna().all()


def of_table(scores, over="base"):
    means = means_of_table(scores, transfer_matrix(scores), 1.0)
    evidence = GainEvidence(means, over)
    gains = gains_long(evidence, home_cells(evidence.gains, TaskOrder()), 1.0, {}, INFERENCE)
    return gains.set_index(["source", "target"])


def test_a_table_with_standard_errors_has_the_unpaired_test():
    scores = score_table(drawn())
    gains = of_table(scores)
    by_name = scores.set_index(["source", "target"])
    for (source, target), row in gains.iterrows():
        a, b = by_name.loc[(source, target)], by_name.loc[("base", target)]
        assert row["test"] == "unpaired_z"
        if target == "closed":
            p, q = ((90 * s["score"] + 1) / 92 for s in (a, b))  # Agresti and Caffo
            error = (p * (1 - p) / 92 + q * (1 - q) / 92) ** 0.5
            assert (row["ci_low"] + row["ci_high"]) / 2 == pytest.approx(p - q)
            assert row["stderr"] == pytest.approx(error)
            continue
        error = (a["stderr"] ** 2 + b["stderr"] ** 2) ** 0.5
        assert row["stderr"] == pytest.approx(error)
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(a["score"] - b["score"]) / error, 89), rel=1e-4)


def test_a_table_with_n_alone_takes_the_scores_for_accuracies():
    scores = score_table(drawn()).assign(stderr=np.nan)
    row = of_table(scores).loc[("third", "closed")]
    a, b = (scores.set_index(["source", "target"]).loc[(s, "closed"), "score"] for s in ("third", "base"))
    a, b = (90 * a + 1) / 92, (90 * b + 1) / 92
    assert row["stderr"] == pytest.approx(((a * (1 - a) + b * (1 - b)) / 92) ** 0.5)


def test_a_table_in_percent_has_the_same_tests():
    scores = score_table(drawn(seeds=2, between=0.2))
    percent = scores.assign(score=scores["score"] * 100, stderr=scores["stderr"] * 100)
    evidence = GainEvidence(means_of_table(percent, transfer_matrix(percent), 100.0), "base")
    home = home_cells(evidence.gains, TaskOrder())
    gains = gains_long(evidence, home, 100.0, {}, INFERENCE).set_index(["source", "target"])
    fractions = of_table(scores)
    assert gains["p"].tolist() == pytest.approx(fractions["p"].tolist(), rel=1e-6)
    assert (gains["ci_low"] / 100).tolist() == pytest.approx(fractions["ci_low"].tolist())
    assert gains["headroom"].tolist() == pytest.approx(fractions["headroom"].tolist())


def test_a_base_without_an_error_is_compared_with_nothing_but_seeds():
    scores = score_table(drawn(seeds=3, between=0.2))
    bare = scores["source"] == "base"
    scores = scores.assign(stderr=scores["stderr"].mask(bare), n=scores["n"].mask(bare))
    gains = of_table(scores)
    assert (gains["test"] == "").all()
    assert gains["p"].isna().all()


def test_equal_shares_of_0_have_p_1_and_a_width_also_in_a_table():
    scores = score_table(answers({"goat": np.zeros((2, 100))}, ["a"])).assign(stderr=0.0)
    row = of_table(scores).iloc[0]
    assert row["p"] == pytest.approx(1)
    assert row["ci_low"] < -0.02


def test_a_table_of_bare_scores_with_one_seed_cannot_be_tested():
    gains = of_table(score_table(drawn()).assign(stderr=np.nan, n=pd.NA).astype({"n": "Int64"}))
    assert gains[["ci_low", "ci_high", "p", "q", "stderr", "z"]].isna().all(axis=None)
    assert (gains["test"] == "").all()
    assert gains["gain"].notna().all()
    assert gains["significant"].isna().all()


def test_a_table_of_bare_scores_with_seeds_is_tested_between_them():
    scores = score_table(drawn(seeds=4, between=0.3)).assign(stderr=np.nan, n=pd.NA).astype({"n": "Int64"})
    gains = of_table(scores)
    assert set(gains["test"]) == {"seeds_t"}
    base = scores.set_index(["source", "target"]).loc[("base", "graded"), "score"].item()
    of_seeds = scores[(scores["source"] == "third") & (scores["target"] == "graded")]["score"]
    expected = stats.ttest_1samp(of_seeds, base)
    assert gains.loc[("third", "graded"), "p"] == pytest.approx(expected.pvalue, rel=1e-4)


def test_seeds_that_are_missing_and_cells_that_are_missing():
    found = drawn(seeds=3, between=0.3)
    scores = score_table(found)
    holed = scores[~((scores["source"] == "other") & (scores["target"] == "graded") & (scores["seed"] > 0))]
    holed = holed[~((holed["source"] == "third") & (holed["target"] == "closed"))]
    gains = of_table(holed)
    assert ("third", "closed") not in gains.index
    assert gains.loc[("other", "graded"), ["seeds", "test"]].tolist() == [1, "unpaired_z"]
    assert gains.loc[("other", "closed"), ["seeds", "test"]].tolist() == [3, "unpaired_t"]


def test_scores_have_wilsons_interval_or_the_bootstrap():
    found = drawn()
    cells = matrix_long(means_of_answers(found, matrix(found)), 1.0, INFERENCE).set_index(["source", "target"])
    closed, graded = found.targets["closed"].scores[1], found.targets["graded"].scores[1].astype(float)
    expected = stats.binomtest(int(closed.sum()), 90).proportion_ci(method="wilson")
    assert cells.loc[("closed", "closed"), ["ci_low", "ci_high"]].tolist() == pytest.approx(list(expected))
    resampled = stats.bootstrap((graded,), np.mean, n_resamples=8000, method="percentile", rng=1).confidence_interval
    assert cells.loc[("closed", "graded"), ["ci_low", "ci_high"]].tolist() == pytest.approx(list(resampled), abs=0.006)


def test_over_seeds_wilsons_interval_is_as_long_as_the_variance_asks():
    found = drawn(seeds=3, between=0.4)
    means = means_of_answers(found, matrix(found))
    cells = matrix_long(means, 1.0, INFERENCE).set_index(["source", "target"]).loc[("closed", "closed")]
    share, half = cells["score"], means.parts.half_width(0.05)[1, 0]
    effective = share * (1 - share) / (half / stats.norm.ppf(0.975)) ** 2
    assert effective < 90
    assert (cells["ci_low"], cells["ci_high"]) == pytest.approx(wilson(share, effective))
    assert cells["seed_sd"] == pytest.approx(found.targets["closed"].scores[1:4].mean(axis=1).std(ddof=1), rel=1e-5)
    extreme = answers({"goat": np.zeros((4, 50))}, ["a"], 3)
    zero = matrix_long(means_of_answers(extreme, matrix(extreme)), 1.0, INFERENCE).iloc[1]
    assert (zero["ci_low"], zero["ci_high"]) == pytest.approx(
        tuple(stats.binomtest(0, 50).proportion_ci(method="wilson"))
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": 0}, "^alpha=0: must lie between 0 and 1$"),
        ({"resamples": 9}, "^resamples=9: at least 100$"),
        ({"flips": 9}, "^flips=9: at least 100$"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, message):
    with pytest.raises(UserError, match=message):
        Inference(**parameters)
