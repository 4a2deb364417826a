"""Multi-label F1: the labels that the model writes against those that are right, of which there may be several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError, quoted
from crosstask.evaluation.scorers.generated_text import GeneratedText

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd

NONE = "none"
"""What is written where no label is right."""
_BETWEEN = re.compile(r"[,;\n]")
JOINED = ", "


class MultilabelF1(GeneratedText):
    """Scores the labels in generated text, separated by commas, semicolons or line breaks, in any order and case.

    The score of a row is the F1 of its labels, 2 * right / (predicted + true), and 1 where there are none and none are
    predicted. What is written and is no label counts as predicted, and is wrong.
    """

    version: ClassVar[int] = 1
    reads: ClassVar[frozenset[str]] = frozenset({"labels"})

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps labels from being read."""
        yield from super().mistakes(task)
        if not task.labels:
            yield f"the field 'labels' has no value; metric {task.metric} needs it"
        for label in task.labels:
            if _BETWEEN.search(label) or _named(label) in ("", NONE):
                yield (
                    f"labels: {quoted(label)}: a label holds no comma, semicolon or line break, and is neither empty"
                    f" nor {NONE!r}"
                )

    @classmethod
    def check_references(cls, name: str, task: Task, examples: Sequence[Example]) -> None:
        """Refuse examples whose reference lists something else than labels."""
        allowed = {_named(label) for label in task.labels}
        for example in examples:
            if wrong := sorted(written(example.answer) - allowed):
                raise UserError(
                    f"task {name!r}: {example.where}: {quoted(wrong[0])} is not one of {', '.join(task.labels)},"
                    f" nor {NONE!r}, which stands for no label"
                )

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the labels as ``prediction`` and ``gold``, sorted and joined by commas.

        An output is not ``valid`` in which nothing is a label. ``right``, ``predicted`` and ``true`` are numbers of
        labels.
        """
        allowed = {_named(label) for label in self.task.labels} | {NONE}
        pairs = [
            (written(text), written(right)) for text, right in zip(outputs["text"], outputs["reference"], strict=True)
        ]
        named = [bool(_parts(text) & allowed) for text in outputs["text"]]
        counts = [(len(found & right), len(found), len(right)) for found, right in pairs]
        return outputs.assign(
            gold=[_joined(right) for _, right in pairs],
            prediction=[
                _joined(found) if is_named else None for (found, _), is_named in zip(pairs, named, strict=True)
            ],
            valid=named,
            right=[right for right, _, _ in counts],
            predicted=[predicted for _, predicted, _ in counts],
            true=[true for _, _, true in counts],
            score=[f1(*of_row) if is_named else 0.0 for of_row, is_named in zip(counts, named, strict=True)],
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``micro_f1`` (of the labels of all rows, 0 to 1) and ``exact`` (share of rows all right)."""
        totals = answers[["right", "predicted", "true"]].sum()
        return {**super().metrics(answers), "micro_f1": f1(*totals), "exact": float((answers["score"] == 1).mean())}


def written(text: str) -> set[str]:
    """Return the labels in a text, in lower case; nothing for ``none``.

    Examples
    --------
    >>> sorted(written("Joy, anger.")), written("none")
    (['anger', 'joy'], set())
    """
    return _parts(text) - {NONE}


def _parts(text: str) -> set[str]:
    """Return what stands between commas, in lower case."""
    return {part for piece in _BETWEEN.split(text) if (part := _named(piece))}


def _named(text: str) -> str:
    """Return a label as it is compared: without case, and without the full stop of a sentence that it ends."""
    return text.strip().rstrip(". ").casefold()


def _joined(labels: set[str]) -> str:
    """Return labels as a text."""
    return JOINED.join(sorted(labels)) or NONE


def f1(right: float, predicted: float, true: float) -> float:
    """Return the F1 of labels, 1 where there are none on both sides.

    Examples
    --------
    >>> f1(1, 2, 1), f1(0, 0, 0)
    (0.6666666666666666, 1.0)
    """
    return float(2 * right / (predicted + true)) if predicted + true else 1.0
