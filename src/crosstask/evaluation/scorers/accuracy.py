"""Accuracy: the label with the largest log-probability against the label that is right."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.task import Decision, Task
from crosstask.errors import UserError
from crosstask.evaluation.requests import InferenceRequests
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.models.language_model import BaseModel

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

VALUES = {decision: "log_probabilities" if decision is Decision.raw else str(decision) for decision in Decision}
"""The column with what each way of deciding goes by: one list per row, in the order of the labels."""


class Accuracy(Scorer):
    """Scores the label that the model finds most probable after the prompt, which is right or wrong.

    The outputs are ``log_probabilities``, ``label_tokens`` (each label's token ids) and ``prior_log_probabilities``
    (after the prompt without content): one list per row, in the order of the labels; and ``prompt_cut``.
    """

    outputs_version: ClassVar[int] = 4
    version: ClassVar[int] = 3
    columns: ClassVar[tuple[str, ...]] = (
        "log_probabilities",
        "label_tokens",
        "prior_log_probabilities",
        "prompt_cut",
    )
    needs_content_free: ClassVar[bool] = True

    def __init__(self, name: str, task: Task) -> None:
        super().__init__(name, task)
        self.labels = tuple(task.labels)
        self.decide = str(task.decide)

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps the labels from being told apart."""
        yield from super().mistakes(task)
        if len(set(task.labels)) < 2:
            yield f"metric accuracy needs at least two different labels, got {task.labels}"
        if task.extraction is not None:
            yield "the field 'extraction' has a value, and metric accuracy reads labels; leave one of both out"

    def outputs_identity(self, target: Target) -> dict[str, Any]:
        """Return the labels and the prompt without content."""
        return {"labels": self.task.labels, "content_free": target.content_free}

    def expected_characters(self, target: Target) -> int:
        """Return the characters of the prompts; those of the labels are few."""
        return sum(len(example.prompt) for example in target.examples)

    def requests(self, base: BaseModel, target: Target) -> InferenceRequests:
        """Return a request for each prompt, and last one for the prompt without content, which gives the prior."""
        from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests

        assert target.content_free is not None
        prompts = [*(example.prompt for example in target.examples), target.content_free]
        systems = [*(example.system for example in target.examples), self.task.system or ""]
        requests = LabelLikelihoodRequests(base, prompts, [self.labels] * len(prompts), systems)
        if self.task.decide is Decision.raw:
            refuse_prefixes(self.name, self.labels, [pair.answer for pair in requests.groups[0]])
        straddled = {self.labels[i] for group in requests.groups for i, pair in enumerate(group) if pair.straddled}
        if straddled:
            log.warning(
                "target %s: in running text %s would share a token with the end of the prompt, so its probability is"
                " that of other tokens than a reader of the prompt would expect; a prompt that ends in a space does"
                " that, labels that begin with one do not",
                self.name,
                ", ".join(map(repr, sorted(straddled))),
            )
        return requests

    def outputs(self, responses: pd.DataFrame) -> pd.DataFrame:
        """Return the responses to the prompts, with the last response, the prior, beside each."""
        prior = responses["log_probabilities"].iloc[-1]
        return responses.iloc[:-1].assign(prior_log_probabilities=[prior] * (len(responses) - 1))

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the most probable label as ``prediction``; of equal ones the first.

        ``per_token``, ``per_byte`` and ``prior_corrected`` are log-probabilities as ``log_probabilities`` are.

        Raises
        ------
        UserError
            If by raw log-probability one label can never win.
        """
        if self.task.decide is Decision.raw:
            for tokens in {tuple(map(tuple, row)) for row in outputs["label_tokens"]}:
                refuse_prefixes(self.name, self.labels, tokens)
        values = _values(outputs, self.labels)
        columns = {VALUES[decision]: list(array) for decision, array in values.items()}
        prediction = self._largest(values[self.task.decide])
        gold = outputs["reference"]
        score = (gold == prediction).astype(float)
        return outputs.assign(**columns, gold=gold, prediction=prediction, valid=True, score=score)

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also how the predictions are distributed.

        Returns
        -------
        dict
            Besides those of every scorer ``macro_f1``, ``kappa`` (Cohen's, -1 to 1; NaN where prediction and truth are
            one and the same class throughout), ``predicted/<label>`` (share) and ``accuracy/<decision>`` (what each
            way of deciding would give).
        """
        import numpy as np
        from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

        labels = list(self.labels)
        gold, prediction = answers["gold"].tolist(), answers["prediction"].tolist()
        found = super().metrics(answers)
        found["macro_f1"] = float(f1_score(gold, prediction, labels=labels, average="macro", zero_division=0))
        constant = len({*gold, *prediction}) == 1  # kappa is then 0 / 0, and sklearn warns
        found["kappa"] = float("nan") if constant else float(cohen_kappa_score(gold, prediction, labels=labels))
        found |= {f"predicted/{label}": prediction.count(label) / len(prediction) for label in labels}
        for decision in Decision:
            chosen = self._largest(np.array(answers[VALUES[decision]].tolist()))
            found[f"accuracy/{decision}"] = float(accuracy_score(gold, chosen))
        return found

    def _largest(self, values: NDArray[np.float64]) -> list[str]:
        """Return the label with the largest value in each row, from values of shape (examples, labels)."""
        return [self.labels[i] for i in values.argmax(axis=1)]


def _values(outputs: pd.DataFrame, labels: Sequence[str]) -> dict[Decision, NDArray[np.float64]]:
    """Return what each way of deciding goes by: arrays of shape (examples, labels), the largest value wins."""
    import numpy as np

    raw = np.array(outputs["log_probabilities"].tolist(), dtype=float)
    return {
        Decision.raw: raw,
        Decision.per_token: raw / np.array([[len(tokens) for tokens in row] for row in outputs["label_tokens"]]),
        Decision.per_byte: raw / np.array([len(label.encode()) for label in labels]),
        Decision.prior_corrected: raw - np.array(outputs["prior_log_probabilities"].tolist()),
    }


def refuse_prefixes(target: str, labels: Sequence[str], tokens: Sequence[Sequence[int]]) -> None:
    """Refuse labels of which one begins with all of another's tokens: by raw log-probability it could never win.

    Raises
    ------
    UserError
        Naming both, and what can be done.

    Examples
    --------
    >>> refuse_prefixes("imdb", ["good", "very good"], [[7], [8, 7]])
    >>> refuse_prefixes("imdb", ["good", "good film"], [[7], [7, 9]])
    Traceback (most recent call last):
    crosstask.errors.UserError: target imdb: the label 'good film' begins with all tokens of the label 'good', so it \
can never be more probable; choose other labels or another `decide` (per_token, per_byte, prior_corrected)
    """
    for short, label in zip(tokens, labels, strict=True):
        for long, longer in zip(tokens, labels, strict=True):
            if label != longer and tuple(long[: len(short)]) == tuple(short):
                raise UserError(
                    f"target {target}: the label {longer!r} begins with all tokens of the label {label!r}, so it can"
                    " never be more probable; choose other labels or another `decide` (per_token, per_byte,"
                    " prior_corrected)"
                )
