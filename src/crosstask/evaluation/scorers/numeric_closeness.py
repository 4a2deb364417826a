"""Numeric closeness: how far a generated number is from the right one, relative to the range that there is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError, quoted
from crosstask.evaluation.scorers.closeness import closeness, correlations
from crosstask.evaluation.scorers.extraction import extract
from crosstask.evaluation.scorers.generated_text import GeneratedText
from crosstask.evaluation.scorers.numbers import MINUS_SIGNS, canonical_number, without_markup, without_operator

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd

NUMBER = re.compile(r"-?(?:(?:\d{1,3}(?:,\d{3})+(?!,?\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+)(?:[eE][-+]?\d+)?")
"""Also ``.5`` and ``1e-05``, as small numbers are printed. A comma is part of ``1,024``, not of a list, ``1,2,3``."""


class NumericCloseness(GeneratedText):
    """Scores generated text by the first number in it, or the one that the field ``extraction`` finds ::

    score  =  1 - |number - right number| / (highest - lowest of the field range), at least 0
    """

    version: ClassVar[int] = 2
    reads: ClassVar[frozenset[str]] = frozenset({"range"})

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps an error from having a size."""
        yield from super().mistakes(task)
        if len(task.range) != 2 or not task.range[0] < task.range[1] or not all(map(math.isfinite, task.range)):
            yield f"range={task.range}: metric numeric_closeness needs the lowest and the highest, such as [1, 5]"

    def scoring_identity(self) -> dict[str, Any]:
        """Return also the range."""
        return super().scoring_identity() | {"range": list(map(float, self.task.range))}

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse references without a number in the range."""
        for example in examples:
            self._gold(example.answer, example.where)

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the number as ``prediction`` (text; null where there is none).

        ``error`` is prediction - right number, NaN where there is no prediction.
        """
        rows = zip(outputs["reference"], outputs["example"], strict=True)
        gold = [self._gold(reference, f"row {example}") for reference, example in rows]
        found = [self._number(text) for text in outputs["text"]]
        pairs = [(None if text is None else float(text), float(right)) for text, right in zip(found, gold, strict=True)]
        lowest, highest = self.task.range
        return outputs.assign(
            gold=gold,
            prediction=found,
            valid=[number is not None for number, _ in pairs],
            error=[float("nan") if number is None else number - right for number, right in pairs],
            score=[0.0 if number is None else closeness(number, right, lowest, highest) for number, right in pairs],
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``pearson`` and ``spearman`` of the valid answers (NaN where one side is constant).

        ``mean_absolute_error`` is over the valid answers, in the data's own unit; NaN without any.
        """
        valid = answers[answers["valid"]]
        found = super().metrics(answers) | correlations(
            *(valid[name].astype(float).tolist() for name in ("prediction", "gold"))
        )
        return found | {"mean_absolute_error": float(valid["error"].abs().mean())}

    def _number(self, text: str) -> str | None:
        """Return the number in a text; None if there is none, or it is larger than any float."""
        found = self._written(text)
        return found if found is not None and math.isfinite(float(found)) else None

    def _written(self, text: str) -> str | None:
        """Return the number in a text in the one way to write it, None if there is none."""
        if self.task.extraction is not None:
            try:
                found = extract(self.task.extraction.strict, text, number=True)
            except TimeoutError:
                return None
            return found if found is not None and NUMBER.fullmatch(found) else None
        plain = without_markup(text.translate(MINUS_SIGNS))
        match = NUMBER.search(plain)
        return canonical_number(without_operator(match[0], plain[: match.start()])) if match else None

    def _gold(self, reference: str, where: str) -> str:
        """Return the number in a reference, which must have one in the range."""
        number = self._number(reference)
        lowest, highest = self.task.range
        if number is None or not lowest <= float(number) <= highest:
            found = f"no number is found in {quoted(reference)}" if number is None else f"{number} is out of range"
            raise UserError(f"task {self.name!r}: {where}: {found}; the field range says {lowest:g} to {highest:g}")
        return number
