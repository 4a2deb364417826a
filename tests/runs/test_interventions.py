"""Runs on changed sources beside their originals, from records and files of answers."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crosstask.analysis.matrix.interventions import Interventions
from crosstask.runs.cell_table import cell_table
from crosstask.runs.interventions import interventions
from crosstask.runs.profiles import contents
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun
from crosstask.storage.variant_use import VariantUse
from tests.support.records import cell_score, run_record

EXAMPLES = ["e0", "e1", "e2", "e3"]
WRONG = VariantUse("wrong_labels", "wrong_labels", None, "plain", 1.0, "4 of 4 rows have a wrong label")


class Kept:
    """Rows with their answers in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[ScoredRun] = []
        self.examples = EXAMPLES

    def add(self, run: str, adapter: str, answers: list[float], variant: VariantUse | None = None, prompt: int = 0):
        """A run with answers to one target in one prompt."""
        config = {"scoring.prompt": prompt} if prompt else {}
        record = run_record(run, "imdb", adapter=adapter, variant=variant, config=config)
        metrics = {"score": float(np.mean(answers)), "stderr": 0.1, "n": float(len(answers))}
        score = cell_score("goat", target_id=f"goat in prompt {prompt}", metrics=metrics)
        self.rows.append(ScoredRun(record, {"goat": score}))
        (self.folder / run).mkdir()
        table = {
            "example": self.examples[: len(answers)],
            "score": np.asarray(answers, float),
            "gold": ["x"] * len(answers),
        }
        pq.write_table(pa.table(table), self.folder / run / "answers.parquet")

    def folders(self, records: Iterable[RunRecord]) -> Mapping[tuple[str, str], Path]:
        return {(record.run, "goat"): self.folder / record.run for record in records}

    def found(self) -> Interventions | None:
        plain = cell_table([row for row in self.rows if row.record.variant is None])
        return interventions(self.rows, plain, self.folders, lambda _: ())


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def effects(found: Interventions | None) -> list[list[float]]:
    assert found is not None
    scores = found.scores("goat")
    return [] if scores is None else (scores.changed - scores.original).tolist()


def test_a_changed_run_is_beside_its_original(kept: Kept):
    kept.add("a", "plain", [1, 1, 0, 0])
    kept.add("b", "wrong", [1, 0, 0, 1], WRONG)
    found = kept.found()
    assert found is not None
    assert found.pairs[["run", "original"]].to_numpy().tolist() == [["b", "a"]]
    assert effects(found) == [[0, -1, 0, 1]]
    assert found.notes == ()


def test_without_the_original_a_run_is_left_out_and_a_note_says_so(kept: Kept):
    kept.add("a", "another", [1, 1, 0, 0])
    kept.add("b", "wrong", [1, 0, 0, 1], WRONG)
    found = kept.found()
    assert effects(found) == []
    assert found is not None
    assert found.notes == (
        "1 run on a changed source is left out: the matrix has no run on the source as it is beside it",
    )


def test_a_variant_that_changes_nothing_is_no_test(kept: Kept):
    kept.add("a", "plain", [1, 1, 0, 0])
    kept.add("b", "plain", [1, 1, 0, 0], VariantUse("share_wrong", "share_wrong 0", 0.0, "plain", 0.0, "0 of 4 rows"))
    kept.add("c", "wrong", [1, 0, 0, 1], WRONG)
    found = kept.found()
    assert found is not None
    assert found.pairs["run"].tolist() == ["c"]
    assert found.notes == (
        "1 run whose variant changes no row of the source is left out: the adapter is that of the original",
    )


def test_in_several_prompts_each_run_is_beside_the_original_in_the_same_one(kept: Kept):
    for prompt, (plain, wrong) in enumerate([([1, 1, 0, 0], [0, 1, 0, 0]), ([1, 1, 1, 0], [1, 1, 1, 1])]):
        kept.add(f"a{prompt}", "plain", plain, prompt=prompt)
        kept.add(f"b{prompt}", "wrong", wrong, WRONG, prompt=prompt)
    found = kept.found()
    assert found is not None
    assert found.pairs[["run", "original"]].to_numpy().tolist() == [["b0", "a0"], ["b1", "a1"]]
    assert effects(found) == [[-1, 0, 0, 0], [0, 0, 0, 1]]
    assert len(found.notes) == 1
    assert found.notes[0].startswith("effects are means over the prompts of a target, on 1 target with several")


def test_a_change_that_was_not_asked_in_all_prompts_is_left_out_of_the_target(kept: Kept):
    other = VariantUse("other_rows", "other_rows seed=1", None, "plain", 1.0, "4 of 4 rows are others")
    for prompt in range(2):
        kept.add(f"a{prompt}", "plain", [1, 1, 0, 0], prompt=prompt)
        kept.add(f"b{prompt}", "wrong", [1, 0, 0, 0], WRONG, prompt=prompt)
    kept.add("c", "other", [0, 0, 0, 0], other)
    assert effects(kept.found()) == [[0, -1, 0, 0]] * 2


def test_prompts_of_which_changes_were_asked_in_one_alone_leave_nothing(kept: Kept):
    for prompt in range(2):
        kept.add(f"a{prompt}", "plain", [1, 1, 0, 0], prompt=prompt)
    kept.add("b", "wrong", [1, 0, 0, 0], WRONG)
    assert effects(kept.found()) == []


def test_examples_of_several_prompts_are_brought_into_one_order(kept: Kept):
    for prompt, order in enumerate(([0, 1, 2, 3], [3, 1, 0])):
        kept.examples = [EXAMPLES[place] for place in order]
        kept.add(f"a{prompt}", "plain", [0.0] * len(order), prompt=prompt)
        kept.add(f"b{prompt}", "wrong", [place / 4 for place in order], WRONG, prompt=prompt)
    found = kept.found()
    assert found is not None
    assert found.scores("goat").examples.tolist() == ["e0", "e1", "e3"]
    assert effects(found) == [[0, 0.25, 0.75]] * 2


def test_random_updates_have_no_content_of_their_own():
    drawn = VariantUse("random_update", "random_update", None, "plain", 1.0, "no training")
    records = [
        run_record("a", "imdb", profiles={"source": {"imdb": "rows"}, "target": {"goat": "test"}}),
        run_record("b", "imdb (random_update)", variant=drawn, profiles={"source": {"imdb (random_update)": "rows"}}),
        run_record("c", "imdb (wrong_labels)", variant=WRONG, profiles={"source": {"imdb (wrong_labels)": "others"}}),
    ]
    assert contents(records) == {
        ("source", "imdb"): "rows",
        ("source", "imdb (wrong_labels)"): "others",
        ("target", "goat"): "test",
    }
