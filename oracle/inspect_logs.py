"""Logs that Inspect writes, of three models on two tasks of the miniature's data.

The models are scripted (``mockllm``): each gives a share of right answers, and now and then something that no scorer
can read. Whether a model is right depends on the question alone, so that the same command writes the same answers.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice, includes, match
from inspect_ai.solver import generate, multiple_choice

from crosstask.miniature.rows import rows

MODELS = {"small": 0.35, "tuned_sums": 0.6, "tuned_claims": 0.5}
"""Name -> share of right answers, on the whole; the second name says on which task it is more."""
GAIN = 0.35
LABELS = ("entailment", "neutral", "contradiction")


def claims(count: int) -> Task:
    """Return a task of multiple choice, with the scorer ``choice``."""
    samples = [
        Sample(
            id=f"claim-{n}",
            input=f"{row['premise']}\n{row['hypothesis']}",
            choices=list(LABELS),
            target="ABC"[row["label"]],
        )
        for n, row in enumerate(rows("mnli", "test")[:count])
    ]
    return Task(MemoryDataset(samples), name="claims", solver=multiple_choice(), scorer=choice())


def sums(count: int, epochs: Any = None) -> Task:
    """Return a task of generated text, with two scorers, and without identities of the samples."""
    samples = [Sample(input=row["instruction"], target=row["answer"]) for row in rows("goat", "test")[:count]]
    return Task(MemoryDataset(samples), name="sums", solver=generate(), scorer=[match(), includes()], epochs=epochs)


def write_logs(folder: Path, count: int) -> list[EvalLog]:
    """Run every model on every task; return the logs of these runs, which are in the folder.

    Two more are there: of the first model on a few samples, as one tries a command, and of one that fails.
    """
    run(claims(3), folder, model("small"))
    run(claims(count), folder, model("small", fails=True))
    return [run(task, folder, model(name)) for name in MODELS for task in (claims(count), sums(count))]


def run(task: Task, folder: Path, of: Model, **options: Any) -> EvalLog:
    """Run one model on one task."""
    return eval(
        task, model=of, log_dir=str(folder), display="none", log_format=options.pop("log_format", "eval"), **options
    )[0]


def model(name: str, fails: bool = False) -> Model:
    """Return a scripted model."""
    answers = _answers()
    times: Counter[str] = Counter()

    def output(messages: Any, *_: object) -> ModelOutput:
        if fails:
            raise RuntimeError("out of memory")
        text = messages[-1].text
        kind, right = next((kind, right) for asked, (kind, right) in answers.items() if asked in text)
        times[text] += 1  # asked again, in another epoch, it may answer otherwise
        said = ModelOutput.from_content(f"mockllm/{name}", _said(name, kind, right, text * times[text]))
        words = len(text.split()), len(said.completion.split())
        said.usage = ModelUsage(input_tokens=words[0], output_tokens=words[1], total_tokens=sum(words))
        return said  # without a usage Inspect would count tokens, with a tokenizer that it downloads

    return get_model(f"mockllm/{name}", custom_outputs=output, memoize=False)


def _answers() -> Mapping[str, tuple[str, str]]:
    """What is asked -> the task and the right answer."""
    found = {f"{row['premise']}\n{row['hypothesis']}": ("claims", "ABC"[row["label"]]) for row in rows("mnli", "test")}
    return found | {row["instruction"]: ("sums", str(row["answer"])) for row in rows("goat", "test")}


def _said(name: str, kind: str, right: str, text: str) -> str:
    """What a model says."""
    place = draw(name, text)
    if place > 0.97:
        return "That is hard to say."
    correct = place < MODELS[name] + (GAIN if name.endswith(kind) else 0)
    wrong: Callable[[], str] = lambda: "ABC"["ABC".index(right) - 1] if kind == "claims" else f"{right}1"  # noqa: E731
    answer = right if correct else wrong()
    return (
        f"ANSWER: {answer}"
        if kind == "claims"
        else f"The result is {answer}" + (", I think." if 0.2 < place < 0.3 else "")
    )


def draw(*parts: str) -> float:
    """Return a number from 0 to 1 that depends on texts alone."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big") / 2**64
