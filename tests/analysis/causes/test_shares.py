"""Shares of the variance: known truth, and intervals by the formulas of one-way analysis of variance."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2
from scipy.stats import f as fisher

from crosstask.analysis.causes.shares import variance_shares
from tests.simulation.causes import World


def test_shares_are_those_that_were_planted():
    world = World(150, 120, effect=0.0, donors=3.0, pairs=4.0)
    units = world.draw(np.random.default_rng(0))
    table = variance_shares(units, True, 0.05).set_index("part")
    assert table["sd"].to_dict() == pytest.approx({"source": 3, "target": 3, "pair": 4}, rel=0.15)
    assert table["share"].sum() == pytest.approx(1)
    assert ((table["ci_low"] < table["sd"]) & (table["sd"] < table["ci_high"])).all()


def test_noise_is_taken_off_what_is_particular_to_pairs():
    units = World(20, 20).draw(np.random.default_rng(1))
    noisy = replace(units, noise=np.full(units.noise.shape, 4.0))
    plain, less = (variance_shares(of, True, 0.05).set_index("part")["variance"] for of in (units, noisy))
    assert less["noise"] == 4.0
    assert less["pair"] + 4.0 == pytest.approx(plain["pair"])
    all_noise = replace(units, noise=np.full(units.noise.shape, 1e6))
    drowned = variance_shares(all_noise, True, 0.05).set_index("part")["variance"]
    assert drowned["pair"] == 0
    assert drowned["noise"] == pytest.approx(plain["pair"])


def test_without_a_base_model_there_are_no_recipients():
    units = World().draw(np.random.default_rng(2))
    assert list(variance_shares(units, False, 0.05)["part"]) == ["source", "pair"]


def test_the_interval_of_a_full_matrix_is_that_of_tukey_and_williams():
    units = World(8, 6).draw(np.random.default_rng(3))
    units = replace(units, gains=units.gains.fillna(0.0), home=np.zeros((8, 6), bool))
    gains = units.gains.to_numpy()
    donors = gains.mean(axis=1) - gains.mean()
    left = gains - gains.mean(axis=1, keepdims=True) - gains.mean(axis=0) + gains.mean()
    # The residual is that of the likelihood: in a full matrix with effects above chance the mean square.
    residual = (left**2).sum() / 35
    ratio = 6 * (donors**2).sum() / 7 / residual
    expected = [
        (donors**2).sum() * (1 - fisher.ppf(level, 7, 35) / ratio) / chi2.ppf(level, 7) for level in (0.975, 0.025)
    ]
    row = variance_shares(units, True, 0.05).iloc[0]
    np.testing.assert_allclose(np.square([row["ci_low"], row["ci_high"]]), np.maximum(expected, 0), rtol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_limits_reach_0_where_sources_do_not_differ(seed: int):
    units = World(10, 10, effect=0.0, donors=0.0).draw(np.random.default_rng(seed))
    assert variance_shares(units, True, 0.05).iloc[0]["ci_low"] == 0


@pytest.mark.parametrize("gain", [0.0, 0.1])
def test_equal_gains_have_no_variance_to_share(gain: float):
    units = World().draw(np.random.default_rng(4))
    table = variance_shares(replace(units, gains=units.gains * 0 + gain), True, 0.05)
    assert table["variance"].eq(0).all()
    assert table["share"].isna().all()
