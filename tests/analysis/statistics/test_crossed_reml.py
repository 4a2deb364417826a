"""Variances of crossed random effects against published estimates of lme4, and against statsmodels.

Penicillin and Pastes are tables 6.6 and 6.5 of Davies and Goldsmith (1972), "Statistical methods in research and
production"; the estimates are those of Bates (2010), "lme4: mixed-effects modeling with R", and of lme4 1.1-31 to more
digits (``lmer(diameter ~ 1 + (1|plate) + (1|sample), Penicillin)`` and the like).
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from crosstask.analysis.statistics.crossed_reml import CrossedVariances, crossed_variances

PENICILLIN = np.array(
    """
    27 23 26 23 23 21
    27 23 26 23 23 21
    25 21 25 24 24 20
    26 23 25 23 23 20
    25 22 26 22 23 20
    24 22 25 23 22 19
    24 20 23 21 22 19
    26 22 26 24 24 21
    24 21 24 22 22 20
    24 21 24 23 22 19
    26 23 26 24 24 21
    25 22 26 24 24 20
    26 24 26 24 25 22
    26 23 26 23 23 20
    26 23 25 24 24 22
    25 22 25 23 23 20
    25 21 24 23 23 20
    25 22 24 23 23 19
    24 21 23 21 21 19
    26 23 26 24 24 21
    25 21 24 22 22 18
    25 22 25 22 22 20
    24 21 24 22 24 19
    24 21 24 22 21 18
    """.split(),
    float,
).reshape(24, 6)
"""Diameters, plates x samples."""
PASTES = np.array(
    """
    62.8 62.6 60.1 62.3 62.7 63.1 60.0 61.4 57.5 56.9 61.1 58.9
    58.7 57.5 63.9 63.1 65.4 63.7 57.1 56.4 56.9 58.6 64.7 64.5
    55.1 55.1 54.7 54.2 58.8 57.5 63.4 64.9 59.3 58.1 60.5 60.0
    62.5 62.6 61.0 58.7 56.9 57.7 59.2 59.4 65.2 66.0 64.8 64.1
    54.8 54.8 64.0 64.0 57.7 56.8 58.3 59.3 59.2 59.2 58.9 56.6
    """.split(),
    float,
).reshape(10, 3, 2)
"""Strengths, batches x casks x assays."""


def standard_deviations(found: CrossedVariances) -> list[float]:
    return np.sqrt([found.rows, found.columns, found.residual]).tolist()


def test_crossed_effects_are_those_that_lme4_publishes():
    plates, samples = np.indices(PENICILLIN.shape)
    found = crossed_variances(PENICILLIN.ravel(), plates.ravel(), samples.ravel())
    assert standard_deviations(found) == pytest.approx([0.84670, 1.93161, 0.54992], rel=1e-4)
    assert found.deviance == pytest.approx(330.860589, abs=1e-5)
    assert found.mean == pytest.approx(22.97222)


def test_with_missing_cells():
    """Every seventh and every fifth of the 144 values, row by row, is left out; lme4 1.1-31 on the rest."""
    plates, samples = np.indices(PENICILLIN.shape)
    number = np.arange(1, 145)
    kept = (number % 7 != 3) & (number % 5 != 1)
    found = crossed_variances(PENICILLIN.ravel()[kept], plates.ravel()[kept], samples.ravel()[kept])
    assert standard_deviations(found) == pytest.approx([0.85157, 1.88339, 0.52801], rel=1e-4)
    assert found.deviance == pytest.approx(238.4250711, abs=1e-5)
    assert found.mean == pytest.approx(22.9908393)


def test_nested_effects_with_several_values_in_a_cell():
    batches, casks, _ = np.indices(PASTES.shape)
    found = crossed_variances(PASTES.ravel(), batches.ravel(), (3 * batches + casks).ravel())
    assert standard_deviations(found) == pytest.approx([1.28736, 2.90408, 0.82341], rel=1e-4)
    assert found.deviance == pytest.approx(246.990746, abs=1e-5)
    assert found.mean == pytest.approx(60.05333)


def test_a_variance_that_is_best_at_0_is_0_whichever_side_is_longer():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(4, 9))
    values += 2 * generator.normal(size=(4, 1)) - values.mean(axis=0)  # columns vary less than by chance
    rows, columns = np.indices(values.shape)
    found = crossed_variances(values.ravel(), rows.ravel(), columns.ravel())
    exchanged = crossed_variances(values.ravel(), columns.ravel(), rows.ravel())
    assert found.columns == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose([found.rows, found.residual], [exchanged.columns, exchanged.residual], rtol=1e-5)


def test_statsmodels_finds_the_same():
    generator = np.random.default_rng(1)
    values = generator.normal(size=(8, 7)) + generator.normal(size=(8, 1)) + 2 * generator.normal(size=7)
    rows, columns = (places.ravel() for places in np.indices(values.shape))
    kept = np.arange(56) % 4 != 1
    frame = pd.DataFrame({"y": values.ravel(), "row": rows, "column": columns, "all": 1})[kept]
    of = {"row": "0 + C(row)", "column": "0 + C(column)"}
    fit = smf.mixedlm("y ~ 1", frame, groups="all", vc_formula=of).fit(reml=True)
    found = crossed_variances(frame["y"], frame["row"], frame["column"])
    named = dict(zip(fit.model.exog_vc.names, fit.vcomp, strict=True))
    expected = [named["row"], named["column"], fit.scale]
    assert [found.rows, found.columns, found.residual] == pytest.approx(expected, rel=1e-3)


def test_effects_beside_which_the_rest_is_next_to_nothing():
    rows, columns = np.indices((9, 7))
    values = 3.0 * (rows % 3) + 2.0 * columns + 0.02 * np.random.default_rng(2).normal(size=(9, 7))
    found = crossed_variances(values.ravel(), rows.ravel(), columns.ravel())
    assert found.residual == pytest.approx(0.02**2, rel=0.4)
    assert found.rows == pytest.approx(np.var([0, 3, 6] * 3, ddof=1), rel=0.02)
    assert found.columns == pytest.approx(np.var(2.0 * np.arange(7), ddof=1), rel=0.02)


def test_without_any_rest_there_is_nothing_to_fail_on():
    rows, columns = np.indices((9, 7))
    found = crossed_variances((3.0 * rows + columns).ravel(), rows.ravel(), columns.ravel())
    assert 0 <= found.residual < 1e-3
    same = crossed_variances(np.ones(63), rows.ravel(), columns.ravel())
    assert same.rows + same.columns + same.residual < 1e-12
