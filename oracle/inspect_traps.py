"""Logs that Inspect writes of evaluations that a reader of them may take for what they are not.

Each is in a folder of its own, of a few questions, by the scripted models ``small`` and ``tuned``.
"""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageUser,
    ContentImage,
    ContentText,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, accuracy, match, mean, model_graded_qa, scorer, stderr
from inspect_ai.solver import TaskState, generate

from oracle.inspect_logs import draw, run

QUESTIONS = 6
MODELS = {"small": 0.4, "tuned": 0.7}
"""Name -> share of right answers."""
LONG = "It says here. " * 380
"""More than summaries have of a text."""
Write = Callable[[Path], None]


def write_logs(folder: Path) -> None:
    """Write all of them."""
    for name, write in WRITERS.items():
        write(folder / name)


def _same_names(folder: Path) -> None:
    """Two scorers with a score of one name, on different scales."""
    for name in MODELS:
        run(_task(_questions(), [first(), second()]), folder, _model(name))


def _text_value(folder: Path) -> None:
    """A second scorer whose value is no number of one sample."""
    for name in MODELS:
        run(_task(_questions(), [match(), verdict()]), folder, _model(name))


def _long(folder: Path) -> None:
    """Other questions of one model, that begin with the same long text."""
    run(_task(_questions(LONG)), folder, _model("small"))
    run(_task(_questions(LONG, begin=QUESTIONS)), folder, _model("tuned"))


def _long_forms(folder: Path) -> None:
    """The same long questions in both forms of logs."""
    for name, log_format in zip(MODELS, ("eval", "json"), strict=True):
        run(_task(_questions(LONG)), folder, _model(name), log_format=log_format)


def _images(folder: Path) -> None:
    """The same question of several images; of the last model of others."""
    for name, log_format in zip(MODELS, ("eval", "json"), strict=True):
        run(_task(_of_images(0)), folder, _model(name), log_format=log_format)
    run(_task(_of_images(QUESTIONS)), folder, _model("other", 0.5))


def _graders(folder: Path) -> None:
    """Another grader of each model."""
    for name, grader in zip(MODELS, ("strict", "lenient"), strict=True):
        run(_task(_questions(), model_graded_qa()), folder, _model(name), model_roles={"grader": _grader(grader)})


def _own_graders(folder: Path) -> None:
    """Each model grades itself."""
    for name in MODELS:
        run(_task(_questions(), model_graded_qa()), folder, _model(name, grades=True))


def _options(folder: Path) -> None:
    """Other options of the scorer of each model."""
    for name, location in zip(MODELS, ("end", "any"), strict=True):
        run(_task(_questions(), match(location=location)), folder, _model(name))


def _limits(folder: Path) -> None:
    """A limit of the task, and one of the evaluation, of one model."""
    run(_task(_questions()), folder, _model("small"))
    run(_task(_questions(), message_limit=3), folder, _model("tuned"), token_limit=2)


IN_PARTS = ("long", "long_forms", "images")
"""Those whose summaries have a part of what is asked."""
WRITERS: dict[str, Write] = {
    "same_names": _same_names,
    "text_value": _text_value,
    "long": _long,
    "long_forms": _long_forms,
    "images": _images,
    "graders": _graders,
    "own_graders": _own_graders,
    "options": _options,
    "limits": _limits,
}


def _task(samples: Sequence[Sample], scorers: Any = None, **options: Any) -> Task:
    """A task whose answers are yes and no."""
    return Task(MemoryDataset(list(samples)), name="asked", solver=generate(), scorer=scorers or match(), **options)


def _questions(text: str = "", begin: int = 0) -> list[Sample]:
    """Questions with a text before each, numbered from 1 whichever they are."""
    return [Sample(id=place + 1, input=f"{text}Question {begin + place}?", target="yes") for place in range(QUESTIONS)]


def _of_images(begin: int) -> list[Sample]:
    """The same question of an image each."""
    found = []
    for place in range(QUESTIONS):
        data = base64.b64encode(f"image {begin + place}".encode() * 20).decode()
        parts = [ContentText(text="Is it red?"), ContentImage(image=f"data:image/png;base64,{data}")]
        found.append(Sample(id=place + 1, input=[ChatMessageUser(content=parts)], target="yes"))
    return found


def _model(name: str, share: float | None = None, grades: bool = False) -> Model:
    """A model that says yes to a share of questions; and to its own answers, where it grades."""
    asked = [0]

    def output(messages: Any, *_: object) -> ModelOutput:
        asked[0] += 1
        if grades and "[BEGIN DATA]" in messages[-1].text:
            return _said(name, "GRADE: C")
        right = draw(name, messages[-1].text[-40:], str(asked[0])) < (MODELS[name] if share is None else share)
        return _said(name, "yes" if right else "no")

    return get_model(f"mockllm/{name}", custom_outputs=output, memoize=False)


def _grader(name: str) -> Model:
    """A model that finds every answer wrong, or right if it is lenient."""
    says = "GRADE: C" if name == "lenient" else "GRADE: I"
    return get_model(f"mockllm/{name}", custom_outputs=lambda *_: _said(name, says), memoize=False)


def _said(name: str, text: str) -> ModelOutput:
    """An answer, with a usage, without which Inspect would count tokens with a tokenizer that it downloads."""
    said = ModelOutput.from_content(f"mockllm/{name}", text)
    said.usage = ModelUsage(input_tokens=3, output_tokens=len(text.split()), total_tokens=3 + len(text.split()))
    return said


@scorer(metrics={"right": [accuracy(), stderr()], "length": [mean()]})
def first() -> Scorer:
    """Score by two values."""

    async def score(state: TaskState, target: Target) -> Score:
        said = state.output.completion
        return Score(value={"right": "C" if said == target.text else "I", "length": float(len(said))})

    return score


@scorer(metrics={"right": [mean()]})
def second() -> Scorer:
    """Score by a value of the same name, of which wrong answers have ten."""

    async def score(state: TaskState, target: Target) -> Score:
        return Score(value={"right": 10.0 * (state.output.completion != target.text)})

    return score


@scorer(metrics=[accuracy()])
def verdict() -> Scorer:
    """Score by a letter, and one sample by a word."""

    async def score(state: TaskState, target: Target) -> Score:
        return Score(value="refused" if state.sample_id == 3 else "C")

    return score
