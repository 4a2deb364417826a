"""Residuals of gains: which cells take part, and what is placed afterwards."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.residuals import residuals
from crosstask.analysis.traits.components import principal_components
from crosstask.errors import UserError

NAMES = [f"t{place}" for place in range(8)]
HOME = pd.DataFrame(np.eye(8, dtype=bool), NAMES, NAMES)


def scores(seed: int = 0) -> pd.DataFrame:
    """Base and eight sources on their own tasks, without anything in common."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=8)
    return pd.DataFrame(base + np.vstack([np.zeros(8), rng.normal(size=(8, 8))]), ["base", *NAMES], NAMES)


def test_recipients_levels_and_home_cells_change_nothing():
    matrix, rng = scores(), np.random.default_rng(1)
    other = matrix + rng.normal(size=8)
    other.iloc[1:] += rng.normal(size=8) + 50 * np.eye(8)
    found, again = residuals(matrix, HOME), residuals(other, HOME)
    assert again.standardized == pytest.approx(found.standardized, abs=1e-6)
    assert (found.standardized[np.eye(8, dtype=bool)] == 0).all()


def test_the_base_model_is_placed_where_a_source_that_changes_nothing_would_be():
    matrix = scores()
    idle = matrix.copy()
    idle.loc["t3"] = idle.loc["base"] + 1e-9 * idle.loc["t3"]
    placed = principal_components(residuals(matrix, HOME)).traits
    assert placed.index.tolist() == ["base", *NAMES]
    data = residuals(idle, HOME)
    of_base, of_idle = data.standardize_with_projected(
        data.values.to_numpy(float), np.array([idle.loc["base"] * 0, idle.loc["t3"] - idle.loc["base"]])
    )[1]
    assert of_base == pytest.approx(of_idle, abs=1e-6)


def test_projecting_a_row_that_takes_part_gives_its_own_traits():
    matrix = scores()
    nowhere = pd.DataFrame(False, NAMES, NAMES)
    data = residuals(matrix, nowhere)
    gains = data.values.to_numpy(float)
    # In the spread of its own row, which a projected row does not have.
    again = data.standardize_with_projected(gains, gains)[1] / data.fit.rows[:, None]
    assert again == pytest.approx(data.standardized, abs=0.02)


def test_without_a_base_model_the_scores_will_do():
    matrix = scores()
    found = residuals(matrix.iloc[1:], HOME)
    assert found.standardized == pytest.approx(residuals(matrix, HOME).standardized, abs=1e-6)
    assert found.projected.empty


def test_a_twin_is_projected_and_its_home_takes_no_part():
    found = residuals(scores(), HOME, counted_with={"t5": "t2"})
    assert found.values.index.tolist() == [name for name in NAMES if name != "t5"]
    assert found.projected.index.tolist() == ["base", "t5"]
    assert found.values.loc["t2"].isna().tolist() == [name in ("t2", "t5") for name in NAMES]
    assert found.incomplete_sources == ()
    traits = principal_components(found).traits
    assert traits.index.tolist() == ["base", *NAMES]
    assert traits.notna().all(axis=None)


def test_what_has_too_few_scores_or_never_varies_is_left_out_and_named():
    matrix = scores()
    matrix.loc["t1", NAMES[2:7]] = np.nan
    matrix.loc[NAMES[2:7], "t0"] = np.nan
    matrix["t6"] = 0.5
    found = residuals(matrix, HOME)
    assert (found.incomplete_sources, found.unscored_targets, found.constant_targets) == (("t1",), ("t0",), ("t6",))
    assert found.values.shape == (7, 6)


def test_a_single_missing_score_leaves_its_source_in():
    matrix = scores()
    matrix.loc["t1", "t4"] = np.nan
    found = residuals(matrix, HOME)
    assert found.values.shape == (8, 8)
    assert found.standardized[1, 4] == 0


def test_eigenvalues_sum_to_the_number_of_targets():
    assert principal_components(residuals(scores(), HOME)).variance["eigenvalue"].sum() == pytest.approx(8, rel=1e-3)


def test_seeds_are_compared_besides_a_donor_of_each():
    matrix = scores()
    apart = pd.DataFrame([matrix.loc["t1"], matrix.loc["t1"]], ["t1", "t1"])
    apart += np.array([1.0, -1.0])[:, None] * np.arange(8)
    data = residuals(matrix, HOME, apart)
    effects = data.fit.effects
    weights = np.where(HOME.loc["t1"], 0, effects.weights)
    weights = weights / weights.sum()
    donor = weights @ np.arange(8)
    expected = (np.arange(8) - donor * (1 + effects.slopes)) / data.fit.spreads[1]
    assert data.runs(1) == pytest.approx(np.array([expected, -expected]))
    assert data.runs(0).shape == (0, 8)


@pytest.mark.parametrize(("rows", "columns"), [(2, 8), (8, 2)])
def test_too_small_a_matrix_is_refused(rows, columns):
    matrix = scores().iloc[: rows + 1, :columns]
    message = (
        f"^they need 3 sources and 3 targets, .* {rows} of {rows} sources and {columns} of {columns} targets have such$"
    )
    with pytest.raises(UserError, match=message):
        residuals(matrix, pd.DataFrame(False, matrix.index, matrix.columns))
