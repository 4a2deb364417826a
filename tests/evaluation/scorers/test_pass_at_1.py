"""Pass@1 of code: what is run, what is stored of it, and what is refused; no code is run here."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import AnswerExtraction, CodeExecution, DataSet, Task
from crosstask.data.drawn_examples import test_examples as scored_examples
from crosstask.data.examples import Example, content_hash
from crosstask.errors import UserError
from crosstask.evaluation.cells import _references
from crosstask.evaluation.scorers import pass_at_1
from crosstask.evaluation.scorers.registry import check_machine, scorer
from crosstask.sandbox import supervisor
from crosstask.sandbox.problem import Outcome, Problem, Verdict

TASK = Task(
    dataset=DataSet(name="codes"),
    prompt="{{ stub }}",
    answer="{{ body }}",
    metric="pass_at_1",
    execution=CodeExecution("{{ name }}", "{{ tests | join('\n') }}", "{{ stub }}"),
)
ROW = {"stub": "def one():\n", "body": "    return 1\n", "name": "one", "tests": ["assert one() == 1", "one()"]}
VERDICTS = {  # by the program
    "def one():\n    return 1\n": Verdict(Outcome.passed),
    "def one():\n    return 2\n": Verdict(Outcome.wrong, "AssertionError"),
    "def one():\nI think": Verdict(Outcome.syntax_error, "IndentationError"),
    "def one():\n    broken": Verdict(Outcome.broken_tests, "SyntaxError"),
}
TEXTS = [
    "    return 1\n",
    "    return 2\n\nprint(one())",
    "I think",
    "  \n",
    "```python\ndef one():\n    return 1\n```",
]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """The problems that would be run; what comes of them is given."""
    problems: list[Problem] = []

    def given(asked: Sequence[Problem]) -> list[Verdict]:
        problems.extend(asked)
        return [VERDICTS[problem.program.lstrip()] for problem in asked]

    monkeypatch.setattr(supervisor, "run_all", given)
    monkeypatch.setattr(pass_at_1, "check_sandbox", lambda _: None)
    return problems


def outputs(texts: list[str], given: str | None = "def one():\n") -> pd.DataFrame:
    frame = pd.DataFrame({"text": texts, "reference": "    return 1\n", "tests": "one()", "entry_point": "one"})
    frame = frame.assign(output_tokens=3, stopped=True, prompt_cut=0, example=[f"test-{n}" for n in range(len(texts))])
    return frame if given is None else frame.assign(given=given)


def test_the_tests_decide_and_what_they_say_is_kept(ran: list[Problem]):
    answers = scorer("codes", TASK).score(outputs(TEXTS))
    assert answers["outcome"].tolist() == ["passed", "wrong", "syntax_error", "no_code", "passed"]
    assert answers["detail"].tolist() == ["", "AssertionError", "IndentationError", "", ""]
    assert answers["score"].tolist() == [1, 0, 0, 0, 1]
    assert answers["valid"].tolist() == [True, True, False, False, True]
    assert answers["prediction"].isna().tolist() == [False, False, True, True, False]
    assert answers["prediction"][1] == "def one():\n    return 2\n"
    assert len(ran) == 4, "nothing is run of an output without code"
    assert all((one.tests, one.entry_point, one.given) == ("one()", "one", "def one():\n") for one in ran)


def test_metrics_have_the_share_of_each_way_to_fail(ran: list[Problem]):
    found = scorer("codes", TASK)
    metrics = found.metrics(found.score(outputs(TEXTS)))
    assert (metrics["score"], metrics["invalid"], metrics["n"]) == (0.4, 0.4, 5)
    shares = {name: share for name, share in metrics.items() if name.startswith("outcome/") and share}
    assert shares == {"outcome/wrong": 0.2, "outcome/syntax_error": 0.2, "outcome/no_code": 0.2}
    assert "outcome/timeout" in metrics
    assert "outcome/passed" not in metrics


def test_tests_that_cannot_be_run_are_named(ran: list[Problem], caplog: pytest.LogCaptureFixture):
    scorer("codes", TASK).score(outputs(["    return 1\n", "    broken"]))
    assert (
        "target codes: 1 of 2 rows have tests that cannot be run, such as test-1; they count as failed" in caplog.text
    )


def test_answers_may_be_whole_programs(ran: list[Problem]):
    answers = scorer("codes", TASK).score(outputs(["def one():\n    return 1\n"], given=None))
    assert (answers["outcome"].tolist(), ran[0].given) == (["passed"], "")


def data(root: Path, *rows: dict[str, object]) -> Data:
    (root / "codes").mkdir()
    pd.DataFrame(rows).to_json(root / "codes" / "test.jsonl", orient="records", lines=True)
    return Data(name="d", kind=DataKind.local, root=str(root), train_rows=0, test_rows=0)


def test_rows_bring_their_tests_along(tmp_path: Path):
    (example,) = scored_examples("codes", TASK, data(tmp_path, ROW))
    assert (example.prompt, example.answer) == ("def one():\n", "    return 1\n")
    assert (example.given, example.entry_point) == ("def one():\n", "one")
    assert example.tests == "assert one() == 1\none()"
    frame = _references([example])
    assert frame.columns.tolist() == ["example", "reference", "given", "tests", "entry_point"]


def test_tests_are_part_of_what_an_example_is_and_their_lack_is_not():
    plain, tested = Example("test-0", "p", "a"), Example("test-0", "p", "a", tests="one()", entry_point="one")
    assert len({content_hash([one]) for one in (plain, tested, replace(tested, tests="two()"))}) == 3
    assert content_hash([plain]) == content_hash([replace(plain, tests="", entry_point="", given="")])
    assert content_hash([plain]) == "9bac264b5c39b8fa408d", "as stores know it"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "one two"}, "execution.entry_point: 'one two' is no name of a function"),
        ({"name": "class"}, "execution.entry_point: 'class' is no name of a function"),
        ({"name": "a.b"}, "execution.entry_point: 'a.b' is no name of a function"),
        ({"tests": [" "]}, "execution.tests: there are none"),
    ],
)
def test_a_row_that_cannot_be_tested_is_named(changed: dict[str, object], message: str, tmp_path: Path):
    examples = scored_examples("codes", TASK, data(tmp_path, ROW, ROW | changed))
    with pytest.raises(UserError, match=rf"^task 'codes': .*test\.jsonl:2: {message}$"):
        scorer("codes", TASK).check_examples(examples)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (replace(TASK, execution=None), "the field 'execution' has no value; metric pass_at_1 needs it"),
        (replace(TASK, labels=["a", "b"]), "metric pass_at_1 is for open tasks, which have no labels"),
        (replace(TASK, extraction=AnswerExtraction("a", "b")), "the field 'extraction' has a value, and metric"),
        (replace(TASK, metric="chrf"), "the field 'execution' has a value, which metric chrf does not read"),
    ],
)
def test_a_task_that_does_not_fit_is_named(task: Task, message: str):
    with pytest.raises(UserError, match=message):
        scorer("codes", task)


def test_a_machine_is_asked_for_a_sandbox_only_where_code_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pass_at_1, "check_sandbox", lambda what: (_ for _ in ()).throw(UserError(what)))
    check_machine({"words": replace(TASK, metric="chrf", execution=None)})
    with pytest.raises(UserError, match="^target codes: metric pass_at_1$"):
        check_machine({"words": replace(TASK, metric="chrf", execution=None), "codes": TASK})
    with pytest.raises(UserError, match="^target codes: metric pass_at_1$"):
        scorer("codes", TASK).score(outputs(TEXTS))
