"""The rules by which runs are chosen, one test each."""

import pandas as pd
import pytest

from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.schema import column_names
from crosstask.errors import UserError

OLD, NEW, NEWEST = "2025-01-01T00:00:00+00:00", "2025-02-01T00:00:00+00:00", "2025-03-01T00:00:00+00:00"


def sources(chosen):
    """Sources of the cells kept, in alphabetical order."""
    return sorted(chosen.cells["source"])


def test_default_is_what_shares_base_data_and_settings_with_the_newest(cell_table):
    cells = cell_table(
        {"source": "goat", "updated": NEWEST},
        {"source": "imdb", "updated": OLD},
        {"source": "pile", "updated": NEW, "settings": "s2"},
        {"source": "paws", "updated": NEW, "base": "b2"},
        {"source": "mnli", "updated": NEW, "data_id": "d2"},
    )
    assert sources(Selection()(cells)) == ["goat", "imdb"]


def test_newest_is_by_time_not_by_spelling(cell_table):
    cells = cell_table(
        {"source": "goat", "updated": "2025-01-01T00:30:00+02:00"},
        {"source": "imdb", "updated": "2024-12-31T23:00:00+00:00", "settings": "s2"},
    )
    assert sources(Selection()(cells)) == ["imdb"]


def test_base_joins_whatever_its_group(cell_table):
    cells = cell_table({"source": "goat", "updated": NEW}, {"source": "base", "group": "other"})
    assert sources(Selection(group="first")(cells)) == ["base", "goat"]


def test_base_of_another_model_or_data_does_not_join(cell_table):
    cells = cell_table(
        {"source": "goat", "updated": NEW},
        {"source": "base", "base": "b2"},
        {"source": "base", "data_id": "d2"},
    )
    assert sources(Selection()(cells)) == ["goat"]


def test_newest_run_a_base_run_takes_the_settings_of_the_newest_other(cell_table):
    cells = cell_table(
        {"source": "base", "updated": NEWEST},
        {"source": "goat", "updated": NEW, "settings": "s2"},
        {"source": "imdb", "updated": OLD, "settings": "s1"},
        {"source": "pile", "updated": NEWEST, "base": "b0", "run": "a"},
    )
    assert sources(Selection()(cells)) == ["base", "goat"]


def test_base_alone_is_a_choice(cell_table):
    assert sources(Selection()(cell_table({"source": "base"}))) == ["base"]


@pytest.mark.parametrize(
    "selection",
    [
        Selection(group="second"),
        Selection(source="imdb"),
        Selection(seed=1),
        Selection(group="second", seed=1),
    ],
)
def test_filters_keep_what_matches_and_base(cell_table, selection):
    cells = cell_table(
        {"source": "goat", "updated": NEW},
        {"source": "imdb", "seed": 1, "group": "second"},
        {"source": "base"},
    )
    assert sources(selection(cells)) == ["base", "imdb"]


@pytest.mark.parametrize("name", ["small", "b1"])
def test_model_by_name_or_hash(cell_table, name):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "updated": NEW, "model": "large", "base": "b2"})
    assert sources(Selection(model=name)(cells)) == ["goat"]


@pytest.mark.parametrize("name", ["tasks", "d1"])
def test_data_by_name_or_hash(cell_table, name):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "updated": NEW, "data": "more", "data_id": "d2"})
    assert sources(Selection(data=name)(cells)) == ["goat"]


def test_filters_that_leave_several_base_models_are_refused(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "model": "large", "base": "b2"})
    message = r"are of 2 base models: large \(b2\), small \(b1\); choose one with runs\.model=small, or make it a row: "
    message += r"analysis\.rows=\[source,model\]$"
    with pytest.raises(UserError, match=message):
        Selection(group="first")(cells)


def test_filters_that_leave_several_data_are_refused_and_equal_names_told_apart_by_hash(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "data_id": "d2"})
    message = r"are of 2 data: tasks \(d1\), tasks \(d2\); choose one with runs\.data=d2, or make it a row: "
    message += r"analysis\.rows=\[source,data_id\]$"
    with pytest.raises(UserError, match=message):
        Selection(group="first")(cells)


BY_MODEL = ("source", "seed", "model")


def runs(chosen):
    """Runs of the cells kept, in alphabetical order."""
    return sorted(chosen.cells["run"].unique())


def test_base_models_may_be_rows_and_each_brings_its_base_run(cell_table):
    cells = cell_table(
        {"source": "goat", "run": "small"},
        {"source": "goat", "run": "large", "model": "large", "base": "b2", "updated": NEW},
        {"source": "base", "run": "base-small", "group": "other"},
        {"source": "base", "run": "base-large", "model": "large", "base": "b2"},
        {"source": "base", "run": "base-huge", "model": "huge", "base": "b3"},
        {"source": "goat", "run": "a", "settings": "s2"},
        {"source": "goat", "run": "elsewhere", "data_id": "d2"},
    )
    chosen = Selection(rows=BY_MODEL)(cells)
    assert runs(chosen) == ["base-large", "base-small", "large", "small"]
    assert chosen.notes[0].startswith("4 runs of model large, small, data tasks; 3 not chosen")
    assert "1 runs differ from the newest in training settings that analysis.rows does not name" in chosen.notes
    assert runs(Selection(model="small", rows=BY_MODEL)(cells.iloc[:-1])) == ["base-small", "small"]
    assert runs(Selection()(cells)) == ["base-large", "large"]


def test_filters_may_leave_several_base_models_where_these_are_rows(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "model": "large", "base": "b2"})
    assert sources(Selection(group="first", rows=BY_MODEL)(cells)) == ["goat", "imdb"]
    with pytest.raises(UserError, match=r"are of 2 base models: .* analysis\.rows=\[source,lora\.rank,model\]$"):
        Selection(group="first", rows=("source", "lora.rank"))(cells.assign(**{"lora.rank": "8"}))


@pytest.mark.parametrize(
    "other", [{"model": "small", "base": "b2"}, {"model": "renamed", "base": "b1"}], ids=["two called alike", "renamed"]
)
def test_base_models_without_a_name_of_their_own_are_no_rows_by_name(cell_table, other):
    cells = cell_table({"source": "goat"}, {"source": "imdb", **other})
    with pytest.raises(
        UserError, match=r"^analysis\.rows=\[source,seed,model\]: base models do not have .*; base tells"
    ):
        Selection(rows=BY_MODEL)(cells)
    assert sources(Selection(rows=("source", "base"))(cells)) == ["goat", "imdb"]


def test_runs_of_several_settings_stay_side_by_side_where_these_are_rows(cell_table):
    cells = cell_table(
        *({"source": "goat", "run": rank, "lora.rank": rank} for rank in ("4", "8")),
        {"source": "goat", "run": "newer", "lora.rank": "8", "updated": NEW},
        {"source": "base", "run": "base", "lora.rank": None},
    )
    chosen = Selection(rows=("source", "lora.rank"))(cells)
    assert runs(chosen) == ["4", "base", "newer"]
    assert "superseded by a newer run of the same source, seed and lora.rank: 8" in chosen.notes
    assert runs(Selection()(cells)) == ["base", "newer"]


def test_whatever_settings_may_be_rows(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "goat", "settings": "s2", "updated": NEW}, {"source": "base"})
    chosen = Selection(rows=("source", "settings"))(cells).cells.set_index("source")["settings"]
    assert sorted(chosen["goat"]) == ["s1", "s2"]
    assert pd.isna(chosen["base"])


def test_other_data_are_compared_where_the_test_is_the_same_and_share_their_base(cell_table):
    more = {"data_id": "d2", "data": "more"}
    cells = cell_table(
        {"source": "goat", "target": "imdb", "run": "goat"},
        {"source": "goat", "target": "pile", "run": "goat"},
        {"source": "base", "target": "imdb", "run": "base"},
        {"source": "base", "target": "pile", "run": "base"},
        {"source": "base", "target": "code", "run": "base"},
        {"source": "goat", "target": "imdb", "run": "goat of more", **more},
        {"source": "goat", "target": "pile", "run": "goat of more", **more, "target_id": "t2", "updated": NEW},
        {"source": "base", "target": "imdb", "run": "base of more", **more, "updated": NEW},
        {"source": "base", "target": "pile", "run": "base of more", **more, "target_id": "t2"},
    )
    chosen = Selection(rows=("source", "data"))(cells)
    kept = chosen.cells.fillna({"data": "none"}).sort_values(["source", "data", "target"])
    assert kept[["source", "data", "target", "target_id"]].to_numpy().tolist() == [
        ["base", "none", "code", "t1"],
        ["base", "none", "imdb", "t1"],
        ["base", "none", "pile", "t2"],
        ["goat", "more", "imdb", "t1"],
        ["goat", "more", "pile", "t2"],
        ["goat", "tasks", "imdb", "t1"],
    ]
    assert list(zip(chosen.stale["source"], chosen.stale["target"], strict=True)) == [
        ("base", "pile"),
        ("goat", "pile"),
    ]


def test_a_named_group_may_mix_settings_and_says_so(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "settings": "s2"})
    chosen = Selection(group="first")(cells)
    assert sources(chosen) == ["goat", "imdb"]
    assert "group 'first' holds runs of 2 different training settings" in chosen.notes


def test_other_filters_do_not_mix_settings(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "settings": "s2", "updated": NEW})
    assert sources(Selection(model="small")(cells)) == ["imdb"]


def test_same_source_and_seed_the_newest_run_counts_and_the_other_is_named(cell_table):
    cells = cell_table(
        {"source": "goat", "run": "z-old", "score": 0.1},
        {"source": "goat", "run": "a-new", "score": 0.2, "updated": NEW},
        {"source": "base", "run": "base-old", "score": 0.3},
        {"source": "base", "run": "base-new", "score": 0.4, "updated": NEW},
    )
    chosen = Selection()(cells)
    assert sorted(chosen.cells["score"]) == [0.2, 0.4]
    assert "superseded by a newer run of the same source and seed: base-old, z-old" in chosen.notes


def test_seeds_of_one_source_stay_side_by_side(cell_table):
    cells = cell_table({"source": "goat"}, {"source": "goat", "seed": 1})
    assert sorted(Selection()(cells).cells["seed"]) == [0, 1]


def test_cells_scored_otherwise_than_the_newest_of_their_target_are_stale(cell_table):
    cells = cell_table(
        {"source": "goat", "target": "imdb", "target_id": "t2", "updated": NEW},
        {"source": "pile", "target": "imdb", "target_id": "t1"},
        {"source": "pile", "target": "goat", "target_id": "t1"},
        {"source": "base", "target": "imdb", "target_id": "t1"},
    )
    chosen = Selection()(cells)
    assert sorted(zip(chosen.cells["source"], chosen.cells["target"], strict=True)) == [
        ("goat", "imdb"),
        ("pile", "goat"),
    ]
    expected = pd.DataFrame({"source": ["base", "pile"], "target": ["imdb", "imdb"], "seed": [None, 0]})
    pd.testing.assert_frame_equal(chosen.stale, expected.astype({"seed": "Int64"}))


def test_the_order_of_the_table_does_not_matter(cell_table):
    cells = cell_table(*({"source": name, "updated": OLD} for name in ["goat", "imdb", "base", "pile"]))
    first, second = Selection()(cells), Selection()(cells.iloc[::-1])
    pd.testing.assert_frame_equal(first.cells, second.cells)


def test_runs_not_chosen_are_counted(cell_table):
    cells = cell_table({"source": "goat", "updated": NEW}, {"source": "imdb", "settings": "s2"})
    assert Selection()(cells).notes[0].startswith("1 run of model small, data tasks; 1 not chosen (")


def test_no_runs_says_which_command_makes_some():
    with pytest.raises(UserError, match=r"no runs to analyze; make some with python train\.py -m 'source=glob\(\*\)'"):
        Selection()(pd.DataFrame(columns=column_names(CELLS)))


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(group="third"), r"^no run has runs\.group='third'; there are: 'first', 'second'$"),
        (Selection(source="gaot"), r"^no run has runs\.source='gaot'; there are: 'base', 'goat', 'imdb'$"),
        (Selection(seed=7), r"^no run has runs\.seed=7; there are: 0, 1$"),
        (
            Selection(group="second", seed=0),
            r"^no run has runs\.seed=0 among those with runs\.group='second'; there are: 1$",
        ),
        (Selection(source="base", seed=0), r"among those with runs\.source='base'; there are: none$"),
    ],
)
def test_a_filter_that_matches_nothing_names_the_values_there_are(cell_table, selection, message):
    cells = cell_table({"source": "goat"}, {"source": "imdb", "seed": 1, "group": "second"}, {"source": "base"})
    with pytest.raises(UserError, match=message):
        selection(cells)


def test_an_absent_column_is_named(cell_table):
    with pytest.raises(UserError, match="^cell table: no column 'settings'"):
        Selection()(cell_table({"source": "goat"}).drop(columns="settings"))
