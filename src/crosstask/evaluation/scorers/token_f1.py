"""Token F1: the words that a short answer shares with an accepted one."""

from typing import ClassVar

from crosstask.evaluation.scorers.generated_text import GeneratedText
from crosstask.evaluation.scorers.short_answers import ShortAnswers


class TokenF1(ShortAnswers, GeneratedText):
    """Scores generated text by the F1 of the words that it shares with an accepted answer, as SQuAD does."""

    version: ClassVar[int] = 1
    main: ClassVar[str] = "f1"
