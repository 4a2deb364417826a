"""Do adapters lean towards labels that were frequent in their training rows?"""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.class_shift.carry_over import carry_over
from crosstask.analysis.class_shift.training_shares import training_shares

SHARES = {f"s{number}": {"0": share, "1": 1 - share} for number, share in enumerate([0.2, 0.35, 0.5, 0.65, 0.8])}
OTHERS = {"goat": {"yes": 0.3, "no": 0.7}}


def shifts(slope: float, noise: float, generator: np.random.Generator, targets: int = 3) -> pd.DataFrame:
    """Shifts that are a multiple of the logarithm of training shares, and noise; all sources lean to label 1 by 1."""
    rows = []
    for source, of_source in (SHARES | OTHERS).items():
        for target in range(targets):
            lean = (
                1.0 + noise * generator.normal() + slope * np.log(of_source.get("1", 0.5) / of_source.get("0", 0.5)) / 2
            )
            rows += [(source, f"t{target}", "0", -lean), (source, f"t{target}", "1", lean)]
    return pd.DataFrame(rows, columns=["source", "target", "label", "value"])


def test_a_planted_slope_is_found_and_what_all_sources_do_is_none():
    found = carry_over(
        shifts(0.6, 0.01, np.random.default_rng(0)), SHARES | OTHERS, 0.05, 4999, np.random.default_rng(1)
    )
    assert found.slope == pytest.approx(0.6, abs=0.02)
    assert found.ci_low < 0.6 < found.ci_high
    assert (found.relabelings, found.sources, found.cells) == (120, 5, 15)
    # The shares are symmetric: turned round, they give the same distance from 0.
    assert found.p == pytest.approx(2 / 120)


def test_slope_and_p_are_those_of_a_regression_with_its_relabelings():
    table = shifts(0.3, 0.5, np.random.default_rng(3))
    found = carry_over(table, SHARES | OTHERS, 0.05, 4999, np.random.default_rng(1))
    lean = table[(table["label"] == "1") & table["source"].isin(list(SHARES))].pivot(index="source", columns="target")
    y = lean["value"].to_numpy() - lean["value"].to_numpy().mean(axis=0)
    x = np.array([np.log(of["1"] / of["0"]) / 2 for of in SHARES.values()])
    assert found.slope == pytest.approx((y.mean(axis=1) @ x) / (x @ x))
    products = np.array([y.sum(axis=1) @ x[list(order)] for order in permutations(range(5))])
    assert found.p == pytest.approx((np.abs(products) >= abs(products[0]) - 1e-9).mean())


def test_the_interval_has_the_slopes_that_are_not_rejected():
    table = shifts(0.3, 0.2, np.random.default_rng(5))
    found = carry_over(table, SHARES, 0.05, 4999, np.random.default_rng(1))
    for limit, side in ((found.ci_low, -1), (found.ci_high, 1)):
        for distance, rejected in ((0.01, True), (-0.01, False)):
            slope = limit + side * distance
            less = table.assign(
                value=[
                    value - slope * np.log(SHARES[source][label] / np.prod(list(SHARES[source].values())) ** 0.5)
                    if source in SHARES
                    else value
                    for source, label, value in zip(table["source"], table["label"], table["value"], strict=True)
                ]
            )
            assert (carry_over(less, SHARES, 0.05, 4999, np.random.default_rng(1)).p <= 0.05) == rejected


@pytest.mark.parametrize("draw", range(30))
def test_the_interval_is_that_of_trying_every_slope(draw: int):
    generator = np.random.default_rng(draw)
    table = shifts(generator.choice([0.0, 0.7]), 0.4, generator, targets=2)
    cells = table["source"] + table["target"]
    # A lacking cell makes the training shares that another assignment gives to a target spread farther.
    lacking = generator.choice(cells.unique(), 3, replace=False)
    table = table[~cells.isin(lacking) & table["source"].isin(list(SHARES)[: 4 + draw % 2])]
    found = carry_over(table, SHARES, 0.1, 4999, np.random.default_rng(1))
    lean = (
        table[table["label"] == "1"]
        .pivot(index="source", columns="target", values="value")
        .reindex([source for source in SHARES if source in set(table["source"])])
    )
    x = np.array([np.log(SHARES[source]["1"] / SHARES[source]["0"]) / 2 for source in lean.index])
    y = (lean - lean.mean()).fillna(0).to_numpy()
    own = np.where(lean.notna(), x[:, None], np.nan)
    own = np.nan_to_num(own - np.nanmean(own, axis=0))
    orders = np.array(list(permutations(range(len(x)))))
    of_y, of_x = (np.einsum("it,pi->p", values, x[orders]) for values in (y, own))
    slopes = found.slope + np.concatenate([-np.geomspace(1e4, 1e-4, 2000), np.geomspace(1e-4, 1e4, 2000)])
    distance = np.abs(of_y - slopes[:, None] * of_x)
    kept = (distance >= distance[:, :1] * (1 - 1e-9)).mean(axis=1) > 0.1
    for limit, far, nearest in (
        (found.ci_low, kept[0], slopes[kept].min()),
        (found.ci_high, kept[-1], slopes[kept].max()),
    ):
        assert np.isnan(limit) if far else limit == pytest.approx(nearest, rel=0.02, abs=0.02)


def test_sources_with_about_the_same_training_shares_do_not_make_the_interval_long():
    alike = {"w0": {"yes": 0.50, "no": 0.50}, "w1": {"yes": 0.51, "no": 0.49}}
    rows = [(source, "u", label, generator) for source in alike for label, generator in (("yes", 0.9), ("no", -0.9))]
    rows[0] = ("w0", "u", "yes", 5.0)
    table = shifts(0.3, 0.2, np.random.default_rng(5))
    both = pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)
    found = carry_over(both, SHARES | alike, 0.05, 4999, np.random.default_rng(1))
    assert found == carry_over(table, SHARES, 0.05, 4999, np.random.default_rng(1))
    assert (found.sources, found.relabelings) == (5, 120)


def test_without_shared_labels_or_with_one_source_it_is_not_defined():
    nothing = carry_over(shifts(0.6, 0.1, np.random.default_rng(0)), OTHERS, 0.05, 99, np.random.default_rng(0))
    assert np.isnan([nothing.slope, nothing.p]).all()
    assert (nothing.sources, nothing.cells) == (0, 0)
    alike = {name: {"0": 0.5, "1": 0.5} for name in SHARES}
    even = carry_over(shifts(0.6, 0.1, np.random.default_rng(0)), alike, 0.05, 99, np.random.default_rng(0))
    assert np.isnan([even.slope, even.ci_low, even.p]).all()
    assert even.cells == 15


def test_without_carry_over_p_values_are_uniform():
    draws = [
        carry_over(
            shifts(0.0, 0.5, np.random.default_rng(draw), targets=1), SHARES, 0.05, 4999, np.random.default_rng(0)
        ).p
        for draw in range(120)
    ]
    assert 0.008 <= np.mean(np.array(draws) <= 0.05) <= 0.11  # 99 % of 120 draws at 5 %


def test_lots_with_other_label_strings_are_relabeled_within_themselves():
    numbers, words = (
        SHARES,
        {f"w{place}": {"yes": share, "no": 1 - share} for place, share in enumerate((0.2, 0.4, 0.7))},
    )
    rows = [
        (source, target, label, 0.8 * (np.log(share) - np.log(list(of.values())).mean()))
        for lot, target in ((numbers, "t"), (words, "u"))
        for source, of in lot.items()
        for label, share in of.items()
    ]
    table = pd.DataFrame(rows, columns=["source", "target", "label", "value"])
    found = carry_over(table, numbers | words, 0.05, 4999, np.random.default_rng(0))
    assert found.slope == pytest.approx(0.8)
    assert (found.sources, found.cells, found.relabelings) == (8, 8, 120 * 6)


def test_many_sources_are_relabeled_at_random():
    many = {f"s{number}": {"0": 0.1 + 0.05 * number, "1": 0.9 - 0.05 * number} for number in range(12)}
    table = pd.DataFrame(
        [
            (source, "t", label, sign * np.log(of["1"] / of["0"]) / 2)
            for source, of in many.items()
            for label, sign in (("0", -1), ("1", 1))
        ],
        columns=["source", "target", "label", "value"],
    )
    found = carry_over(table, many, 0.05, 999, np.random.default_rng(0))
    assert (found.relabelings, found.p, round(found.slope, 9)) == (1000, 0.001, 1.0)


def test_training_shares_come_from_the_profiles_of_sources():
    names = ["role", "name", "kind", "feature", "value"]
    rows = [
        ("source", "imdb", "rows", "rows", 99.0),
        ("source", "imdb", "label", "0", 0.5),
        ("source", "imdb", "label", "1", 0.5),
        ("target", "imdb", "label", "0", 1.0),
        ("source", "gsm8k", "rows", "rows", 99.0),
    ]
    found = training_shares(pd.DataFrame(rows, columns=names))
    assert found == {"imdb": {"0": 0.5, "1": 0.5}}
    assert training_shares(None) == {}
