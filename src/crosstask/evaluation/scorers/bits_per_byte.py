"""Bits per byte: how well the model predicts plain text, without a question, labels or generation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.task import Task
from crosstask.evaluation.requests import InferenceRequests
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.models.language_model import BaseModel

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


class BitsPerByte(Scorer):
    """Scores the probability of plain texts, the answers of a task whose prompt is empty.

    With b the negative log2 of the probability of a text of n bytes in UTF-8, a text has b / n bits per byte, of which
    fewer is better. Scores of all kinds stand in one matrix, where more is better, so ::

        score  =  2 ** -(bits per byte), the geometric mean of the probabilities of its bytes, 0 to 1

    Texts longer than the context are read in windows, see `crosstask.evaluation.text_likelihoods`. The outputs are
    ``log_probability`` (natural logarithm), ``tokens`` and ``prompt_cut`` (0: nothing is cut).
    """

    outputs_version: ClassVar[int] = 1
    version: ClassVar[int] = 1
    reads_plain_text: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("log_probability", "tokens", "prompt_cut")

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what plain text does not have."""
        yield from super().mistakes(task)
        has = {
            "prompt": task.prompt,
            "prompts": task.prompts,
            "labels": task.labels,
            "extraction": task.extraction,
            "shots": task.shots,
            "system": task.system,
        }
        for name, value in has.items():
            if value:
                yield f'the field {name!r} has a value, and metric bits_per_byte reads plain text, `prompt: ""`'

    def outputs_identity(self, target: Target) -> dict[str, Any]:
        """Return nothing: the texts are the examples' answers."""
        return {}

    def expected_characters(self, target: Target) -> int:
        """Return the characters of the texts."""
        return sum(len(example.answer) for example in target.examples)

    def requests(self, base: BaseModel, target: Target) -> InferenceRequests:
        """Return the windows of each text."""
        from crosstask.evaluation.text_likelihoods import TextLikelihoodRequests

        return TextLikelihoodRequests(base, [example.answer for example in target.examples])

    def outputs(self, responses: pd.DataFrame) -> pd.DataFrame:
        """Return the sums over the windows of each text."""
        sums = responses.groupby("text_number")[["log_probability", "tokens", "control_tokens"]].sum()
        return sums.sort_index().reset_index(drop=True).assign(prompt_cut=0)

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with ``bytes`` and ``bits_per_byte``; there is no prediction."""
        size = outputs["reference"].map(lambda text: len(text.encode()))
        bits = -outputs["log_probability"] / math.log(2) / size
        return outputs.assign(
            gold=outputs["reference"], prediction=None, valid=True, bytes=size, bits_per_byte=bits, score=2.0**-bits
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``bits_per_byte`` of all texts together (fewer is better) and ``text_tokens`` (mean)."""
        bits = -answers["log_probability"].sum() / math.log(2)
        per_byte = {"bits_per_byte": float(bits / answers["bytes"].sum())}
        return {**super().metrics(answers), **per_byte, "text_tokens": float(answers["tokens"].mean())}
