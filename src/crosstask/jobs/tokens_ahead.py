"""The tokens that a job will put through the model: counted where rows and tokenizer are at hand, else estimated.

An estimate takes CHARACTERS_PER_TOKEN characters for a token; where rows are not at hand either, it takes the texts of
the task's templates as they stand, and VALUE characters for each value that a row puts into them.
"""

import re
from collections.abc import Mapping, Sequence
from math import ceil
from statistics import mean

from crosstask.config.job import TrainConfig
from crosstask.config.task import Task
from crosstask.config.training import Trainer
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.protocol import Target
from crosstask.jobs.ahead import Training
from crosstask.jobs.amount import UNKNOWN, Amount, about
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded
from crosstask.training.plan import length, plan
from crosstask.training.recipe import Recipe
from crosstask.training.sequences import TrainingExamples, training_sequences

CHARACTERS_PER_TOKEN = 4
VALUE = 200
"""Characters that a value of a row is taken to have: a long sentence."""
OF_ROWS = re.compile(r"\{\{.*?\}\}", re.DOTALL)
NOT_TEXT = re.compile(r"\{[%#].*?[%#]\}", re.DOTALL)


def counted_training(base: BaseModel, recipe: Recipe) -> Training:
    """Return what a training puts through the model, counted; errors are those of the training."""
    trainer = recipe.settings.trainer
    examples = TrainingExamples(recipe.examples, recipe.validation)
    sequences = training_sequences(base, examples, trainer, recipe.settings.seed)
    steps = plan(sequences.learned, trainer, recipe.settings.seed)
    lengths = [length(one) for one in sequences.learned]
    return Training(
        rows=Amount(len(recipe.examples)),
        steps=Amount(len(steps)),
        tokens=Amount(sum(lengths[member] for step in steps for batch in step for member in batch.members)),
        evaluated=Amount(_evaluations(len(steps), sequences.held_out, trainer)),
        longest=max(lengths),
    )


def _evaluations(steps: int, held_out: Sequence[Encoded], trainer: Trainer) -> int:
    """Return the tokens of all evaluations, if none of them ends the training."""
    return ceil(steps / trainer.evaluate_steps) * sum(map(length, held_out))


def estimated_training(config: TrainConfig, trained: Mapping[str, Sequence[Example] | None]) -> Training:
    """Return what a training puts through the model, estimated.

    Parameters
    ----------
    config
        The job.
    trained
        The training examples of each source; None where they are not at hand.
    """
    trainer = config.trainer
    rows, a_pass = Amount(), Amount()
    for name, examples in trained.items():
        count = _rows(config.data.train_rows, examples)
        rows += count
        a_pass += count * min(_sequence(config.source[name], examples), trainer.max_length)
    learned, size = 1 - trainer.held_out, trainer.batch_size * trainer.accumulate
    every = rows.value * learned * trainer.max_epochs / size
    share = 1.0 if trainer.max_steps < 0 or not every else min(1.0, trainer.max_steps / every)
    steps = Amount(ceil(every * share), rows.certainty)
    evaluations = ceil(steps.value / trainer.evaluate_steps)
    return Training(
        rows=rows,
        steps=steps,
        tokens=(a_pass * (learned * trainer.max_epochs * share)).estimated,
        evaluated=(a_pass * (trainer.held_out * evaluations)).estimated,
        longest=trainer.max_length,
    )


def _rows(wanted: int, examples: Sequence[Example] | None) -> Amount:
    """Return the number of rows that are used."""
    if examples is not None:
        return Amount(len(examples))
    return about(wanted) if wanted else UNKNOWN


def _sequence(task: Task | None, examples: Sequence[Example] | None) -> float:
    """Return the mean tokens of a training sequence."""
    if examples is not None:
        return mean(len(one.system) + len(one.prompt) + len(one.answer) for one in examples) / CHARACTERS_PER_TOKEN
    assert task is not None
    return (_characters(task.system, task.prompt) + _answer(task)) / CHARACTERS_PER_TOKEN


def counted_scoring(base: BaseModel, target: Target) -> Amount:
    """Return the tokens of a target's requests, outputs at their longest; errors are those of the scoring."""
    return Amount(sum(target.scorer.requests(base, target).lengths))


def estimated_scoring(target: Target) -> Amount:
    """Return the tokens of a target's requests, estimated from the characters of its examples."""
    return about(target.scorer.expected_characters(target) / CHARACTERS_PER_TOKEN)


def stand_ins(task: Task, count: int) -> list[Example]:
    """Return so many examples as long as those of a task are taken to be, the shots before them included."""
    a_shot = _characters(task.prompt) + _answer(task)
    prompt = "x" * round(_characters(task.prompt) + (task.shots or 0) * a_shot)
    answer, system = "x" * round(_answer(task)), task.system or ""
    return [Example("test-0", prompt, answer, options=("x" * VALUE,), system=system, content_free=prompt)] * count


def _answer(task: Task) -> float:
    """Return the characters that an answer is taken to have."""
    return mean(map(len, task.labels)) if task.labels else _characters(task.answer)


def _characters(*templates: str | None) -> float:
    """Return the characters that what templates make is taken to have."""
    texts = [NOT_TEXT.sub("", template or "") for template in templates]
    return sum(len(OF_ROWS.sub("", text)) + VALUE * len(OF_ROWS.findall(text)) for text in texts)
