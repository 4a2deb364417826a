"""Choice accuracy: of the options of each row the one with the largest log-probability against the right one."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.task import Decision, Task
from crosstask.evaluation.requests import InferenceRequests
from crosstask.evaluation.scorers.accuracy import VALUES
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.fingerprint import fingerprint
from crosstask.models.language_model import BaseModel

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class ChoiceAccuracy(Scorer):
    """Scores the option that the model finds most probable after the prompt, which is right or wrong.

    The outputs are ``log_probabilities``, ``option_tokens`` (each option's number of tokens) and
    ``prior_log_probabilities`` (after the row's prompt without content): one list per row, in the order of its
    options; and ``prompt_cut``. Options are texts or letters, as the task's ``form`` says.
    """

    outputs_version: ClassVar[int] = 1
    version: ClassVar[int] = 1
    columns: ClassVar[tuple[str, ...]] = (
        "log_probabilities",
        "option_tokens",
        "prior_log_probabilities",
        "prompt_cut",
    )
    reads: ClassVar[frozenset[str]] = frozenset({"options"})

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps rows from having options of their own."""
        yield from super().mistakes(task)
        if task.options is None:
            yield "the field 'options' has no value; metric choice_accuracy needs it"
        if task.labels:
            yield "the field 'labels' has a value, and metric choice_accuracy reads the options of each row"
        if task.extraction is not None:
            yield "the field 'extraction' has a value, and metric choice_accuracy generates no text"

    def outputs_identity(self, target: Target) -> dict[str, Any]:
        """Return the prompts without content; the options are part of the examples."""
        return {"content_free": fingerprint([example.content_free for example in target.examples])}

    def expected_characters(self, target: Target) -> int:
        """Return the characters of the prompts with each of their options, and of those without content."""
        said = sum(sum(map(len, example.options)) for example in target.examples)
        return 2 * said + sum(len(example.prompt) + len(example.content_free) for example in target.examples)

    def requests(self, base: BaseModel, target: Target) -> InferenceRequests:
        """Return a request for each prompt, and after all of them one for each prompt without content."""
        from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests

        examples = target.examples
        prompts = [*(one.prompt for one in examples), *(one.content_free for one in examples)]
        options = [one.options for one in examples] * 2
        return LabelLikelihoodRequests(base, prompts, options, [one.system for one in examples] * 2)

    def outputs(self, responses: pd.DataFrame) -> pd.DataFrame:
        """Return the responses to the prompts, with those to the same prompts without content beside them."""
        half = len(responses) // 2
        prior = responses["log_probabilities"].iloc[half:].tolist()
        asked = responses.iloc[:half]
        tokens = [[len(of_option) for of_option in row] for row in asked["label_tokens"]]
        return asked.drop(columns="label_tokens").assign(option_tokens=tokens, prior_log_probabilities=prior)

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the letter of the most probable option as ``prediction``; of equal ones the first.

        ``per_token``, ``per_byte`` (of the option without the space before it) and ``prior_corrected`` are
        log-probabilities as ``log_probabilities`` are. ``gold`` is the letter of the right option.
        """
        import numpy as np

        rows = outputs[["options", "reference", *self.columns]].to_dict("records")
        values = [_values(row) for row in rows]
        columns = {VALUES[decision]: [of_row[decision] for of_row in values] for decision in Decision}
        gold = [ascii_uppercase[list(row["options"]).index(row["reference"])] for row in rows]
        chosen = [ascii_uppercase[int(np.argmax(of_row[self.task.decide]))] for of_row in values]
        score = [float(right == found) for right, found in zip(gold, chosen, strict=True)]
        return outputs.assign(**columns, gold=gold, prediction=chosen, valid=True, score=score)

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also how the predictions are distributed.

        Returns
        -------
        dict
            Besides those of every scorer ``chance`` (mean over rows of 1 / number of options), ``predicted/<letter>``
            (share) and ``accuracy/<decision>`` (what each way of deciding would give).
        """
        import numpy as np

        found = super().metrics(answers)
        counts = answers["options"].map(len)
        found["chance"] = float((1 / counts).mean())
        letters, gold = ascii_uppercase[: int(counts.max())], answers["gold"]
        found |= {f"predicted/{letter}": float((answers["prediction"] == letter).mean()) for letter in letters}
        for decision in Decision:
            chosen = answers[VALUES[decision]].map(lambda row: ascii_uppercase[int(np.argmax(row))])
            found[f"accuracy/{decision}"] = float((chosen == gold).mean())
        return found


def _values(row: dict[str, Any]) -> dict[Decision, NDArray[np.float64]]:
    """Return what each way of deciding goes by: an array with a value for each option, the largest wins."""
    import numpy as np

    raw = np.array(row["log_probabilities"], dtype=float)
    return {
        Decision.raw: raw,
        Decision.per_token: raw / np.array(row["option_tokens"]),
        Decision.per_byte: raw / np.array([len(option.removeprefix(" ").encode()) for option in row["options"]]),
        Decision.prior_corrected: raw - np.array(row["prior_log_probabilities"], dtype=float),
    }
