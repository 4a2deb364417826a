"""Cells from stored outputs."""

import pandas as pd
import pytest

from crosstask.config.task import Task
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import read_outputs, score_cell
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
