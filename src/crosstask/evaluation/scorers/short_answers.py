"""Short answers scored as SQuAD does: the words shared with an accepted answer, or whether all of them agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError, quoted
from crosstask.evaluation.scorers.extraction import extract
from crosstask.evaluation.scorers.normalized_text import exact_match, normalized, token_f1
from crosstask.evaluation.scorers.protocol import Scorer

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


class ShortAnswers(Scorer):
    """Scores generated text, whose outputs another class gives, by the best of its accepted answers.

    The answer in a text is the text, or with the field ``extraction`` what its patterns find, in the reference too;
    further accepted answers are taken as they stand.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"accepted"})
    main: ClassVar[str]
    """The column that is the score, ``f1`` or ``exact``."""

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what has no meaning for words."""
        yield from super().mistakes(task)
        if task.extraction is not None and task.extraction.number:
            yield f"extraction.number=true: metric {task.metric} compares words; exact_match compares numbers"

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse accepted answers of which nothing is left to compare: every empty output would be right."""
        for example in examples:
            for gold in [self._gold(example.answer, example.where), *example.accepted]:
                if not normalized(gold):
                    raise UserError(
                        f"task {self.name!r}: {example.where}: of the accepted answer {quoted(gold)} nothing is left"
                        " without articles and punctuation, so an empty output would be right; `metric: exact_match`"
                        " compares texts as they are"
                    )

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the answer as ``prediction``, null where there is none, and ``f1`` and ``exact`` beside.

        Both are the largest over the accepted answers, 0 to 1; ``gold`` is the answer in the reference.
        """
        gold = [
            self._gold(reference, f"row {example}")
            for reference, example in zip(outputs["reference"], outputs["example"], strict=True)
        ]
        further = outputs["accepted"] if "accepted" in outputs else [()] * len(outputs)
        accepted = [[first, *others] for first, others in zip(gold, further, strict=True)]
        found = [self._prediction(text) for text in outputs["text"]]
        pairs = list(zip(found, accepted, strict=True))
        f1 = [0.0 if text is None else max(token_f1(text, right) for right in every) for text, every in pairs]
        exact = [0.0 if text is None else max(exact_match(text, right) for right in every) for text, every in pairs]
        scored = outputs.assign(gold=gold, prediction=found, f1=f1, exact=exact)
        return scored.assign(valid=[text is not None for text in found], score=scored[self.main])

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also the means of ``f1`` and ``exact``, 0 to 1."""
        return {**super().metrics(answers), **{name: float(answers[name].mean()) for name in ("f1", "exact")}}

    def _prediction(self, text: str) -> str | None:
        """Return the answer in an output; None if there is none."""
        if self.task.extraction is None:
            return text.strip() or None
        try:
            return extract(self.task.extraction.strict, text, number=False) or None
        except TimeoutError:
            return None

    def _gold(self, reference: str, where: str) -> str:
        """Return the answer in a reference, which must have one."""
        answer = self._prediction(reference)
        if answer is None:
            raise UserError(f"task {self.name!r}: {where}: no answer is found in the data's own {quoted(reference)}")
        return answer
