"""Runs of a source with other training rows are its seeds."""

from crosstask.analysis.matrix.selection import Selection

DRAWS = "2 pairs of seed and training rows (data.train_seed) stand for seeds"


def chosen(cell_table, *runs, rows=("source",)):
    """Cells of one source with the given seeds and training rows, and base."""
    cells = [
        {"source": "imdb", "seed": seed, "train_seed": drawn, "data.train_seed": str(drawn)} for seed, drawn in runs
    ]
    return Selection(rows=rows)(
        cell_table({"source": "base", "run": "b"}, *({**cell, "run": f"r{n}"} for n, cell in enumerate(cells)))
    )


def test_runs_that_share_their_rows_keep_their_seeds(cell_table):
    found = chosen(cell_table, (3, None), (5, None))
    assert found.cells["seed"].dropna().tolist() == [3, 5]
    assert not found.redrawn
    assert all("training rows" not in note for note in found.notes)


def test_runs_of_one_seed_with_other_rows_are_not_superseded(cell_table):
    found = chosen(cell_table, (3, None), (3, 1), (3, 2))
    assert sorted(found.cells["seed"].dropna()) == [0, 1, 2]
    assert found.redrawn
    numbers = "0 is seed 3, train_seed 1; 1 is seed 3, train_seed 2; 2 is seed 3, train_seed none"
    assert found.notes[-1] == f"3 draws of training rows (data.train_seed) stand for seeds (in the tables {numbers})"
    assert found.cells.loc[found.cells["source"] == "base", "seed"].isna().all()


def test_pairs_are_numbered_alike_for_all(cell_table):
    found = chosen(cell_table, (1, 1), (0, 0))
    assert dict(zip(found.cells["train_seed"].dropna(), found.cells["seed"].dropna(), strict=True)) == {0: 0, 1: 1}
    assert found.notes[-1] == f"{DRAWS} (in the tables 0 is seed 0, train_seed 0; 1 is seed 1, train_seed 1)"


def test_crossed_seeds_and_rows_are_not_independent(cell_table):
    found = chosen(cell_table, (0, 0), (0, 1), (1, 0), (1, 1))
    assert len(found.cells["seed"].dropna().unique()) == 4
    assert found.notes[-1].startswith("4 pairs of seed and training rows (data.train_seed) stand for seeds")
    assert "makes intervals too short; data.train_seed='${seed}' draws both anew" in found.notes[-1]


def test_rows_may_tell_draws_apart(cell_table):
    found = chosen(cell_table, (3, 1), (3, 2), rows=("source", "data.train_seed"))
    assert found.cells["seed"].dropna().tolist() == [3, 3]
    assert not found.redrawn
