"""What the section says, and its numbers by other routes."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from crosstask.analysis.ability_tests.columns import ABILITY_TESTS, WITHIN
from crosstask.analysis.ability_tests.declared import declared_abilities
from crosstask.analysis.ability_tests.options import Options
from crosstask.analysis.ability_tests.results import ability_tests, confirmation
from crosstask.analysis.ability_tests.section import Section, abilities_hash
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.multiple_testing import holm
from crosstask.analysis.transfer import Transfer
from tests.simulation.planted_gains import PlantedGains


def transfer_of(planted: PlantedGains, seed: int = 0, stderr: float = 0.01, **abilities: str) -> Transfer:
    """Scores of a planted matrix, a hundredth of its unit each, over a base model of 0.4."""
    gains = planted.draw(np.random.default_rng(seed)) / 100
    scores = pd.concat([pd.DataFrame(0.0, ["base"], gains.columns), gains]) + 0.4
    table = scores.rename_axis("source").reset_index().melt("source", var_name="target", value_name="score")
    table = table.assign(seed=pd.NA, metric="m", stderr=stderr, n=pd.NA).astype({"seed": "Int64", "n": "Int64"})
    return Transfer(table, Conventions(abilities=planted.declared | abilities))


def test_planted_abilities_are_found_and_said():
    found = Section(Options(relabelings=999))(transfer_of(PlantedGains(20, 10, communality=0.65)))
    together, within, residuals = found.lines
    assert together.startswith("Targets of one declared ability go together across sources (mean correlation +0.")
    assert within.startswith("Sources gain on targets of their own ability beyond donor and recipient (difference +")
    assert residuals.startswith("Mean residual within an ability (percentage points): ability 0 +")
    (note,) = found.notes
    assert "ability 0: t0, t3, t6, t9; ability 1: t1, t4, t7; ability 2: t2, t5, t8" in note
    tests, table = (table.frame for table in found.tables)
    assert tests.columns.tolist() == column_names(ABILITY_TESTS)
    assert table.columns.tolist() == column_names(WITHIN)
    assert tests["significant"].tolist() == [True, True]
    assert tests["relabelings"].tolist() == [1000, 1000]


def test_names_that_mean_nothing_are_said_not_to_be_shown():
    found = Section(Options(relabelings=999))(transfer_of(PlantedGains()))
    assert found.lines[0].startswith("Targets of one declared ability are not shown to go together across sources (")
    assert found.lines[1].startswith("Sources are not shown to gain on targets of their own ability beyond")


def test_a_design_in_which_no_p_is_small_enough_says_so_and_is_not_significant():
    found = Section(Options())(transfer_of(PlantedGains(5, 5, communality=0.65)))
    assert found.lines[0] == (
        "With these abilities no result could tell whether targets of one ability go together: no p below 0.067 is"
        " possible"
    )
    assert found.lines[1].startswith("With these abilities no result could tell whether sources gain within their")
    tests = found.tables[0].frame
    assert tests["significant"].isna().all()
    assert tests["p"].notna().all()


def test_without_abilities_nothing_is_tested():
    found = Section(Options())(Transfer(transfer_of(PlantedGains(4, 4)).scores, Conventions()))
    assert found.notes == ("no abilities are declared, so none is tested; analysis.abilities={task: ability}",)
    assert not found.tables
    assert not found.lines


def test_with_one_task_of_each_ability_there_is_nothing_to_go_together():
    planted = PlantedGains(4, 4, abilities=4)
    found = Section(Options())(transfer_of(planted))
    assert found.lines == (
        "Whether targets of one ability go together cannot be told: it takes three targets that share sources,"
        " two of them of one ability",
        "Whether sources gain within their ability cannot be told: it takes cells within an ability and others",
    )
    assert found.tables[0].frame["p"].isna().all()
    assert not found.tables[1].is_written


def test_without_residuals_there_is_a_note():
    scores = transfer_of(PlantedGains(2, 2)).scores
    found = Section(Options())(Transfer(scores, Conventions(abilities={"t0": "a", "t1": "a"})))
    (note,) = found.notes
    assert note.startswith("abilities not tested: ")
    assert not found.tables


def test_the_mean_residual_within_an_ability_has_the_error_of_a_weighted_sum():
    transfer = transfer_of(PlantedGains(6, 7))
    table = ability_tests(transfer, 99).within.set_index("ability")
    left = transfer.gains - transfer.additive.fitted(transfer.additive.effects(transfer.gains.to_numpy()))
    for number in range(3):
        cells = [(i, t) for i in range(6) for t in range(7) if i % 3 == t % 3 == number and f"t{i}" != f"t{t}"]
        row = table.loc[f"ability {number}"]
        assert row["cells"] == len(cells)
        assert row["residual"] == pytest.approx(np.mean([left.iloc[cell] for cell in cells]))
        # every score has the same error, so the variance of the mean is the sum of squares of its weights on scores
        basis = np.eye(42).reshape(42, 6, 7)
        model = transfer.additive
        residuals = basis - model.fitted(model.effects(basis))
        weights = np.array([np.mean([one[cell] for cell in cells]) for one in residuals]).reshape(6, 7)
        variance = 0.01**2 * ((weights**2).sum() + (weights.sum(axis=0) ** 2).sum())
        assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(1.959964 * variance**0.5, rel=1e-4)


def test_a_table_names_abilities_and_their_hash_is_that_of_the_lines():
    abilities = {"imdb": "sentiment", "goat": "arithmetic"}
    assert abilities_hash(abilities) == abilities_hash(dict(reversed(abilities.items())))
    assert abilities_hash(abilities) != abilities_hash(abilities | {"goat": "reasoning"})
    assert abilities_hash(abilities) == "1cf99e0f"  # printf 'goat=arithmetic\nimdb=sentiment' | sha256sum


def test_holm_is_statsmodels():
    p = pd.Series([0.02, 0.5, 0.001, np.nan, 0.04, 0.03])
    expected = multipletests(p.dropna(), method="holm")[1]
    assert holm(p).dropna().to_numpy() == pytest.approx(expected)
    assert holm(p).isna().tolist() == p.isna().tolist()


def test_a_p_that_is_too_large_for_two_questions_is_no_answer():
    found = Section(Options())(transfer_of(PlantedGains(8, 8, abilities=2, communality=0.9)))
    assert found.tables[0].frame["smallest_p"].tolist() == pytest.approx([2 / 70] * 2)
    assert found.tables[0].frame["significant"].isna().all()
    assert found.lines[0].endswith("no p below 0.029 is possible, too large for two questions")


def test_a_question_without_an_answer_costs_the_other_nothing():
    tests = Section(Options(relabelings=999))(transfer_of(PlantedGains(30, 6, communality=0.9))).tables[0].frame
    assert tests["significant"].isna().tolist() == [True, False]
    assert tests["p_adjusted"].isna().tolist() == [True, False]
    assert tests["p_adjusted"].iloc[1] == tests["p"].iloc[1]


def test_mixtures_take_no_part():
    transfer = transfer_of(PlantedGains(8, 6))
    mixed = transfer.scores[transfer.scores["source"] == "t7"].assign(source="t0+t3")
    mixed["score"] += 0.3 * mixed["target"].isin(["t0", "t3"])
    both = Transfer(pd.concat([transfer.scores, mixed], ignore_index=True), transfer.conventions)
    alone, beside = ability_tests(transfer, 99), ability_tests(both, 99)
    pd.testing.assert_frame_equal(alone.tests, beside.tests)
    pd.testing.assert_frame_equal(alone.within, beside.within)


def test_one_ability_for_all_has_no_residual_that_is_not_rounding():
    found = Section(Options())(transfer_of(PlantedGains(6, 6, abilities=1)))
    assert found.tables[1].frame.empty
    assert "cannot be told: it takes cells within an ability and others" in found.lines[1]


def test_no_relabeling_has_other_numbers_of_cells():
    """Few sources, each at home among many targets: exchanged with targets alone, they would be."""
    rates = []
    for seed in range(150):
        gains = PlantedGains(4, 12).draw(np.random.default_rng(seed))
        abilities = {f"t{place}": f"a{min(place, 4)}" for place in range(12)} | {"t11": "a0"}
        declared = declared_abilities(gains, TaskOrder(), abilities)
        used = ~np.eye(4, 12, dtype=bool)
        tests = confirmation(gains.to_numpy(), additive_model(used), declared, 199, 0.05, np.random.default_rng(seed))
        rates.append(tests["p"].iloc[1] <= 0.05)
    assert np.mean(rates) <= 0.1  # 0.38 where the tasks are one stratum


def test_a_source_without_an_ability_takes_no_part():
    planted = PlantedGains(12, 12, abilities=3, communality=0.5)
    whole = transfer_of(planted)
    scores = whole.scores
    added = scores[scores["source"] == "t0"].assign(source="alien", score=lambda table: 3 * table["score"] + 1)
    more = Transfer(pd.concat([scores, added]), whole.conventions)
    assert Section(Options())(more).lines == Section(Options())(whole).lines


def levels(ability: int) -> np.ndarray:
    """Scores of donors alone that take shares of the headroom or of what is there; each ability has a base level."""
    rng = np.random.default_rng(ability)
    base = np.clip(np.array([0.25, 0.55, 0.88])[np.arange(12) % 3] + 0.04 * rng.normal(size=12), 0.05, 0.97)
    donors = 0.3 * rng.normal(size=(12, 1)) + 0.1
    moved = np.where(donors > 0, base + np.minimum(donors, 1) * (1 - base), base + np.maximum(donors, -1) * base)
    return np.vstack([base, np.clip(moved + 0.03 * rng.normal(size=(12, 12)), 0, 1)])


def test_abilities_that_are_levels_near_a_ceiling_are_called_so():
    names = [f"t{place}" for place in range(12)]
    abilities = {name: f"ability {place % 3}" for place, name in enumerate(names)}
    said = []
    for draw in range(6):
        scores = pd.DataFrame(levels(draw), ["base", *names], names).rename_axis("source").reset_index()
        table = scores.melt("source", var_name="target", value_name="score")
        table = table.assign(seed=pd.NA, metric="m", stderr=0.01, n=pd.NA).astype({"seed": "Int64", "n": "Int64"})
        said.append(Section(Options(relabelings=499))(Transfer(table, Conventions(abilities=abilities))).lines[0])
    found = [line for line in said if line.startswith("Targets of one declared ability go together across sources (")]
    assert len(found) >= 5
    assert sum("near to a ceiling or a floor may be all it is" in line for line in found) >= 4
