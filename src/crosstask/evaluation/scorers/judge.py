"""Judge: whether a language model finds generated text to be a right answer, and exact match beside it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.extraction import extract, strict_answer
from crosstask.evaluation.scorers.generated_text import GeneratedText
from crosstask.evaluation.scorers.normalized_text import normalized
from crosstask.judging.questions import AFTER, BEFORE, RUBRIC
from crosstask.judging.verdicts import Verdict, verdict

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd

log = logging.getLogger(__name__)

REPLY = "judge_"
"""Begins the columns of the judge's replies, which are the fields of `crosstask.storage.replies.Reply`."""


class JudgeVerdict(GeneratedText):
    """Scores generated text by a judge's verdict, 1 for correct; what has no verdict is worth 0 and not valid.

    Exact match is that of ``extraction`` where the task has one; else a text matches that equals the reference or
    another accepted answer, without regard to case, articles and punctuation.
    """

    version: ClassVar[int] = 1
    reads: ClassVar[frozenset[str]] = frozenset({"accepted", "rubric"})
    needs_judge: ClassVar[bool] = True

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps a judge from being asked."""
        yield from super().mistakes(task)
        if task.rubric is not None and not task.rubric.strip():
            yield "rubric: says nothing; without the field the usual rubric counts"

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse examples in whose answer the strict pattern, if the task has one, finds nothing."""
        if self.task.extraction is not None:
            for example in examples:
                strict_answer(self.task.extraction, example.answer, f"task {self.name!r}: {example.where}")

    def scoring_identity(self) -> dict[str, Any]:
        """Return also what the judge is asked."""
        return super().scoring_identity() | {"rubric": (self.task.rubric or RUBRIC).strip(), "around": [BEFORE, AFTER]}

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs, which have the columns of the judge's replies, with the verdict in each.

        ``verdict`` is correct, wrong or null, and then ``unparsable`` says why; ``exact_match`` is 0 or 1.
        """
        read = list(map(verdict, outputs[f"{REPLY}text"], outputs[f"{REPLY}ended"]))
        if reasons := Counter(reason for _, reason in read if reason is not None):
            counted = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
            log.warning("target %s: the judge gave no verdict on some of %d answers: %s", self.name, len(read), counted)
        return outputs.assign(
            gold=outputs["reference"],
            prediction=[text.strip() or None for text in outputs["text"]],
            valid=[found is not None for found, _ in read],
            score=[float(found is Verdict.correct) for found, _ in read],
            verdict=[None if found is None else str(found) for found, _ in read],
            unparsable=[reason for _, reason in read],
            exact_match=self._exact_match(outputs),
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also shares of the answers, which but for ``exact_match`` sum to 1, and the mean tokens of the judge.

        ``exact_match``; ``agreement`` (verdict and exact match agree), ``judge_only`` and ``exact_match_only`` (right
        by one alone), ``unparsable`` (no verdict); ``judge_input_tokens``, ``judge_output_tokens`` (per answer; NaN
        where the endpoint does not count).
        """
        right, exact, valid = answers["score"] == 1, answers["exact_match"] == 1, answers["valid"]
        shares = {
            "exact_match": exact,
            "agreement": valid & (right == exact),
            "judge_only": right & ~exact,
            "exact_match_only": valid & ~right & exact,
            "unparsable": ~valid,
        }
        tokens = {name: answers[name].astype(float) for name in (f"{REPLY}input_tokens", f"{REPLY}output_tokens")}
        return {**super().metrics(answers), **{name: float(one.mean()) for name, one in {**shares, **tokens}.items()}}

    def _exact_match(self, outputs: pd.DataFrame) -> list[float]:
        """Return whether each text is an accepted answer, 0 or 1."""
        further = outputs["accepted"] if "accepted" in outputs else [()] * len(outputs)
        rows = zip(outputs["text"], outputs["reference"], further, outputs["example"], strict=True)
        if self.task.extraction is None:
            return [float(_plain(text) in map(_plain, [first, *others])) for text, first, others, _ in rows]
        return [float(self._extracted(text, first, f"row {row}", self.task.extraction)) for text, first, _, row in rows]

    def _extracted(self, text: str, reference: str, where: str, extraction: AnswerExtraction) -> bool:
        """Tell whether the strict pattern finds the reference's answer in a text."""
        right = strict_answer(extraction, reference, f"task {self.name!r}: {where}")
        try:
            return extract(extraction.strict, text, extraction.number) == right
        except TimeoutError:
            return False


def _plain(text: str) -> str:
    """Return a text in the form in which equal answers are equal; where nothing is left of it, as it stands."""
    return normalized(text) or text.strip()
