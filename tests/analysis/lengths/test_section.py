"""The section on lengths: what it works on, what it refuses to say, and its lines."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wasserstein_distance

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.lengths.known import OpenTarget
from crosstask.analysis.lengths.nearer import nearer
from crosstask.analysis.lengths.options import Options
from crosstask.analysis.lengths.section import Section
from crosstask.analysis.lengths.tables import lengths_table
from crosstask.analysis.matrix.answers import Run, TargetAnswers
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.transfer import Transfer

N, SOURCES = 80, {"a": 5.0, "b": 3.0, "c": 4.5, "d": 3.5, "e": 4.0}
TARGETS = {"a": 4.0, "x": 4.2, "y": 3.0, "z": 4.8, "v": 3.4}
SHORT = {"a": np.arange(1.0, 30.0)}
ROWS: tuple[Run, ...] = (("base", None), *((source, seed) for source in SOURCES for seed in (0, 1)))


def behavior(level: float, **changes: object) -> TargetBehavior:
    """Answers half way between base's length and the source's."""
    generator = np.random.default_rng(round(10 * level))
    levels = [level if source == "base" else (level + SOURCES[source]) / 2 for source, _ in ROWS]
    logs = np.array(levels)[:, None] + generator.normal(0, 0.3, N) + generator.normal(0, 0.2, (len(ROWS), N))
    characters = np.round(np.expm1(logs)).astype(np.int32)
    lengths = {"tokens": characters // 4, "words": characters // 5, "characters": characters}
    made = TargetBehavior(
        rows=ROWS,
        examples=np.array([f"row {number}" for number in range(N)], dtype=object),
        scores=np.zeros(logs.shape, np.float32),
        valid=np.ones(logs.shape, bool),
        cut=np.zeros(logs.shape, bool),
        lengths=lengths,
        gold_lengths={"characters": characters[0]},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def profiles(kinds: tuple[str, ...] = ("answer_length",)) -> pd.DataFrame:
    """Lengths of what sources train on."""
    generator = np.random.default_rng(0)
    rows = [
        (
            "source",
            source,
            kind,
            f"train-{number}",
            float(round(np.expm1(value)) // (5 if kind == "answer_words" else 1)),
        )
        for kind in kinds
        for source, level in SOURCES.items()
        for number, value in enumerate(generator.normal(level, 0.4, 60))
    ]
    return pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])


def transfer(known: dict[str, TargetBehavior], table: pd.DataFrame | None = None, base: bool = True) -> Transfer:
    """A matrix on all targets, with the behavior of some."""
    rows = [(run[0], target, run[1], 0.5) for target in TARGETS for run in ROWS if base or run[0] != "base"]
    scores = pd.DataFrame(rows, columns=["source", "target", "seed", "score"]).astype({"seed": "Int64"})
    return Transfer(
        scores.assign(metric="m", stderr=0.1, n=pd.array([N] * len(scores), "Int64")),
        Conventions(),
        behavior=known.get,
        data_sets=DataSets(profiles() if table is None else table, None),
    )


@pytest.fixture(scope="module")
def known() -> dict[str, TargetBehavior]:
    return {target: behavior(level) for target, level in TARGETS.items()}


def frames(of: Transfer) -> dict[str, pd.DataFrame]:
    return {table.schema.name: table.frame for table in Section(Options(swaps=199, relabelings=999))(of).tables}


def test_half_the_way_is_found_in_cells_and_over_cells(known: dict[str, TargetBehavior]):
    found = Section(Options(swaps=199, relabelings=999))(transfer(known))
    tables = {table.schema.name: table.frame for table in found.tables}
    shifts = tables["length_shifts"].set_index(["source", "target"])
    assert ("a", "a") not in shifts.index  # its own task
    assert shifts.loc[("a", "y"), "coefficient"] == pytest.approx(0.5, abs=0.06)
    assert shifts.loc[("a", "y"), "seeds"] == 2
    assert shifts.loc[("a", "y"), "significant"]
    assert shifts.loc[("e", "x"), "verdict"] == "lengths agree: not identified"
    assert np.isnan(shifts.loc[("e", "x"), "coefficient"])
    carried = tables["length_carryover"].set_index("term")["coefficient"]
    assert carried["source"] == pytest.approx(0.5, abs=0.05)
    assert carried["base"] == pytest.approx(0.5, abs=0.05)
    assert found.lines[0].startswith(
        "Of the log length (characters) of what a source trains on, answers to other tasks take over 0."
    )
    assert found.notes == ("lengths are compared in characters, as log(1 + length), on a, v, x, y, z",)


def test_every_cell_has_its_lengths_beside_the_others(known: dict[str, TargetBehavior]):
    table = frames(transfer(known))["lengths"].set_index(["source", "target", "seed", "unit"]).sort_index()
    cell, made = table.loc[("b", "y", 1, "characters")], known["y"]
    row = made.rows.index(("b", 1))
    values = profiles().query("name == 'b'")["value"]
    assert cell["mean"] == made.lengths["characters"][row].mean()
    assert cell["base_median"] == np.median(made.lengths["characters"][0])
    assert cell["gold_mean"] == made.gold_lengths["characters"].mean()
    assert cell["source_mean"] == values.mean()
    assert 0 < cell["ks"] < 1
    tokens = table.loc[("b", "y", 1, "tokens")]
    assert tokens[["source_mean", "wasserstein", "gold_mean"]].isna().all()
    assert len(table) == len(TARGETS) * len(ROWS) * 3


def test_each_run_stands_beside_the_base_model_of_its_own_settings(known: dict[str, TargetBehavior]):
    runs = tuple((*run, model) for model in ("small", "large") for run in (("base", None), ("a", 0)))
    rows = [0, 1, 2, 3]
    made = known["y"]
    lengths = {"characters": made.lengths["characters"][rows]}
    both = replace(
        made, rows=runs, scores=made.scores[rows], valid=made.valid[rows], cut=made.cut[rows], lengths=lengths
    )
    table = lengths_table({"y": open_targets_of(both)}, {"characters": SHORT, "words": {}, "tokens": {}}, ["model"])
    table = table[table["source"] == "a"].set_index("model")
    means = lengths["characters"].mean(axis=1)
    assert table.loc["small", ["mean", "base_mean"]].tolist() == pytest.approx([means[1], means[0]])
    assert table.loc["large", ["mean", "base_mean"]].tolist() == pytest.approx([means[3], means[2]])
    distances = [wasserstein_distance(np.log1p(of), np.log1p(SHORT["a"])) for of in lengths["characters"]]
    assert table["base_wasserstein"].tolist() == pytest.approx([distances[0], distances[2]])
    answers = {"y": TargetAnswers(runs, both.examples, np.log1p(lengths["characters"]).astype(np.float32))}
    assert nearer(answers, SHORT, 199, 0.05, np.random.default_rng(0)).empty


def open_targets_of(of: TargetBehavior) -> OpenTarget:
    """A target as the section sees it."""
    return OpenTarget(of.rows, of.examples, of.cut, dict(of.lengths), dict(of.gold_lengths))


def test_words_are_taken_where_profiles_have_them(known: dict[str, TargetBehavior]):
    both = profiles(("answer_length", "answer_words"))
    assert set(frames(transfer(known, both))["length_shifts"]["unit"]) == {"words"}


def test_closed_targets_and_texts_that_were_not_generated_do_not_count(known: dict[str, TargetBehavior]):
    closed = replace(known["x"], labels=("no", "yes"))
    found = frames(transfer({"x": closed, "y": known["y"], "z": replace(known["z"], cut=None)}))
    assert set(found["lengths"]["target"]) == {"y"}
    nothing = Section(Options())(transfer({"x": closed}))
    assert not nothing.tables
    assert nothing.notes == ("lengths: no target with generated answers that are kept",)
    assert Section(Options())(replace(transfer({}), behavior=None)).notes == ()


def test_cut_answers_leave_no_mean_and_no_coefficient(known: dict[str, TargetBehavior]):
    cut = np.zeros((len(ROWS), N), bool)
    cut[ROWS.index(("b", 1)), :6] = True  # 7.5 %
    cut[ROWS.index(("c", 0)), :4] = True  # 5 %
    of = transfer(known | {"y": replace(known["y"], cut=cut)})
    found = frames(of)
    shifts = found["length_shifts"].set_index(["source", "target"])
    assert shifts.loc[("b", "y"), "verdict"] == "cut"
    assert shifts.loc[("b", "y"), ["shift", "coefficient", "nearer", "p"]].isna().all()
    assert shifts.loc[("c", "y"), "verdict"] != "cut"
    lengths = found["lengths"].query("target == 'y' and unit == 'characters'").set_index(["source", "seed"])
    assert np.isnan(lengths.loc[("b", 1), "mean"])
    assert lengths.loc[("b", 0), "mean"] > 0
    lines = Section(Options(swaps=199))(of).lines
    assert lines[-1].startswith("In 1 of 30 cells with generated answers more than 5 % of them are cut")


def test_without_profiles_the_shift_is_all_that_is_said(known: dict[str, TargetBehavior]):
    of = transfer(known, profiles().iloc[:0])
    found = frames(of)
    assert list(found) == ["lengths", "length_shifts"]
    assert set(found["length_shifts"]["verdict"]) == {"source not known"}
    assert found["length_shifts"]["shift"].notna().all()
    assert found["length_shifts"]["unit"].iloc[0] == "tokens"
    assert "lengths of what they train on are not known: a, b, c, d, e" in Section(Options(swaps=199))(of).notes


def test_without_base_there_are_lengths_alone(known: dict[str, TargetBehavior]):
    alone = {
        name: replace(
            made, rows=ROWS[1:], cut=made.cut[1:], lengths={unit: of[1:] for unit, of in made.lengths.items()}
        )
        for name, made in known.items()
        if made.cut is not None
    }
    found = frames(transfer(alone, base=False))
    assert list(found) == ["lengths"]
    assert found["lengths"]["base_mean"].isna().all()
