"""Which scorer a task has, what it refuses, and that a new one is a class and a line."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.config.job import TrainConfig
from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.accuracy import Accuracy
from crosstask.evaluation.scorers.chrf import Chrf
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.evaluation.scorers.registry import SCORERS, check_references, scorer
from crosstask.jobs import cost
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import possible_rows
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store

CLOSED = Task(prompt="p", answer="a", metric="accuracy", labels=["a", "b"])
OPEN = Task(prompt="p", answer="a", metric="exact_match", extraction=AnswerExtraction("(a)", "(b)"))


def test_the_metric_chooses_the_scorer():
    tasks = {"accuracy": CLOSED, "exact_match": OPEN, "chrf": replace(OPEN, metric="chrf")}
    assert {name: type(scorer("jokes", task)) for name, task in tasks.items()} == {
        "accuracy": Accuracy,
        "exact_match": ExactMatch,
        "chrf": Chrf,
    }


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (replace(CLOSED, metric=None), "the field 'metric' has no value; a target needs one of accuracy, exact_match"),
        (replace(CLOSED, metric="acuracy"), "metric=acuracy: no such metric; a target has one of accuracy, exact"),
        (replace(CLOSED, labels=[]), "metric accuracy needs at least two different labels"),
        (replace(CLOSED, labels=["a", "a"]), "metric accuracy needs at least two different labels"),
        (replace(CLOSED, metric="chrf"), "metric chrf is for open tasks, which have no labels"),
        (replace(OPEN, extraction=None), "the field 'extraction' has no value; metric exact_match needs it"),
    ],
)
def test_a_task_that_its_scorer_cannot_score_is_named(task: Task, message: str):
    with pytest.raises(UserError) as caught:
        scorer("jokes", task)
    assert str(caught.value).startswith(f"conf/task/jokes.yaml: {message}")


@pytest.mark.parametrize("metric", ["accuracy", None])
def test_a_reference_that_is_no_label_is_named_whether_the_task_is_a_target_or_only_a_source(metric: str | None):
    rows = [Example("test-0", "p", "a"), Example("test-1", "p", "c")]
    check_references("jokes", replace(CLOSED, metric=metric), rows[:1])
    with pytest.raises(UserError, match=r"^task 'jokes': row test-1: the label 'c' is not one of 'a', 'b'$"):
        check_references("jokes", replace(CLOSED, metric=metric), rows)


def test_any_reference_fits_a_task_without_labels():
    for task in (OPEN, replace(OPEN, metric=None)):
        check_references("jokes", task, [Example("test-0", "p", "c")])


def test_a_job_refuses_rows_that_do_not_fit_their_task(config: TrainConfig):
    (name, task), labels = next(iter(config.source.items())), ["positive", "negative"]
    assert task is not None
    for changed in ({"source": {name: replace(task, labels=labels)}}, {"target": {name: replace(task, labels=labels)}}):
        with pytest.raises(
            UserError, match=r"^task 'films': .*\.jsonl:\d+: the label '[01]' is not one of 'positive', 'negative'$"
        ):
            train(replace(config, **changed), Progress())


def test_a_job_refuses_a_target_that_cannot_be_scored(config: TrainConfig):
    target = {name: replace(task, metric=None) for name, task in config.target.items()}
    with pytest.raises(UserError, match=r"conf/task/films\.yaml: the field 'metric' has no value"):
        train(replace(config, target=target), Progress())


@dataclass(frozen=True)
class Length:
    """The length of a prompt as the tokenizer counts it: a response of requests that no other scorer has."""

    tokens: int

    def columns(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "prompt_cut": 0}


class TwoPerExample:
    """Two requests for every example, as several labels at once would need them."""

    batch_tokens = 8

    def __init__(self, base: BaseModel, prompts: Sequence[str]) -> None:
        self.lengths = [len(base.tokenizer(prompt)["input_ids"]) for prompt in prompts for _ in range(2)]

    def run(self, model: Any, members: Sequence[int]) -> list[Length]:
        return [Length(self.lengths[member]) for member in members]


class Evenness(Scorer):
    """Whether the number of tokens of the prompt is even, by a metric of its own."""

    outputs_version = 1
    version = 1

    def outputs_identity(self, target: Target) -> dict[str, Any]:
        return {"requests": 2}

    def expected_characters(self, target: Target) -> int:
        return 7 * len(target.examples)

    def requests(self, base: BaseModel, target: Target) -> TwoPerExample:
        return TwoPerExample(base, [example.prompt for example in target.examples])

    def outputs(self, responses: pd.DataFrame) -> pd.DataFrame:
        return responses.iloc[::2].reset_index(drop=True)

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        even = (outputs["tokens"] % 2 == 0).astype(float)
        return outputs.assign(gold=outputs["reference"], prediction=outputs["tokens"], valid=True, score=even)

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        return {**super().metrics(answers), "longest": float(answers["tokens"].max())}


def test_a_new_scorer_is_a_class_and_a_line(config: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SCORERS, "evenness", Evenness)
    films = replace(config.target["films"], metric="evenness", labels=[])
    job = replace(config, source={"base": None}, target={"films": films})
    assert cost.work(job, possible_rows(job), trains=True) == 7 * 4
    assert train(job, Progress()).startswith("done: scored 1 targets")
    store = Store(config.store)
    (score,) = store.root.glob("cells/*/*/score.json")
    answers = pd.read_parquet(score.with_name("answers.parquet"))
    assert answers["score"].tolist() == [float(tokens % 2 == 0) for tokens in answers["tokens"]]
    assert len(answers) == 4
    assert f'"longest": {float(answers["tokens"].max())}' in score.read_text()
    assert '"metric": "evenness"' in score.read_text()
    assert evaluate(replace(job, rescore=True), Progress(), "").endswith("1 targets, 0 changed")


def test_planning_a_sweep_with_all_scorers_imports_nothing_large():
    code = "import sys, crosstask.jobs.cost, crosstask.evaluation.scorers.registry; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in found.stdout.split()}
    assert "crosstask" in loaded
    assert not loaded & {"torch", "transformers", "sklearn", "scipy", "sacrebleu", "peft", "wandb"}


def test_every_scorer_has_its_own_file():
    files = {Path(sys.modules[kind.__module__].__file__ or "").stem for kind in SCORERS.values()}
    assert files == set(SCORERS)
