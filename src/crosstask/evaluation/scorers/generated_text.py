"""What scorers of generated text have in common: the continuation of each prompt, greedily."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.evaluation.requests import InferenceRequests
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.models.language_model import BaseModel

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd

CHARACTERS_PER_TOKEN = 4
"""Of generated text, as it is assumed before a model has generated any."""


def max_new_tokens(task: Task, scoring: Scoring) -> int:
    """Return the longest output of a task, in tokens: the lower of the task's limit and the job's."""
    return min(task.max_new_tokens, scoring.max_new_tokens or task.max_new_tokens)


class GeneratedText(Scorer):
    """A scorer of what the model writes after the prompt.

    The outputs are ``text``, ``output_tokens`` (its length), ``stopped`` (whether it ended by itself), ``prompt_cut``.
    """

    outputs_version: ClassVar[int] = 4
    columns: ClassVar[tuple[str, ...]] = ("text", "output_tokens", "stopped", "prompt_cut")

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what makes a task a closed one."""
        yield from super().mistakes(task)
        if task.labels and "labels" not in cls.reads:
            yield f"metric {task.metric} is for open tasks, which have no labels"

    def outputs_identity(self, target: Target) -> dict[str, Any]:
        """Return the longest output in tokens."""
        return {"max_new_tokens": max_new_tokens(self.task, target.scoring)}

    def expected_characters(self, target: Target) -> int:
        """Return the characters of the prompts and of outputs of the longest length."""
        generated = len(target.examples) * max_new_tokens(self.task, target.scoring) * CHARACTERS_PER_TOKEN
        return generated + sum(len(example.prompt) for example in target.examples)

    def requests(self, base: BaseModel, target: Target) -> InferenceRequests:
        """Return the prompts, to be continued."""
        from crosstask.evaluation.generation import GenerationRequests

        limit = max_new_tokens(self.task, target.scoring)
        prompts, systems = [e.prompt for e in target.examples], [e.system for e in target.examples]
        return GenerationRequests(base, prompts, limit, target.scoring.generation, systems)

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also the mean length and shares of outputs.

        ``output_tokens`` (mean length), ``stopped`` (share; the others were cut at the limit), ``empty`` (share of
        nothing but white space).
        """
        return {
            **super().metrics(answers),
            "empty": float((answers["text"].str.strip() == "").mean()),
            "output_tokens": float(answers["output_tokens"].mean()),
            "stopped": float(answers["stopped"].mean()),
        }
