"""Cells from stored outputs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import NAME, outputs_fault, read_outputs, score_cell
from crosstask.evaluation.inference import PartialOutputs
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import scorer
from crosstask.storage.json_files import Damaged
from crosstask.storage.named_tables import write_named
from crosstask.storage.store import Store
from tests.support.outputs import generated_outputs

KEY = CellKey("outputs", "scoring", None, "target")
REFERENCES = ["print(x)", "a = 2"]
CODE = Target(
    scorer("code", Task(prompt="p", answer="a", metric="chrf")),
    [Example(f"test-{i}", "p", reference) for i, reference in enumerate(REFERENCES)],
    None,
    Scoring(),
)
OUTPUTS = generated_outputs(REFERENCES, ["print(x)", "b"])


def write(store: Store, outputs: pd.DataFrame, key: str = KEY.outputs) -> None:
    """Outputs in the folder of the cell, which say that they are of a cell."""
    with store.new_file(store.outputs(KEY.outputs)) as path:
        write_named(path, NAME, key, outputs)


@pytest.mark.parametrize("name", ["reference", "answer"])
def test_the_reference_is_read_by_the_name_that_earlier_versions_gave_it_too(store: Store, name: str):
    with store.new_file(store.outputs(KEY.outputs)) as path:
        OUTPUTS.rename(columns={"reference": name}).to_parquet(path, index=False)
    pd.testing.assert_frame_equal(read_outputs(store, KEY, CODE), OUTPUTS)
    score_cell(store, KEY, CODE, None)
    score = store.score(KEY.ref)
    assert score is not None
    assert score.metrics["n"] == 2
    answers = pd.read_parquet(store.cell(KEY.ref) / "answers.parquet")
    assert answers["gold"].tolist() == ["print(x)", "a = 2"]
    assert answers["score"].iloc[0] == 1


def test_damaged_outputs_are_named_with_what_helps(store: Store):
    path = store.outputs(KEY.outputs)
    path.parent.mkdir(parents=True)
    path.write_text("x")
    with pytest.raises(
        UserError, match=rf"^{path}: damaged .*; delete the folder {path.parent} to make the cell again$"
    ):
        read_outputs(store, KEY, CODE)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda frame: frame.head(1), "it has 1 rows, where code has 2 examples"),
        (lambda frame: pd.concat([frame, frame]), "it has 4 rows, where code has 2 examples"),
        (lambda frame: frame[::-1], "it has row 'test-1', where code has test-0)"),
        (
            lambda frame: frame.assign(reference=["print(x)", "a = 3"]),
            "in row test-1 it has another reference than code)",
        ),
        (lambda frame: frame.drop(columns=["text", "stopped"]), "it lacks the columns stopped, text"),
        (lambda frame: pd.DataFrame({"a": [1, 2]}), "it lacks the columns example, output_tokens, prompt_cut, ref"),
    ],
)
def test_outputs_that_are_not_those_of_the_examples_are_not_scored(
    store: Store, change: Callable[[pd.DataFrame], pd.DataFrame], fault: str
):
    write(store, OUTPUTS)
    assert outputs_fault(store, KEY, CODE) is None
    write(store, change(OUTPUTS))
    assert f"outputs.parquet: damaged ({fault}" in str(outputs_fault(store, KEY, CODE))
    with pytest.raises(UserError, match="outputs.parquet: damaged .*; delete the folder .* to make the cell again$"):
        score_cell(store, KEY, CODE, None)
    assert store.score(KEY.ref) is None


def change_a_letter(path: Path) -> None:
    content = path.read_bytes()
    assert content.count(b"print(x)")
    path.write_bytes(content.replace(b"print(x)", b"print(y)"))


def test_a_letter_that_the_disk_changed_is_damage(store: Store, caplog: pytest.LogCaptureFixture):
    write(store, OUTPUTS)
    score_cell(store, KEY, CODE, None)
    partial = PartialOutputs(store, store.parts(KEY.outputs))
    partial.add({0: {"output": "print(x)"}})
    answers = store.cell(KEY.ref) / "answers.parquet"
    for path in (store.outputs(KEY.outputs), answers, partial.folder / "0.parquet"):
        change_a_letter(path)
    with pytest.raises(UserError, match="outputs.parquet: damaged .*CRC"):
        read_outputs(store, KEY, CODE)
    with pytest.raises(OSError, match="CRC"):
        pd.read_parquet(answers, page_checksum_verification=True)
    assert partial.load() == {}
    assert "0.parquet: damaged" in caplog.text


def test_outputs_of_another_adapter_in_a_cells_folder_are_not_scored(store: Store):
    write(store, OUTPUTS, "another")
    with pytest.raises(UserError, match="of another cell than its folder's name says, which was renamed or copied"):
        read_outputs(store, KEY, CODE)


def test_a_score_in_the_folder_of_another_cell_is_damaged(store: Store):
    write(store, OUTPUTS)
    score_cell(store, KEY, CODE, None)
    other = CellKey("others", "scoring", None, "target")
    shutil.copytree(store.root / "cells" / KEY.outputs, store.root / "cells" / other.outputs)
    assert store.score(KEY.ref) is not None
    with pytest.raises(Damaged, match="score.json: of another adapter or target than its folder's name says"):
        store.score(other.ref)


def test_damaged_parts_of_a_cell_are_made_again(store: Store, caplog: pytest.LogCaptureFixture):
    partial = PartialOutputs(store, store.parts(KEY.outputs))
    partial.add({0: {"output": "a"}})
    partial.add({1: {"output": "b"}})
    (partial.folder / "2.parquet").write_bytes(b"")
    pd.DataFrame({"other": [1]}).to_parquet(partial.folder / "3.parquet")
    assert partial.load() == {0: {"output": "a"}, 1: {"output": "b"}}
    assert [f"{number}.parquet: damaged" in text for number, text in zip((2, 3), caplog.messages, strict=True)] == [
        True
    ] * 2
    assert sorted(path.name for path in partial.folder.iterdir()) == ["0.parquet", "1.parquet"]
