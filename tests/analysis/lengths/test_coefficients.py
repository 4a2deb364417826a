"""Coefficients of cells and over cells: by other routes, where they are planted and where they are not."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import brentq
from scipy.stats import t

from crosstask.analysis.lengths.carryover import carryover
from crosstask.analysis.lengths.interpolation import interpolation
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from tests.simulation.lengths import CARRIED, CELLS, DISTANCES, Carried, simulate_carried, simulate_cells


def test_the_interval_has_the_coefficients_that_a_paired_test_does_not_reject():
    answers, sources = CELLS["distance 0.5"].draw(np.random.default_rng(0))
    matrix = pd.DataFrame(index=["base", *sources], columns=["target"], dtype=float)
    found = interpolation(GainEvidence(means_of_answers(answers, matrix), "base"), sources, 0.05)
    values = answers.targets["target"].scores.astype(float)
    base, tuned, source = values[0], values[2], sources["s1"]

    def excess(coefficient: float) -> float:
        rest = tuned - (1 - coefficient) * base
        distance = rest.mean() - coefficient * source.mean()
        error = (rest.var(ddof=1) / len(rest) + coefficient**2 * source.var(ddof=1) / len(source)) ** 0.5
        return float(abs(distance) - t.isf(0.025, len(rest) - 1) * error)

    shift = (tuned.mean() - base.mean()) / (source.mean() - base.mean())
    assert found["coefficient"][1, 0] == pytest.approx(shift, rel=1e-5)
    assert found["ci_low"][1, 0] == pytest.approx(brentq(excess, -2, shift), rel=1e-4)
    assert found["ci_high"][1, 0] == pytest.approx(brentq(excess, shift, 4), rel=1e-4)


def test_lengths_that_agree_give_no_coefficient_and_intervals_mostly_hold_it():
    assert simulate_cells(CELLS["distance 0"], 5)["told"] == 0
    found = simulate_cells(CELLS["distance 1, 3 seeds"], 15)
    assert found["told"] == 1
    assert found["told covers"] >= 0.85
    assert found["nearer covers"] >= 0.85
    assert found["found"] >= 0.9


def test_the_slope_of_a_full_matrix_is_that_of_least_squares_with_an_effect_of_each_target():
    frame, sources, base = Carried(0.3).draw(np.random.default_rng(1))
    frame = frame.fillna(4.0)
    table = carryover(frame, sources, base, 999, 0.05, np.random.default_rng(0)).set_index("term")
    long = frame.rename_axis("source").reset_index().melt("source", var_name="target", value_name="log")
    fit = smf.ols("log ~ C(target) + length", long.assign(length=long["source"].map(sources))).fit()
    assert table.loc["source", "coefficient"] == pytest.approx(fit.params["length"])
    effects = frame.sub(frame.mean()).mean(axis=1)
    by_source = smf.ols("effect ~ length", pd.DataFrame({"effect": effects, "length": pd.Series(sources)})).fit()
    limits = table.loc["source", ["ci_low", "ci_high"]].tolist()
    assert limits == pytest.approx(by_source.conf_int().loc["length"].tolist())
    of_base = smf.ols("mean ~ base", pd.DataFrame({"mean": frame.mean(), "base": base})).fit()
    assert table.loc["base", "coefficient"] == pytest.approx(of_base.params["base"])
    assert table.loc["source", ["number", "cells"]].tolist() == [10, 60]


def test_few_sources_or_sources_alike_have_no_slope():
    frame, sources, base = Carried(0.3).draw(np.random.default_rng(1))
    generator = np.random.default_rng(0)
    assert carryover(frame, dict(list(sources.items())[:3]), base, 999, 0.05, generator).empty
    assert carryover(frame, dict.fromkeys(sources, 2.0), base, 999, 0.05, generator).empty
    assert carryover(frame, sources, None, 999, 0.05, generator)["term"].tolist() == ["source"]


def test_one_target_is_enough_and_parts_without_a_cell_in_common_have_none():
    frame, sources, base = Carried(0.3).draw(np.random.default_rng(1))
    generator = np.random.default_rng(0)
    one = carryover(frame[["t1"]], sources, base, 999, 0.05, generator).iloc[0]
    known = frame["t1"].dropna()
    assert one["coefficient"] == pytest.approx(np.polyfit([sources[name] for name in known.index], known, 1)[0])
    apart = frame[["t4", "t5"]].copy()
    apart.iloc[:5, 0] = np.nan
    apart.iloc[5:, 1] = np.nan
    assert carryover(apart, sources, base, 999, 0.05, generator).empty


def test_what_is_not_carried_over_is_seldom_found_though_base_stands_on_both_sides():
    found = simulate_carried(CARRIED["nothing carried over"], 40)
    assert found["found"] <= 0.15
    assert found["covers"] >= 0.85
    assert simulate_carried(CARRIED["30 %, 20 sources"], 20)["found"] >= 0.7


@pytest.mark.parametrize("name", ["distance 0.2, 3 seeds", "distance 0, 3 seeds", "distance 1, all of it"])
def test_the_interval_of_nearer_is_always_there_and_holds_it(name: str):
    found = simulate_cells(CELLS[name], 15)
    assert found["nearer told"] == 1
    assert found["nearer covers"] >= 0.9


@pytest.mark.simulation
@pytest.mark.parametrize("seeds", ["", ", 3 seeds"])
@pytest.mark.parametrize("distance", DISTANCES)
def test_fiellers_interval_holds_the_coefficient(distance: float, seeds: str):
    draws = 60
    found = simulate_cells(CELLS[f"distance {distance:g}{seeds}"], draws, seed=1)
    least = 0.93 - 2.576 * (0.05 * 0.95 / draws) ** 0.5
    assert found["covers"] >= least
    assert found["nearer covers"] >= least
    assert found["nearer told"] == 1


@pytest.mark.simulation
@pytest.mark.parametrize("name", CARRIED)
def test_the_slope_over_cells_has_its_size_and_coverage(name: str):
    draws = 500
    found = simulate_carried(CARRIED[name], draws, seed=1)
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5
    assert 0.93 - margin <= found["covers"] <= 0.97 + margin
    if CARRIED[name].coefficient == 0:
        assert 0.035 - margin <= found["found"] <= 0.065 + margin
