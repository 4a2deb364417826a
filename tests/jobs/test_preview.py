"""A preview shows what a job's data become, by the base model's tokenizer and without its weights."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.config.job import TrainConfig
from crosstask.config.task import CodeExecution, DataSet, Task
from crosstask.config.training import Loss
from crosstask.config.variant import Variant, VariantKind
from crosstask.jobs.preview import preview
from crosstask.jobs.row_of_job import matrix_row
from crosstask.models import base_model, loading
from tests.support.small_tasks import FILMS, SUMS

QUIZ = Task(
    dataset=DataSet(name="quiz"),
    prompt="{{ q }}\n{{ lettered }}Answer:",
    answer="{{ n }}",
    options="o",
    metric="choice_accuracy",
)


@pytest.fixture
def job(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> TrainConfig:
    """A job whose base model may not be loaded."""

    def refuse(*_: object) -> None:
        raise AssertionError("weights are loaded")

    monkeypatch.setattr(loading, "weights", refuse)
    monkeypatch.setattr(base_model, "_load", refuse)
    folder = Path(config.data.root or "") / "quiz"
    folder.mkdir()
    rows = [{"q": f"good {number}", "o": ["the", "film"], "n": number % 2} for number in range(8)]
    for split in ("train", "test"):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return config


def shown(job: TrainConfig) -> list[str]:
    """The lines of a preview of a job."""
    return list(preview(job, matrix_row(job)))


def test_a_variant_says_what_it_did_to_the_rows(job: TrainConfig):
    job = replace(job, target={}, variant=Variant(VariantKind.share_wrong, share=0.5))
    assert shown(job)[:2] == [
        "source films: 12 training rows",
        "  variant share_wrong 0.5: 50 % of the rows changed: 6 of 12 rows have a wrong label",
    ]


def test_the_source_shows_an_example_and_what_of_it_is_supervised(job: TrainConfig):
    lines = list(shown(replace(job, target={})))
    assert lines[0] == "source films: 12 training rows"
    assert lines[1].endswith("films/train.jsonl:1:") or "train.jsonl:" in lines[1]
    texts = [line.removeprefix("    | ") for line in lines if line.startswith("    | ")]
    assert texts[-2:] in (["Sentiment:", "[0]"], ["Sentiment:", "[1]"])
    (count,) = [line for line in lines if "are supervised" in line]
    assert "of which 2 are supervised (trainer.loss=completion):" in count
    following = lines[lines.index(count) + 1]
    assert following.split() in (["'0'", "'<eos>'"], ["'1'", "'<eos>'"])
    histogram = [int(line.split()[3]) for line in lines if " to " in line and line.startswith("     ")]
    assert sum(histogram) == 12
    assert any(line.startswith("  answers: '") and "%" in line for line in lines)


def test_with_the_loss_over_the_sequence_the_prompt_is_supervised_too(job: TrainConfig):
    trained = replace(job, target={}, trainer=replace(job.trainer, loss=Loss.sequence))
    (count,) = [line for line in shown(trained) if "are supervised" in line]
    tokens, learned = int(count.split()[0]), int(count.split()[4])
    assert learned == tokens - 1


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("{{ label }}", "  no space before the answer: it is read as "),
        (" {{ label }}", None),
        ("({{ label }})", None),
    ],
)
def test_a_prompt_and_an_answer_that_are_read_as_one_word_are_named(job: TrainConfig, answer: str, line: str | None):
    labels = [answer.replace("{{ label }}", str(label)) for label in (0, 1)]
    task = replace(FILMS, prompt="{{ text }}\nSentiment:", answer=answer, labels=labels)
    found = [one for one in shown(replace(job, source={"base": None}, target={"films": task})) if "no space" in one]
    assert bool(found) == (line is not None)
    assert all(one.startswith(str(line)) and one.endswith(("Sentiment:0'", "Sentiment:1'")) for one in found)


def test_a_target_shows_its_answers_with_their_tokens_and_what_is_trained_on_too(job: TrainConfig):
    text = "\n".join(shown(replace(job, source={"base": None}, target={"films": FILMS, "quiz": QUIZ})))
    films, quiz = text.split("target quiz: ")
    assert films.strip().startswith("target films: 4 test rows, metric accuracy")
    assert "    '0': '0'\n    '1': '1'\n" in films
    assert "  without content, for the prior of the answers:\n    | N/A\n    | Sentiment:\n" in films
    assert quiz.startswith("4 test rows, metric choice_accuracy")
    assert "| A. the\n    | B. film\n    | Answer:[ " in quiz
    assert "    ' A': ' A'\n    ' B': ' B'\n" in quiz or "' A':" in quiz


def test_the_tests_of_code_are_shown(job: TrainConfig):
    execution = CodeExecution("f", "assert f() == '{{ q }}'\nf()\n", "def f():\n")
    code = replace(QUIZ, prompt="{{ q }}\n", metric="pass_at_1", options=None, execution=execution)
    text = "\n".join(shown(replace(job, source={"base": None}, target={"code": code})))
    assert "\n  what tests 'f':\n    | assert f() == 'good " in text
    assert "'\n    | f()\n  4 different" in text or "'\n    | f()\n  answers: " in text


def test_what_is_cut_is_counted(job: TrainConfig):
    short = replace(job, target={}, trainer=replace(job.trainer, max_length=4))
    (line,) = [line for line in shown(short) if line.startswith("  cut to")]
    assert line == "  cut to 4 tokens (trainer.max_length, the model's context): 12 prompts, 0 answers"


def test_nothing_is_written(job: TrainConfig):
    list(shown(job))
    assert not Path(job.store).exists()


def test_a_target_with_a_judge_shows_what_that_is_asked(job: TrainConfig):
    judged = replace(SUMS, metric="judge", rubric="Any sum is correct.")
    lines = shown(replace(job, source={"base": None}, target={"sums": judged}))
    start = lines.index("  what the judge is asked about an answer, here the reference itself:")
    assert "    | Any sum is correct." in lines[start:]
    assert lines[lines.index("    | VERDICT: CORRECT") + 1] == "    | VERDICT: WRONG"
