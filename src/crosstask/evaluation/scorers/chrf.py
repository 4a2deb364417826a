"""chrF: how many character n-grams generated text shares with the reference."""

from typing import ClassVar

import pandas as pd

from crosstask.evaluation.scorers.generated_text import GeneratedText


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
