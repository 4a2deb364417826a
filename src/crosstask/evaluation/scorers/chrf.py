"""chrF: how many character n-grams generated text shares with the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crosstask.evaluation.scorers.generated_text import GeneratedText

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


class Chrf(GeneratedText):
    """Scores generated text by chrF (Popovic 2015): the F-score of shared character n-grams up to 6, beta 2."""

    version: ClassVar[int] = 3

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with their chrF as a fraction; text that is only white space is not ``valid``."""
        from sacrebleu import sentence_chrf

        pairs = zip(outputs["text"], outputs["reference"], strict=True)
        return outputs.assign(
            gold=outputs["reference"],
            prediction=outputs["text"],
            valid=outputs["text"].str.strip() != "",
            score=[sentence_chrf(text, [reference]).score / 100 for text, reference in pairs],
        )
