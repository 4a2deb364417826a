"""Normalized match: a short answer that equals an accepted one when both are normalized."""

from typing import ClassVar

from crosstask.evaluation.scorers.generated_text import GeneratedText
from crosstask.evaluation.scorers.short_answers import ShortAnswers


class NormalizedMatch(ShortAnswers, GeneratedText):
    """Scores generated text by whether it equals an accepted answer, as SQuAD's exact match does."""

    version: ClassVar[int] = 1
    main: ClassVar[str] = "exact"
