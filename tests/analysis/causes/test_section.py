"""The section on planted matrices: what it finds, what it says cannot be told, and what it counts once."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.causes.columns import TABLES
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.section import Section
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.columns import SIMILARITIES, TRAININGS
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings
from crosstask.analysis.transfer import Transfer

NAMES = [f"t{place}" for place in range(12)]
OPTIONS = Options(relabelings=499, refits=99)
SIZES = np.linspace(-1, 1, len(NAMES))
"""Logarithm of the size of each update."""


def scores(by_size: float = 0.0, by_pair: float = 0.0, base: bool = True, seed: int = 0) -> pd.DataFrame:
    """Two seeds of every source on every target; gains fall with the size of the update and rise with similarity."""
    generator = np.random.default_rng(seed)
    donors, recipients = 0.02 * generator.normal(size=(2, len(NAMES)))
    gains = donors[:, None] + recipients + 0.03 * generator.normal(size=(len(NAMES),) * 2)
    gains += by_size * SIZES[:, None] + by_pair * alike() + 0.3 * np.eye(len(NAMES))
    runs = [("base", None, np.zeros(len(NAMES)))] if base else []
    runs += [(name, number, row) for name, row in zip(NAMES, gains, strict=True) for number in (0, 1)]
    rows = [
        (source, target, number, 0.5 + gain + (0.005 * generator.normal() if source != "base" else 0))
        for source, number, row in runs
        for target, gain in zip(NAMES, row, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["source", "target", "seed", "score"]).astype({"seed": "Int64"})
    return table.assign(metric="accuracy", stderr=0.01, n=pd.array([1000] * len(rows), "Int64"))


def alike() -> np.ndarray:
    return np.random.default_rng(5).normal(size=(len(NAMES),) * 2)


def trainings() -> pd.DataFrame:
    rows = [
        {"source": name, "seed": number, "tokens": 1000.0, "update_norm": float(np.exp(size))}
        for name, size in zip(NAMES, SIZES, strict=True)
        for number in (0, 1)
    ]
    return pd.DataFrame(rows, columns=column_names(TRAININGS)).astype({"seed": "Int64"})


def profiles(lengths: Mapping[str, float] = {}) -> pd.DataFrame:
    rows = []
    for role in ("source", "target"):
        drawn = np.random.default_rng(9).permutation(400)
        for name, own in zip(NAMES, drawn[: len(NAMES)], strict=True):
            length = lengths.get(name, 500.0 + own)
            rows += [(role, name, "prompt_length", f"{place}", length + place) for place in range(3)]
    return pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])


def similar() -> pd.DataFrame:
    long = pd.DataFrame(alike(), pd.Index(NAMES, name="source"), pd.Index(NAMES, name="target")).stack()
    return long.rename("similarity").reset_index().assign(measure="adapter_weights")[column_names(SIMILARITIES)]


def transfer(table: pd.DataFrame, **more: object) -> Transfer:
    return Transfer(table, data_sets=DataSets(profiles(), similar(), trainings=trainings), **more)


def tables(found: Findings) -> dict[str, pd.DataFrame]:
    return {table.schema.name: table.frame for table in found.tables}


@pytest.fixture(scope="module")
def planted() -> Findings:
    return Section(OPTIONS)(transfer(scores(by_size=-0.1, by_pair=0.04)))


def test_planted_features_are_found_at_their_levels_and_nothing_else(planted: Findings):
    found = tables(planted)["causes"]
    assert list(found) == column_names(TABLES[0].columns)
    significant = found[found["significant"].fillna(False).astype(bool)]
    assert set(zip(significant["level"], significant["feature"], strict=True)) == {
        ("source", "update_norm"),
        ("pair", "adapter_weights"),
    }
    norm = significant.set_index("feature").loc["update_norm"]
    assert norm["effect"] == pytest.approx(-0.1 * SIZES.std(ddof=1), abs=0.02)
    assert norm["error"] < norm["error_additive"]
    assert found["tests"].eq(found["p"].notna().sum()).all()
    constant = found.set_index("feature").loc["tokens"]
    assert constant["units"] == len(NAMES)
    assert np.isnan(constant["p"])


def test_lines_say_what_beats_the_additive_model(planted: Findings):
    first, second, shares = planted.lines
    assert first.startswith("Features predict gains of a source not seen better than the additive model does: error ")
    assert "each taken alone, 2 of 5 features go with transfer" in first
    assert "update_norm of the source -6" in second
    assert second.startswith("A standard deviation more of a feature, taken alone, goes with, in percentage points: ")
    assert shares.startswith("Variance of gains off the diagonal: ")


def test_the_first_line_says_that_nothing_beats_the_additive_model():
    found = Section(OPTIONS)(transfer(scores()))
    nearest = tables(found)["causes"].sort_values("p").iloc[0]
    assert found.lines[0] == (
        "No model of features predicts gains of a source or target not seen better than the additive model does, and,"
        f" each taken alone, none of 5 features goes with transfer (nearest: {nearest['feature']} of the"
        f" {nearest['level']}, p = {nearest['p']:.2g}; the best of 5 useless features looks as good in"
        f" {nearest['useless']:.1%} of random assignments)"
    )


def test_every_feature_has_its_value(planted: Findings):
    values = tables(planted)["causes_features"]
    norm = values[(values["feature"] == "update_norm") & (values["source"] == "t0")]
    assert norm["value"].tolist() == pytest.approx([SIZES[0]])  # the logarithm, mean over the seeds
    assert norm["target"].isna().all()
    assert set(values["level"]) == {"source", "target", "pair"}
    assert len(values[values["feature"] == "adapter_weights"]) == len(NAMES) ** 2
    assert any("not known here" in note and "last_loss" in note for note in planted.notes)
    assert not any("update_norm" in note for note in planted.notes)


def test_sources_with_the_same_rows_count_once_and_are_left_out_together():
    table = scores()
    contents = {(role, name): name.replace("t3", "t0") for role in ("source", "target") for name in NAMES}
    copy = DataSets(profiles(), similar(), trainings=trainings, contents=contents)
    found = Section(OPTIONS)(replace(transfer(table), data_sets=copy))
    causes, models = (tables(found)[name] for name in ("causes", "causes_models"))
    assert causes.set_index(["level", "feature"]).loc[("source", "update_norm"), "units"] == len(NAMES) - 1
    assert models["units"].eq(len(NAMES) - 1).all()
    assert "causes: sources t0, t3 are one, and count once" in found.notes
    assert "causes: targets t0, t3 are one, and count once" in found.notes


def test_sources_whose_rows_only_look_alike_are_not_one():
    # As wrong labels do, if labels are 0 and 1.
    alike_in_length = DataSets(profiles({"t0": 70.0, "t3": 70.0}), similar(), trainings=trainings)
    found = Section(OPTIONS)(replace(transfer(scores()), data_sets=alike_in_length))
    assert tables(found)["causes_models"]["units"].eq(len(NAMES)).all()
    assert not any("count once" in note for note in found.notes)


def test_a_table_of_scores_has_shares_and_baselines_and_a_note():
    found = Section(OPTIONS)(Transfer(scores()))
    assert [len(tables(found)[name]) for name in ("causes", "causes_features")] == [0, 0]
    assert set(tables(found)["causes_models"]["model"]) == {"additive"}
    assert tables(found)["causes_shares"]["part"].tolist() == ["source", "target", "pair", "noise"]
    assert found.lines[0].startswith("Variance of gains off the diagonal: ")
    assert any("say nothing of data and trainings" in note for note in found.notes)


def test_declared_abilities_are_a_feature_of_a_table_too():
    abilities = {name: ("words" if place % 2 else "numbers") for place, name in enumerate(NAMES)}
    found = Section(OPTIONS)(Transfer(scores(), Conventions(abilities=abilities)))
    assert tables(found)["causes"]["feature"].tolist() == ["same_ability"]


def test_without_a_base_model_targets_have_no_features():
    found = Section(OPTIONS)(transfer(scores(by_size=-0.1, base=False)))
    causes = tables(found)["causes"]
    assert set(causes["level"]) == {"source", "pair"}
    assert causes["significant"].any()
    assert tables(found)["causes_shares"]["part"].tolist() == ["source", "pair", "noise"]


def test_a_small_matrix_is_left_alone():
    table = scores()
    found = Section(OPTIONS)(transfer(table[table["target"].isin(NAMES[:3])]))
    assert not found.tables
    assert found.notes == ("causes: a matrix of at least 4 sources and 4 targets is needed",)


def test_a_matrix_that_falls_apart_is_left_alone():
    table = scores()
    first = table["source"].isin(NAMES[:6]) == table["target"].isin(NAMES[:6])
    found = Section(OPTIONS)(transfer(table[first | (table["source"] == "base")]))
    assert not found.tables
    assert "do not tell donors from recipients" in found.notes[-1]
