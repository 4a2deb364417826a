"""Traits that come back over base models, seeds or settings."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.options import Options
from crosstask.analysis.traits.replication.columns import REPLICATION, REPLICATION_LOADINGS
from crosstask.analysis.traits.replication.consensus import consensus
from crosstask.analysis.traits.replication.masked_components import left_by_components, masked_components
from crosstask.analysis.traits.replication.replicates import Replicates, replicates
from crosstask.analysis.traits.replication.results import Replication, replication
from crosstask.analysis.traits.section import Section
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError

NAMES = [f"t{place}" for place in range(10)]
USED = ~np.eye(10, dtype=bool)


def scores(models: int = 5, traits: int = 1, noise: float = 0.8, seed: int = 0, prefix: str = "m") -> pd.DataFrame:
    """Ten sources on ten targets under each model, of a level of its own, with donors and high cells at home."""
    rng = np.random.default_rng(seed)
    u, v = (np.linalg.qr(rng.normal(size=(10, 3)) - 0.0)[0] for _ in range(2))
    signal = sum(10 * np.outer(u[:, place], v[:, place]) for place in range(traits)) if traits else np.zeros((10, 10))
    rows = []
    for model in range(models):
        base = rng.normal(size=10) + 5 * rng.normal()
        gains = signal * 0.6 + noise * rng.normal(size=(10, 10)) + rng.normal(size=(10, 1)) + 4 * np.eye(10)
        for source, row in zip(["base", *NAMES], np.vstack([base, base + gains]), strict=True):
            seeds = None if source == "base" else 0
            rows += [
                (source, target, seeds, "acc", value, f"{prefix}{model}")
                for target, value in zip(NAMES, row, strict=True)
            ]
    table = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "model"])
    return table.assign(stderr=np.nan, n=100).astype({"seed": "Int64"})


def found(table: pd.DataFrame, rows: tuple[str, ...] = ("source", "model")) -> Replicates:
    """Its replicates."""
    several = replicates(table, TaskOrder(), rows)
    assert several is not None
    return several


@pytest.fixture(scope="module")
def one_trait() -> Replication:
    """Five models with one trait in common."""
    return replication(found(scores()), {"t0": "even", "t2": "even"}, 0.05)


@pytest.mark.parametrize("traits", [0, 1, 2])
def test_what_models_have_in_common_is_counted(traits):
    result = consensus(found(scores(traits=traits)), 199, 0.05)
    assert result.retained == traits
    assert len(result.steps) == traits + 1
    assert [step.p <= 0.05 for step in result.steps] == [True] * traits + [False]


def test_levels_and_home_cells_are_no_part_of_it():
    table, rng = scores(), np.random.default_rng(3)
    level = dict(zip([f"m{place}" for place in range(5)], 20 * rng.normal(size=5), strict=True))
    other = table.assign(score=table["score"] + table["model"].map(level))
    other.loc[other["source"] == other["target"], "score"] += 100
    assert found(other).values == pytest.approx(found(table).values, abs=1e-6)


def test_donors_are_no_part_of_it_however_targets_respond():
    """Three targets respond by a twentieth of what the others do, to all; of eight tables one may err."""
    assert sum(consensus(found(low_responses(seed)), 99, 0.05).retained > 0 for seed in range(8)) <= 1


def low_responses(seed: int) -> pd.DataFrame:
    """Scores with large donors, and three targets on which nothing moves by much."""
    table, rng = scores(traits=0, seed=seed), np.random.default_rng([3, seed])
    donor = dict(zip(NAMES, 3 * rng.normal(size=10), strict=True))
    gains = table.assign(score=table["score"] + table["source"].map(donor).fillna(0))
    base = gains[gains["source"] == "base"].set_index(["model", "target"])["score"]
    of_base = pd.MultiIndex.from_frame(gains[["model", "target"]]).map(base)
    response = gains["target"].map(dict(zip(NAMES, [0.05] * 3 + [1.0] * 7, strict=True)))
    return gains.assign(score=of_base + (gains["score"] - of_base) * response)


def test_the_correlation_is_the_mean_over_pairs(one_trait):
    values = found(scores()).values.reshape(5, -1)
    pairs = np.corrcoef(values)[np.triu_indices(5, 1)]  # residuals have mean 0 but for weights
    assert one_trait.table["correlation"][0] == pytest.approx(pairs.mean(), abs=0.01)
    assert one_trait.pairs["correlation"].mean() == pytest.approx(one_trait.table["correlation"][0], abs=1e-9)
    assert len(one_trait.pairs) == 10


def test_tables_have_their_columns_and_intervals_hold_the_planted_loadings(one_trait):
    assert list(one_trait.table) == column_names(REPLICATION)
    assert list(one_trait.loadings) == column_names(REPLICATION_LOADINGS)
    rng = np.random.default_rng(0)
    v = [np.linalg.qr(rng.normal(size=(10, 3)))[0] for _ in range(2)][1][:, 0]
    loadings = one_trait.loadings["loading"].to_numpy()
    centered = (v - v.mean()) / np.linalg.norm(v - v.mean())
    assert abs(loadings @ centered) > 0.9
    assert (one_trait.loadings["ci_low"] < one_trait.loadings["ci_high"]).all()


def test_the_verdict_says_over_what_and_how_alike(one_trait):
    first = one_trait.table.iloc[0]
    assert one_trait.verdict == (
        f"1 component comes back over 5 base models: R1 (mean correlation of residuals {first['correlation']:+.2f},"
        f" p = {first['p']:.2g}; p = {one_trait.evidence.bends_p:.2g} where each target's response to donors may bend)"
    )
    none = replication(found(scores(traits=0)), {}, 0.05)
    assert none.verdict.startswith("Nothing is shown to come back over 5 base models, where 3 traits with half of a ")
    assert ": mean correlation of residuals " in none.verdict
    assert none.table["retained"].tolist() == [False]
    assert none.loadings["component"].unique().tolist() == ["R1"]


def test_the_verdict_speaks_of_the_level_of_the_test():
    none = replication(found(scores(traits=0)), {}, 0.01)
    assert none.verdict.endswith(f"{none.consensus.steps[0].reached:+.2f} in 1 %")
    assert none.consensus.steps[0].reached > none.table["null_p95"][0]


def test_models_of_one_family_are_named():
    several = replication(found(scores(3, prefix="org/Llama-3.")), {}, 0.05)
    assert (
        "replication: org/Llama-3.0, org/Llama-3.1, org/Llama-3.2 may be of one family, so they are not independent"
        in several.notes
    )
    assert any("take" in note and "independent" in note for note in replication(found(scores(3)), {}, 0.05).notes)


def test_seeds_replicate_where_no_models_do():
    table = scores().assign(seed=lambda found: found["model"].str[1:].astype(int).where(found["source"] != "base"))
    one_base = table.drop_duplicates(["source", "target", "seed"]).drop(columns="model").astype({"seed": "Int64"})
    several = found(one_base, ("source", "seed"))
    assert several.keys == ("seed",)
    assert several.names == ("0", "1", "2", "3", "4")
    result = replication(several, {}, 0.05)
    assert "over 5 seeds" in result.verdict
    assert any("over seed: what single pairs do comes back as well as traits do" in note for note in result.notes)


def test_seeds_are_averaged_where_models_replicate():
    other = scores().assign(seed=lambda found: found["seed"] + 1)
    twice = pd.concat([scores(), other[other["source"] != "base"]])
    several = found(twice, ("source", "seed", "model"))
    assert several.keys == ("model",)
    assert several.values == pytest.approx(found(scores()).values)


def test_what_one_model_lacks_is_left_out_of_all_and_named():
    table = scores()
    less = table[~((table["model"] == "m1") & ((table["source"] == "t3") | (table["target"] == "t7")))]
    several = found(less)
    assert several.left_out == {"sources": ("t3",), "targets": ("t7",)}
    assert several.values.shape == (5, 9, 9)
    assert replication(several, {}, 0.05).notes[:2] == [
        "replication leaves out sources that not every replicate has: t3",
        "replication leaves out targets that not every replicate has: t7",
    ]


def test_one_setting_is_no_replication():
    assert replicates(scores(1), TaskOrder(), ("source", "model")) is None
    assert replicates(scores(1), TaskOrder(), ("source",)) is None


def test_nothing_in_common_is_refused():
    table = scores(2)
    apart = table[(table["model"] == "m0") | table["target"].isin(NAMES[:2])]
    with pytest.raises(UserError, match="they need 3 sources and 3 targets"):
        found(apart)


def test_a_component_is_one_although_its_diagonal_is_not_there():
    rng = np.random.default_rng(0)
    u, v = (vector - vector.mean() for vector in rng.normal(size=(2, 10)))
    effects = np.add.outer(rng.normal(size=10), rng.normal(size=10))
    seen = np.where(USED, 3 * np.outer(u, v) + effects, 99)
    rows, columns = masked_components(seen, USED, 1)
    assert abs(rows[:, 0] @ u) / np.linalg.norm(u) == pytest.approx(1, abs=1e-3)
    assert abs(columns[:, 0] @ v) / np.linalg.norm(v) == pytest.approx(1, abs=1e-3)
    left = left_by_components(np.array([seen, 2 * seen]), additive_model(USED), (rows, columns))
    assert left == pytest.approx(np.zeros((2, 10, 10)), abs=0.02)


def copied(table: pd.DataFrame, noise: float = 0.0) -> pd.DataFrame:
    """One more model, which is m0 but for noise on its gains."""
    again = table[table["model"] == "m0"].assign(model="m9")
    errors = noise * np.random.default_rng(5).normal(size=len(again)) * (again["source"] != "base")
    return pd.concat([table, again.assign(score=again["score"] + errors)], ignore_index=True)


@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_a_copy_of_a_model_counts_once(noise):
    """Whatever the copy is, the others are what they were, and there are no more of them."""
    table = scores(traits=0, seed=1)
    several = replication(found(copied(table, noise)), {}, 0.05)
    assert several.consensus.same == (("m0", "m9"),)
    assert "over 5 base models" in several.verdict
    pairs = several.pairs.set_index(["replicate", "other"])
    assert pairs[pairs["same"]].index.tolist() == [("m0", "m9")]
    assert several.alarms == [
        "replication counts m0 and m9 as one: their residuals agree far more than those of others"
        " (replication_pairs.csv)"
    ]
    if noise == 0:  # equal to what is found without the copy
        pd.testing.assert_frame_equal(several.table, replication(found(table), {}, 0.05).table)


def test_models_that_share_strong_traits_are_not_taken_for_one():
    for seed in range(5):
        assert consensus(found(scores(traits=1, noise=0.3, seed=seed)), 99, 0.05).same == ()


def test_two_models_that_are_one_are_no_replication():
    table = copied(scores(1))
    with pytest.raises(UserError, match="m0, m9 are one under several names: their residuals are equal"):
        consensus(found(table), 99, 0.05)
    findings = Section(Options(noise_draws=20, resamples=0))(Transfer(table, Conventions(rows=("source", "model"))))
    assert "no replication: m0, m9 are one under several names: their residuals are equal" in findings.notes


def test_the_alarm_is_one_of_the_section():
    section = Section(Options(noise_draws=20, resamples=0))
    findings = section(Transfer(copied(scores(3)), Conventions(rows=("source", "model"))))
    assert [alarm.split(":")[0] for alarm in findings.alarms] == ["replication counts m0 and m9 as one"]


def test_too_few_cells_in_common_leave_a_line_instead_of_a_replication():
    """Each model lacks other cells than the others, and together they lack too many."""
    table, rng = scores(), np.random.default_rng(0)
    kept = (rng.random(len(table)) > 0.25) | (table["source"] == "base")
    section = Section(Options(noise_draws=20, resamples=0))
    findings = section(Transfer(table[kept], Conventions(rows=("source", "model"))))
    assert any(note.startswith("no replication: ") for note in findings.notes)
