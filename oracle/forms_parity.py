"""Multiple choice and plain text, by crosstask and by lm-evaluation-harness.

Options are letters or texts of several tokens, and differ in number from row to row. Of lm-eval come the
log-probability of each option after its prompt, its decisions by raw log-probability (``acc``) and per character
(``acc_norm``, which for ASCII is per byte), and the log-probability of whole texts, of which some are longer than the
context.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lm_eval.api.metrics import bits_per_byte
from numpy.typing import NDArray

from crosstask.config.job import TrainConfig
from crosstask.config.task import Decision, Form, Task
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import scorer
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from oracle import inputs
from oracle.comparison import Comparison
from oracle.scoring_parity import LOG_PROBABILITY, harness, instances, responses

BITS = 1e-4
"""Largest difference of the bits of a byte."""
TEXTS = 40
JOINED = 12
"""Rows that are joined to a text longer than the context."""


def compare(job: TrainConfig, adapter: Path) -> list[Comparison]:
    """Compare the base model and an adapter on options of both forms and on plain texts."""
    base = inputs.loaded(job)
    found: list[Comparison] = []
    for who, folder in (("base", None), ("adapter", adapter)):
        theirs = harness(job, base, folder)
        with adapters.attached(base, folder) as model:
            for form in Form:
                found += _choices(f"options as {form}, {who}", job, base, model, theirs, form)
            found.append(_texts(f"plain texts, {who}", job, base, model, theirs))
    return found


def _choices(what: str, job: TrainConfig, base: BaseModel, model: Any, theirs: Any, form: Form) -> list[Comparison]:
    """Compare log-probabilities of options, and which is chosen by them."""
    task, examples = inputs.quiz(job, form)
    answers = _answers(job, base, model, task, examples)
    pairs = [(one.prompt, option) for one in examples for option in one.options]
    scores = iter(score for score, _ in theirs.loglikelihood(instances("loglikelihood", pairs), True))
    returned = [np.array([next(scores) for _ in one.options]) for one in examples]
    ours = np.concatenate([np.array(row) for row in answers["log_probabilities"]])
    difference = float(np.abs(ours - np.concatenate(returned)).max())
    lengths = [[len(option.strip()) for option in one.options] for one in examples]
    theirs_raw = np.array([row.argmax() for row in returned])
    theirs_norm = np.array([(row / np.array(of_row)).argmax() for row, of_row in zip(returned, lengths, strict=True)])
    return [
        Comparison(f"{what}: log-probabilities", len(ours), difference, LOG_PROBABILITY, "nats"),
        _decisions(f"{what}: acc", answers, "log_probabilities", theirs_raw),
        _decisions(f"{what}: acc_norm", answers, str(Decision.per_byte), theirs_norm),
    ]


def _decisions(what: str, answers: pd.DataFrame, column: str, theirs: NDArray[np.intp]) -> Comparison:
    """Compare which option is chosen in each row."""
    ours = np.array([int(np.argmax(row)) for row in answers[column]])
    return Comparison(what, len(ours), float((ours != theirs).sum()), 0, "rows")


def _texts(what: str, job: TrainConfig, base: BaseModel, model: Any, theirs: Any) -> Comparison:
    """Compare the bits per byte of all texts together, some of them longer than the context."""
    task, examples = inputs.plain_texts(job, TEXTS, JOINED)
    lengths = [len(base.tokenizer(one.answer, add_special_tokens=False)["input_ids"]) for one in examples]
    assert min(lengths) < base.context < max(lengths), "all texts are shorter than the context, or all are longer"
    assert theirs.max_length == base.context, "lm-eval reads another number of tokens at a time"
    answers = _answers(job, base, model, task, examples)
    ours = scorer("texts", task).metrics(answers)["bits_per_byte"]
    texts = [one.answer for one in examples]
    # lm-eval puts the begin token before a text by itself: one that the tokenizer puts too would be part of the text.
    theirs.add_bos_token = False
    # One text at a time: of many it has returned another sum for one of these than for that text alone.
    scores = [theirs.loglikelihood_rolling(instances("loglikelihood_rolling", [(text,)]), True)[0] for text in texts]
    expected = bits_per_byte([(score, len(text.encode())) for score, text in zip(scores, texts, strict=True)])
    return Comparison(f"{what}: bits per byte", len(texts), abs(ours - expected), BITS, "bits")


def _answers(job: TrainConfig, base: BaseModel, model: Any, task: Task, examples: Sequence[Example]) -> pd.DataFrame:
    """Return our scored answers."""
    target = Target(scorer("texts", task), examples, None, job.scoring)
    found = pd.DataFrame([one.columns() for one in responses(target.scorer.requests(base, target), model, job)])
    references = pd.DataFrame(
        {
            "example": [one.id for one in examples],
            "reference": [one.answer for one in examples],
            "options": [list(one.options) for one in examples],
        }
    )
    return target.scorer.score(pd.concat([references, target.scorer.outputs(found)], axis=1))
