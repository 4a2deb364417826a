"""Cells from stored outputs."""

import pandas as pd
import pytest

from crosstask.config.task import Task
from crosstask.errors import UserError
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import read_outputs, score_cell
from crosstask.evaluation.inference import PartialOutputs
from crosstask.evaluation.scorers.registry import scorer
from crosstask.storage.store import Store
from tests.support.outputs import generated_outputs

KEY = CellKey("outputs", "scoring", None, "target")
CODE = scorer("code", Task(prompt="p", answer="a", metric="chrf"))


@pytest.mark.parametrize("name", ["reference", "answer"])
def test_the_reference_is_read_by_the_name_that_earlier_versions_gave_it_too(store: Store, name: str):
    outputs = generated_outputs(["print(x)", "a = 2"], ["print(x)", "b"])
    with store.new_file(store.outputs(KEY.outputs)) as path:
        outputs.rename(columns={"reference": name}).to_parquet(path, index=False)
    pd.testing.assert_frame_equal(read_outputs(store, KEY), outputs)
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
        read_outputs(store, KEY)


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
