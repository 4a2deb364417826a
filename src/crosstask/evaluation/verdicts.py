"""The replies of a judge about the outputs of a cell, as columns of these."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict

import pandas as pd

from crosstask.data.examples import Example
from crosstask.errors import printable
from crosstask.evaluation.scorers.judge import REPLY
from crosstask.evaluation.scorers.protocol import Target
from crosstask.judging.judge import Round
from crosstask.judging.model_names import other_models
from crosstask.judging.questions import Question, question
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.replies import Reply
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


def with_replies(
    store: Store, target: Target, outputs: pd.DataFrame, progress: Callable[[int, int], None]
) -> tuple[pd.DataFrame, JudgeUse]:
    """Return outputs with what the judge of a target replied about each, and what that took.

    Parameters
    ----------
    store
        Where replies are, and go.
    target
        Its examples, in the order of the outputs, and its judge.
    outputs : DataFrame, one row per example
        With the column ``text``.
    progress
        Called with the answers that are judged, and with how many there are.

    Returns
    -------
    DataFrame
        The same rows with the columns ``judge_text``, ``judge_ended``, ``judge_model``, ``judge_system_fingerprint``,
        ``judge_input_tokens`` and ``judge_output_tokens``; equal answers to equal questions share a reply.

    Raises
    ------
    UserError
        If the endpoint fails; the replies up to then are in the store.
    """
    assert target.judge is not None
    rubric = target.scorer.task.rubric
    pairs = zip(target.examples, outputs["text"], strict=True)
    questions = [judge_question(example, text, rubric) for example, text in pairs]
    asked = Round(store.replies, target.judge, questions, progress)
    found = asked.replies()
    _warn_of_others(target, found)
    replies = pd.DataFrame([asdict(reply) for reply in found], index=outputs.index)
    counts = dict.fromkeys(("input_tokens", "output_tokens"), "Int64")
    return outputs.join(replies.astype(counts).add_prefix(REPLY)), asked.use


def _warn_of_others(target: Target, replies: Sequence[Reply]) -> None:
    """Warn where the endpoint says that another model replied than the one that was asked for."""
    asked = str(target.judge and target.judge.model)
    if others := other_models(asked, [reply.model for reply in replies]):
        named = ", ".join(f"{name:.80} {count}" for name, count in others.most_common(3))
        log.warning(
            "target %s: of %d answers some were judged by another model than judge.model=%s, as the endpoint says: %s",
            *(target.scorer.name, len(replies), asked, printable(named)),
        )


def judge_question(example: Example, text: str, rubric: str | None) -> Question:
    """Return what a judge is asked about an output, by the rubric of its task if that has one."""
    read = f"{example.system}\n\n{example.prompt}" if example.system else example.prompt
    return question(read, [example.answer, *example.accepted], text, rubric)
