"""Exact match: the answer that is extracted from generated text against the one in the reference."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import ClassVar

import pandas as pd

from crosstask.config.task import Task
from crosstask.errors import UserError
from crosstask.evaluation.scorers.generated_text import GeneratedText


class ExactMatch(GeneratedText):
    """Scores generated text by its extracted answer, which is right or wrong."""

    version: ClassVar[int] = 3

    def __init__(self, name: str, task: Task) -> None:
        super().__init__(name, task)
        if task.extraction is None:
            raise UserError(f"conf/task/{name}.yaml: the field 'extraction' has no value; metric exact_match needs it")
        self.extraction = task.extraction

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the answer of the strict pattern as ``prediction``, null where nothing matches.

        ``lenient_prediction`` and ``lenient_score`` (0 or 1) are the same with the lenient pattern; the reference is
        read by the strict one in both.
        """
        gold = self._answers(self.extraction.strict, outputs["reference"])
        if None in gold:
            example = outputs["example"].iloc[gold.index(None)]
            raise UserError(
                f"task {self.name!r}, row {example}: extraction.strict finds nothing in the data's own answer"
            )
        strict = self._answers(self.extraction.strict, outputs["text"])
        lenient = self._answers(self.extraction.lenient, outputs["text"])
        return outputs.assign(
            gold=gold,
            prediction=strict,
            valid=[answer is not None for answer in strict],
            score=[float(a == b) for a, b in zip(strict, gold, strict=True)],
            lenient_prediction=lenient,
            lenient_score=[float(a == b) for a, b in zip(lenient, gold, strict=True)],
        )

    def _answers(self, pattern: str, texts: Iterable[str]) -> list[str | None]:
        """Return the answer in each text."""
        return [extract(pattern, text, self.extraction.number) for text in texts]

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``lenient`` (0 to 1), the share of right answers by the lenient pattern."""
        return {**super().metrics(answers), "lenient": float(answers["lenient_score"].mean())}


def extract(pattern: str, text: str, number: bool) -> str | None:
    r"""Return the last match's group, in a form in which equal answers are equal strings; None if there is none.

    Examples
    --------
    >>> extract(r"#### (-?[\d.,]+)", "3 + 4 = 7\n#### 7,000.0", number=True)
    '7000'
    >>> extract(r"#### (-?[\d.,]+)", "I do not know", number=True) is None
    True
    """
    matches = re.findall(pattern, text)
    if not matches:
        return None
    answer = matches[-1].strip()
    return _canonical_number(answer) if number else answer


def _canonical_number(text: str) -> str | None:
    """Return a number without thousands separators or trailing zeros; text that holds more stays as it is."""
    plain = text.replace(",", "").rstrip(".")
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:
        return plain or None
