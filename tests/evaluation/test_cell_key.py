"""Everything that makes a cell changes its name in the store; nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from crosstask.config.judge import Judge
from crosstask.config.scoring import Scoring
from crosstask.config.task import AnswerExtraction, CodeExecution, Decision, Task
from crosstask.data.examples import Example
from crosstask.evaluation.cell_key import CellKey, cell_key
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.evaluation.scorers.generated_text import max_new_tokens
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import SCORERS, scorer
from crosstask.judging.questions import RUBRIC

ROWS = [Example("train-0", "p", "a"), Example("train-1", "q", "b")]


CLOSED = Task(prompt="p", answer="a", metric="accuracy", labels=["0", "1"])
OPEN = Task(prompt="p", answer="a", metric="exact_match", extraction=AnswerExtraction("(a)", "(b)"), max_new_tokens=50)


def key(
    task: Task = OPEN,
    adapter: str | None = "x",
    base: str = "b",
    rows: list[Example] = ROWS,
    content_free: str = "N/A",
    **scoring: Any,
) -> Any:
    return cell_key(base, adapter, Target(scorer("t", task), rows, content_free, Scoring(**scoring)))


def test_outputs_and_scores_are_two_things():
    assert key(replace(OPEN, extraction=AnswerExtraction("(c)", "(b)"))).outputs == key().outputs
    assert key(replace(OPEN, extraction=AnswerExtraction("(c)", "(b)"))).scoring != key().scoring
    assert key(max_new_tokens=5).outputs != key().outputs
    assert key(max_new_tokens=5).scoring == key().scoring


@pytest.mark.parametrize("change", [{"adapter": "y"}, {"adapter": None}, {"base": "c"}, {"rows": ROWS[:1]}])
def test_another_adapter_base_or_data_gives_other_outputs(change: dict[str, Any]):
    assert key(**change).outputs != key().outputs


def test_labels_and_their_order_make_other_outputs():
    assert key(replace(CLOSED, labels=["1", "0"])).outputs != key(CLOSED).outputs


def test_what_decides_makes_other_scores_of_the_same_outputs():
    decided = replace(CLOSED, decide=Decision.per_token)
    assert key(decided).outputs == key(CLOSED).outputs
    assert key(decided).scoring != key(CLOSED).scoring


def test_the_prompt_without_content_makes_other_outputs_of_closed_tasks_alone():
    assert key(CLOSED, content_free="-").outputs != key(CLOSED).outputs
    assert key(OPEN, content_free="-").outputs == key(OPEN).outputs


def test_a_column_is_everything_but_the_adapter_and_the_base_model():
    assert key(adapter="y").target == key(base="c").target == key().target
    for other in (key(rows=ROWS[:1]), key(max_new_tokens=5), key(replace(OPEN, metric="chrf"))):
        assert other.target != key().target


def test_the_token_budget_is_no_part_of_a_cell():
    assert key(batch_tokens=1) == key(batch_tokens=64)


def test_the_lower_of_both_limits_counts():
    assert [max_new_tokens(OPEN, Scoring(max_new_tokens=n)) for n in (None, 5, 500)] == [50, 5, 50]


FILMS = [
    Example("test-0", "the film was good\nSentiment:\n", "1"),
    Example("test-17", "the film was bad\nSentiment:\n", "0"),
]
SENTIMENT = Task(prompt="{{ text }}", answer="{{ label }}", metric="accuracy", labels=["1", "0"])
NUMBER = AnswerExtraction(r"#### (\d+)", r"(\d+)", number=True)
SUM = Task(prompt="{{ text }}", answer="{{ label }}", metric="exact_match", extraction=NUMBER)
CODE = Task(prompt="{{ text }}", answer="{{ label }}", metric="chrf", max_new_tokens=50)
CHOICE = Task(prompt="{{ text }}", answer="{{ label }}", metric="choice_accuracy", options="choices")
WORDS = replace(CODE, metric="token_f1")
CELLS: dict[str, tuple[Task, str | None, Scoring]] = {
    "closed": (SENTIMENT, "a", Scoring()),
    "closed, per token": (replace(SENTIMENT, decide=Decision.per_token), "a", Scoring()),
    "closed, base": (SENTIMENT, None, Scoring()),
    "exact match": (SUM, "a", Scoring()),
    "exact match, limited": (SUM, None, Scoring(max_new_tokens=5)),
    "chrf": (CODE, "a", Scoring()),
    "chrf, unused fields": (
        replace(CODE, extraction=AnswerExtraction("(a)", "(b)"), decide=Decision.per_byte),
        "a",
        Scoring(),
    ),
    "choice": (CHOICE, "a", Scoring()),
    "choice, per byte": (replace(CHOICE, decide=Decision.per_byte), "a", Scoring()),
    "token F1": (WORDS, "a", Scoring()),
    "normalized match": (replace(WORDS, metric="normalized_match"), "a", Scoring()),
    "ordinal": (replace(SENTIMENT, metric="ordinal_closeness"), "a", Scoring()),
    "numeric": (replace(WORDS, metric="numeric_closeness", range=[0, 1]), "a", Scoring()),
    "several labels": (replace(WORDS, metric="multilabel_f1", labels=["1", "0"]), "a", Scoring()),
    "code": (replace(CODE, metric="pass_at_1", execution=CodeExecution("f", "f()")), "a", Scoring()),
    "plain text": (Task(prompt="", answer="{{ text }}", metric="bits_per_byte"), "a", Scoring()),
    "judge": (replace(WORDS, metric="judge"), "a", Scoring()),
}
JUDGE = Judge(base_url="http://localhost:8000/v1", model="judge")
RECORDED = {  # outputs by the code in which all scorers had one version, 3; exact match and code score otherwise since
    "closed": ("ab29190268206233423f", "9215c33c031dfa67bcc2", "91ca8ffa3ce5a6640dea"),
    "closed, per token": ("ab29190268206233423f", "51cd7ba76f32ed5df21b", "2b6d1e3844e0fd2061fc"),
    "closed, base": ("daedb5fc4bf0b06bb507", "9215c33c031dfa67bcc2", "91ca8ffa3ce5a6640dea"),
    "exact match": ("27ff49d0bd941f2bbd1d", "5a1e87683ce88126f15b", "562fc49a9e78561d486b"),
    "exact match, limited": ("f23f7338566541f2ad46", "5a1e87683ce88126f15b", "858220c2f54fefed67bc"),
    "chrf": ("570469c8bb7ad6936602", "ffe82e44cfc3b2f655c4", "e6f5cb926adc57a16029"),
    "chrf, unused fields": ("570469c8bb7ad6936602", "cb2cf64b93742bba3c53", "936a4d2edcb98ab2a7f2"),
    "choice": ("f0a7fb425e611234e0ac", "0f24187a720904602bce", "4345596596a5ec9c5d0d"),
    "choice, per byte": ("f0a7fb425e611234e0ac", "ed945df096a8aa72c52b", "63909eccb30f68a0bbf4"),
    "token F1": ("570469c8bb7ad6936602", "a26e360daa97f2838fa3", "7036429bf5687c64ad79"),
    "normalized match": ("570469c8bb7ad6936602", "477a1e9988d6c8165b65", "c250d37800a66038df55"),
    "ordinal": ("ab29190268206233423f", "2a34e28b1eaa7df756a5", "14381faeedaf50ec1575"),
    "numeric": ("570469c8bb7ad6936602", "05dc2f225f2e77891afb", "7db8d01c05a0ffe1a0a3"),
    "several labels": ("570469c8bb7ad6936602", "1d6656843f4ea49cfa07", "1d9e8f25a513b5dbaa8a"),
    "code": ("570469c8bb7ad6936602", "4b7f4aeb9d93e02d5e22", "ec51a91941e9e6c3a0f9"),
    "plain text": ("3d65cffa135b34832a7e", "4e708b9f509bd0aca435", "b9555b27b0fac67cc269"),
    "judge": ("570469c8bb7ad6936602", "fd01c11ed620a1804792", "09b0481a13c0564ead0b"),
}


def keys() -> dict[str, CellKey]:
    targets = {
        name: Target(scorer(name, task), FILMS, "N/A\nSentiment:\n", scoring, JUDGE if task.metric == "judge" else None)
        for name, (task, _, scoring) in CELLS.items()
    }
    return {name: cell_key("model", CELLS[name][1], target) for name, target in targets.items()}


def test_cells_keep_the_names_that_stores_know_them_by():
    assert {name: (key.outputs, key.scoring, key.target) for name, key in keys().items()} == RECORDED


@pytest.mark.parametrize("metric", SCORERS)
def test_a_new_version_of_one_scorer_scores_its_own_cells_again_and_runs_no_inference(
    metric: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(SCORERS[metric], "version", SCORERS[metric].version + 1)
    changed = {name for name, key in keys().items() if key.scoring != RECORDED[name][1]}
    assert changed == {name for name, (task, _, _) in CELLS.items() if task.metric == metric}
    assert changed
    assert all(key.outputs == RECORDED[name][0] for name, key in keys().items())
    assert {name for name, key in keys().items() if key.target != RECORDED[name][2]} == changed


def test_a_new_version_of_what_one_scorer_asks_runs_the_inference_of_its_own_cells(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ExactMatch, "outputs_version", ExactMatch.outputs_version + 1)
    changed = {name for name, key in keys().items() if key.outputs != RECORDED[name][0]}
    assert changed == {"exact match", "exact match, limited"}


def judged_key(task: Task = CELLS["judge"][0], **settings: Any) -> CellKey:
    return cell_key("model", "a", Target(scorer("t", task), FILMS, None, Scoring(), replace(JUDGE, **settings)))


@pytest.mark.parametrize(
    "change", [{"model": "other"}, {"temperature": 1.0}, {"max_tokens": None}, {"parameters": {"seed": 1}}]
)
def test_another_judge_scores_the_same_outputs_otherwise(change: dict[str, Any]):
    assert judged_key(**change).outputs == judged_key().outputs
    assert judged_key(**change).scoring != judged_key().scoring


def test_another_rubric_does_too_and_where_the_judge_is_and_what_it_costs_does_not():
    task = CELLS["judge"][0]
    assert judged_key(replace(task, rubric="Be kind.")).scoring != judged_key().scoring
    assert judged_key(replace(task, rubric=RUBRIC + "\n")) == judged_key()
    place = {"base_url": "http://10.0.0.1/v1", "api_key_env": "KEY", "input_price": 1.0, "output_price": 1.0}
    assert judged_key(**place, timeout=1.0, max_retries=0, concurrency=1) == judged_key()
