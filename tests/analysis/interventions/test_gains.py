"""What changes, and random updates, leave of gains over base."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from crosstask.analysis.interventions.columns import GROWS, LARGER, NOT_TOLD, WITHIN
from crosstask.analysis.interventions.effects import effects
from crosstask.analysis.interventions.kept_gains import kept_gains, original_gains
from crosstask.analysis.interventions.random_updates import random_updates
from crosstask.analysis.interventions.reading import paired_runs
from tests.support.interventions import changed_transfer

CHANGES = {
    ("wrong_labels", "wrong_labels", None): -0.1,
    ("balanced", "balanced", None): 0.0,
    ("random_update", "random_update", None): -0.15,
    ("random_update seed=1", "random_update", None): -0.2,
}


@pytest.fixture(scope="module")
def graded():
    """One seed, so that everything is about answers alone."""
    transfer = changed_transfer(CHANGES, seeds=1, graded=True)
    return transfer, list(paired_runs(transfer, transfer.interventions))


def rows_of(runs, variant):
    """Answers of base, of the original and of a changed run of source b on target c."""
    of = next(of for of in runs if of.target == "c")
    place = np.flatnonzero((of.pairs["source"] == "b") & (of.pairs["variant"] == variant))[0]
    return of.base, of.original[place], of.changed[place]


def test_the_ends_of_what_is_kept_are_those_shares_that_a_t_test_just_does_not_reject(graded):
    transfer, runs = graded
    table = kept_gains(runs, transfer.order, 0.05, 0.02)
    row = table[(table["source"] == "b") & (table["target"] == "c") & (table["variant"] == "wrong_labels")].iloc[0]
    base, original, changed = rows_of(runs, "wrong_labels")
    assert row["kept"] == pytest.approx((changed - base).mean() / (original - base).mean())
    for share in (row["kept_low"], row["kept_high"]):
        assert ttest_1samp(changed - base - share * (original - base), 0).pvalue == pytest.approx(0.05)
    assert row["verdict"] == LARGER
    assert row["loss"] == pytest.approx((original - changed).mean())


def test_losses_are_the_effects_with_the_same_intervals():
    transfer = changed_transfer(CHANGES, seeds=2, graded=True)
    shifts = np.random.default_rng(0).normal(0, 0.05, (100, 1))  # seeds differ, random updates more than others
    runs = [
        replace(of, changed=of.changed + shifts[: len(of.pairs)] * np.where(of.kinds == "random_update", 3, 1)[:, None])
        for of in paired_runs(transfer, transfer.interventions)
    ]
    table = effects(runs, transfer.order, 0.05, 0.02).table
    means = table[table["seed"].isna()].set_index(["source", "variant", "target"])
    kept = kept_gains(runs, transfer.order, 0.05, 0.02).set_index(["source", "variant", "target"])
    assert set(kept["kind"]) == {"wrong_labels", "balanced"}
    beside = means.loc[kept.index]
    for name, effect in (("loss", "effect"), ("loss_low", "ci_high"), ("loss_high", "ci_low")):
        np.testing.assert_allclose(kept[name], -beside[effect])


def test_verdicts_follow_the_margin(graded):
    transfer, runs = graded
    verdicts = [
        kept_gains(runs, transfer.order, 0.05, margin).groupby("variant")["verdict"].agg(set)
        for margin in (0.001, 0.09, 0.3)
    ]
    assert verdicts[0]["balanced"] == {NOT_TOLD}
    assert verdicts[1]["balanced"] == {WITHIN}
    assert verdicts[0]["wrong_labels"] == {LARGER}
    assert verdicts[2]["wrong_labels"] == {WITHIN}


def test_a_gain_that_grows_is_told():
    transfer = changed_transfer({("balanced", "balanced", None): 0.3}, graded=True)
    runs = list(paired_runs(transfer, transfer.interventions))
    assert set(kept_gains(runs, transfer.order, 0.05, 0.02)["verdict"]) == {GROWS}


def test_only_gains_that_stand_are_asked_about():
    transfer = changed_transfer(CHANGES, gain=0.0)
    runs = list(paired_runs(transfer, transfer.interventions))
    original, _ = original_gains(runs, transfer.order, 0.05)
    assert not original["significant"].any()
    assert kept_gains(runs, transfer.order, 0.05, 0.02).empty


def test_random_updates_are_replicated_by_their_draws(graded):
    transfer, runs = graded
    row = random_updates(runs, transfer.order, 0.05).set_index(["source", "target"]).loc[("b", "c")]
    base, original, first = rows_of(runs, "random_update")
    _, _, second = rows_of(runs, "random_update seed=1")
    draws = np.array([first, second]) - base
    assert (row["draws"], row["seeds"]) == (2, 1)
    assert row["random"] == pytest.approx(draws.mean())
    assert row["beyond"] == pytest.approx((original - (first + second) / 2).mean())
    between = draws.mean(axis=1).var(ddof=1) / 2
    rows = (original - (first + second) / 2).var(ddof=1) / base.size
    half = (t.ppf(0.975, 1) ** 2 * between + t.ppf(0.975, base.size - 1) ** 2 * rows) ** 0.5
    assert row["beyond_high"] - row["beyond_low"] == pytest.approx(2 * half)


def test_of_one_draw_the_share_is_fiellers(graded):
    transfer, runs = graded
    one = [
        type(of)(of.target, of.pairs[keep].reset_index(drop=True), of.changed[keep], of.original[keep], of.base, False)
        for of in runs
        for keep in [(of.pairs["variant"] != "random_update seed=1").to_numpy()]
    ]
    row = random_updates(one, transfer.order, 0.05).set_index(["source", "target"]).loc[("b", "c")]
    base, original, drawn = rows_of(one, "random_update")
    for share in (row["share_low"], row["share_high"]):
        assert ttest_1samp(drawn - base - share * (original - base), 0).pvalue == pytest.approx(0.05)


def test_a_changed_run_that_answers_as_base_keeps_nothing_give_or_take_an_answer():
    """Shares k that a test of x - k y just does not reject, where one more example is won by all and one is lost."""
    transfer = changed_transfer({("wrong_labels", "wrong_labels", None): -0.5}, seeds=1, gain=0.5)
    runs = [
        replace(of, changed=np.tile(of.base, (len(of.pairs), 1)))
        for of in paired_runs(transfer, transfer.interventions)
    ]
    row = kept_gains(runs, transfer.order, 0.05, 0.02).set_index(["source", "target"]).loc[("b", "c")]
    assert row["kept"] == 0
    assert row["kept_low"] < 0 < row["kept_high"] < 0.2
    base, original, _ = rows_of(runs, "wrong_labels")
    both = np.stack([np.zeros(len(base)), original - base])
    n = len(base) + 2
    middle = both.sum(axis=1) / n
    variance = ((both @ both.T + [[2, 1], [1, 2]]) / n - np.outer(middle, middle)) / n
    for share in (row["kept_low"], row["kept_high"]):
        weights = np.array([1, -share])
        assert abs(weights @ middle) == pytest.approx(
            t.ppf(0.975, len(base) - 1) * np.sqrt(weights @ variance @ weights), rel=1e-6
        )


def test_what_is_kept_is_not_told_where_graded_answers_never_differ(graded):
    transfer, runs = graded
    still = [replace(of, changed=of.original) for of in runs]
    table = kept_gains(still, transfer.order, 0.05, 0.02)
    assert len(table)
    assert table[["loss_low", "loss_high", "kept", "kept_low", "kept_high"]].isna().all(axis=None)
    without = [replace(of, changed=np.tile(of.base, (len(of.pairs), 1))) for of in runs]
    updates = random_updates(without, transfer.order, 0.05)
    assert updates["random"].eq(0).all()
    assert updates[["random_low", "share", "share_low", "share_high"]].isna().all(axis=None)
