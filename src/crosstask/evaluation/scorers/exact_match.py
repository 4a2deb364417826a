"""Exact match: the answer that is extracted from generated text against the one in the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.extraction import extract, strict_answer
from crosstask.evaluation.scorers.generated_text import GeneratedText

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


class ExactMatch(GeneratedText):
    """Scores generated text by its extracted answer, which is right or wrong."""

    version: ClassVar[int] = 4

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps an answer from being found."""
        yield from super().mistakes(task)
        if task.extraction is None:
            yield "the field 'extraction' has no value; metric exact_match needs it"

    @property
    def extraction(self) -> AnswerExtraction:
        """How an answer is found."""
        assert self.task.extraction is not None
        return self.task.extraction

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse examples in whose answer the strict pattern finds nothing."""
        for example in examples:
            self._gold(example.answer, example.where)

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the answer of the strict pattern as ``prediction``, null where nothing matches.

        ``lenient_prediction`` and ``lenient_score`` (0 or 1) are the same with the lenient pattern; the reference is
        read by the strict one in both. ``timed_out`` (bool) says where a pattern took too long, which finds nothing.
        """
        rows = zip(outputs["reference"], outputs["example"], strict=True)
        gold = [self._gold(reference, f"row {example}") for reference, example in rows]
        strict = [self._read(self.extraction.strict, text) for text in outputs["text"]]
        lenient = [self._read(self.extraction.lenient, text) for text in outputs["text"]]
        return outputs.assign(
            gold=gold,
            prediction=[answer for answer, _ in strict],
            valid=[answer is not None for answer, _ in strict],
            score=[float(answer == right) for (answer, _), right in zip(strict, gold, strict=True)],
            lenient_prediction=[answer for answer, _ in lenient],
            lenient_score=[float(answer == right) for (answer, _), right in zip(lenient, gold, strict=True)],
            timed_out=[a or b for (_, a), (_, b) in zip(strict, lenient, strict=True)],
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also shares of the answers.

        ``lenient`` (right by the lenient pattern), ``timed_out`` (a pattern took longer than its time limit).
        """
        shares = {"lenient": answers["lenient_score"], "timed_out": answers["timed_out"]}
        return {**super().metrics(answers), **{name: float(column.mean()) for name, column in shares.items()}}

    def _read(self, pattern: str, text: str) -> tuple[str | None, bool]:
        """Return the answer in a text, and whether the pattern took too long for it."""
        try:
            return extract(pattern, text, self.extraction.number), False
        except TimeoutError:
            return None, True

    def _gold(self, reference: str, where: str) -> str:
        """Return the answer in a reference, which must have one."""
        return strict_answer(self.extraction, reference, f"task {self.name!r}: {where}")
