"""What the comparisons conclude from numbers; the comparisons themselves need an environment of their own."""

import json
from pathlib import Path

import pytest
import yaml

from benchmarks import measuring, usual_way
from crosstask.data.drawn_examples import test_examples as examples_of
from oracle import inputs
from oracle.comparison import Comparison, table


@pytest.mark.parametrize(
    ("difference", "holds"), [(0.9e-4, True), (1e-4, True), (1.1e-4, False), (float("nan"), False)]
)
def test_a_comparison_holds_up_to_its_tolerance(difference: float, holds: bool):
    comparison = Comparison("losses", 20, difference, 1e-4, "relative")
    assert comparison.holds is holds
    assert ("DISAGREES" in table([comparison])) is not holds


def test_medians_and_ratios():
    assert measuring.spread([3.0, 1.0, 2.0]) == "2.0 (1.0 to 3.0)"
    assert measuring.spread([2.0]) == "2.0"
    assert measuring.ratio([8.0, 100.0, 1.0], [2.0]) == "4.00"


def test_a_process_that_fails_is_an_error(tmp_path: Path):
    with pytest.raises(RuntimeError, match="no such thing"):
        measuring.run(["ls", tmp_path / "no such thing"], tmp_path)


def test_rows_and_tasks_of_the_usual_way_are_ours(tmp_path: Path):
    job = inputs.settings("target=[mnli_words,goat]", "data.test_rows=3", "data.train_rows=20", "trainer.max_steps=1")
    usual_way.write_tasks(job, tmp_path)
    for name, task in job.target.items():
        rows = [json.loads(line) for line in (tmp_path / f"{name}.rows.jsonl").read_text().splitlines()]
        expected = examples_of(name, task, job.data)
        assert [(row["id"], row["prompt"], row["answer"]) for row in rows] == [
            (example.id, example.prompt, example.answer) for example in expected
        ]
        content = yaml.safe_load((tmp_path / f"{name}.yaml").read_text())
        if task.labels:
            assert [content["doc_to_choice"][row["gold"]] for row in rows] == [row["answer"] for row in rows]
        else:
            assert content["generation_kwargs"] == {"until": ["<eos>"], "max_gen_toks": 64, "do_sample": False}
    usual_way.write_training_file(job, "goat", tmp_path)
    trained = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    expected_rows = {(example.prompt, example.answer) for example in inputs.training_rows(job, "goat")}
    assert len(trained) == 16  # one step
    assert {(row["prompt"], row["completion"]) for row in trained} < expected_rows
