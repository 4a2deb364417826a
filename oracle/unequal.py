"""The same comparisons with one thing left unequal at a time: each must fail, or its agreement would mean nothing."""

from dataclasses import replace
from pathlib import Path

from crosstask.config.job import TrainConfig
from crosstask.config.training import Loss
from crosstask.data.drawn_examples import test_examples
from crosstask.evaluation.generation import GenerationRequests
from crosstask.models import adapters
from oracle import inputs, scoring_parity, training_parity
from oracle.comparison import Comparison

CLOSED = "mnli"
OPEN = "gsm8k"
ROWS = 40
"""Examples of each target; one difference suffices."""
SHORTER = 8
"""New tokens that only one side may write."""


def compare(job: TrainConfig, adapter: Path) -> list[Comparison]:
    """Return comparisons of which none should hold."""
    job = replace(job, data=replace(job.data, test_rows=ROWS))
    return [*_scoring(job, adapter), *_training(job)]


def _scoring(job: TrainConfig, adapter: Path) -> list[Comparison]:
    """Leave out, one at a time, what makes scores equal."""
    base, tasks = inputs.loaded(job), inputs.targets(CLOSED, OPEN)
    prompts, others = ([e.prompt for e in test_examples(name, tasks[name], job.data)] for name in (CLOSED, OPEN))
    labels = tasks[CLOSED].labels
    bare, half = (scoring_parity.harness(job, base, None, dtype) for dtype in ("float32", "auto"))
    ours = scoring_parity.our_label_scores(job, base, base.model, prompts, labels)
    with adapters.attached(base, adapter) as model:
        adapted = scoring_parity.our_label_scores(job, base, model, prompts, labels)
    whole = scoring_parity.label_scores(bare, prompts, labels)
    pairs = {
        "precision of the file": (ours, scoring_parity.label_scores(half, prompts, labels)),
        "white space at the prompt's end counted": (ours, scoring_parity.returned_scores(bare, prompts, labels)),
        "adapter on one side only": (adapted, whole),
        "rows out of order": (ours, whole[::-1]),
    }
    found = [scoring_parity.compared_labels(what, *pair)[0] for what, pair in pairs.items()]
    said = [o.text for o in GenerationRequests(base, others, SHORTER).run(base.model, range(len(others)))]
    longer = scoring_parity.generations(bare, others, 2 * SHORTER, base.tokenizer.decode([base.end]))
    return [*found, scoring_parity.compared_texts("other limit of new tokens", said, longer)]


def _training(job: TrainConfig) -> list[Comparison]:
    """Leave out, one at a time, what makes losses equal."""
    job = replace(job, trainer=replace(job.trainer, max_steps=training_parity.STEPS))
    other = replace(job, trainer=replace(job.trainer, loss=Loss.sequence))
    examples = inputs.training_rows(job, *training_parity.SOURCES)
    ordered = inputs.in_training_order(job, examples)
    ours = training_parity.our_losses(job, examples)
    theirs = {
        "loss: warm-up that starts from 0": training_parity.their_losses(job, ordered, own_schedule=True),
        "loss: rows in the data's order": training_parity.their_losses(job, examples),
        "loss: whole sequence on one side only": training_parity.their_losses(other, ordered),
    }
    return [training_parity.compared_losses(what, ours, losses) for what, losses in theirs.items()]
