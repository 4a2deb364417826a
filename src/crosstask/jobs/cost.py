"""What a job will have to do, and how long that takes, worked out without a model.

The work of a job is counted in characters that go through the model::

    training    3 * epochs * characters of the source's prompts and answers    (forward once, backward twice that)
    scoring     characters that the scorer of each target expects, see ``Scorer.expected_characters``

An adapter or a cell that exists is no work. A job then takes ``work * rate`` seconds, with the median rate of earlier
jobs on the same base model in the same store.
"""

from collections.abc import Sequence

from crosstask.config.job import TrainConfig
from crosstask.jobs.row import MatrixRow
from crosstask.storage.store import Store
from crosstask.training.recipe import Recipe

PASSES_PER_TRAINING = 3


def work(config: TrainConfig, candidates: Sequence[MatrixRow], trains: bool) -> float:
    """Return the work that is left of a job, in characters; ``trains`` tells whether it may train."""
    store = Store(config.store)
    return 0.0 if config.rescore else min(_work(store, row, trains) for row in candidates)


def _work(store: Store, row: MatrixRow, trains: bool) -> float:
    """Return the work that is left of a row."""
    scoring = {name: float(target.scorer.expected_characters(target)) for name, target in row.targets.items()}
    content = None
    if row.recipe is not None:
        if not store.has_adapter(row.recipe.id):
            trained = row.recipe.like or row.recipe
            training = 0.0 if store.has_adapter(trained.id) else _training_work(trained)
            return training + sum(scoring.values()) if trains else 0.0
        content = store.adapter_record(row.recipe.id).content
    keys = row.cell_keys(content)
    return sum(size for name, size in scoring.items() if not store.outputs(keys[name].outputs).exists())


def _training_work(recipe: Recipe) -> float:
    """Return the work of a training."""
    examples, trainer = recipe.examples, recipe.settings.trainer
    characters = sum(len(example.prompt) + len(example.answer) for example in examples)
    epochs = float(trainer.max_epochs)
    if trainer.max_steps >= 0 and examples:
        epochs = min(epochs, trainer.max_steps * trainer.batch_size * trainer.accumulate / len(examples))
    held_out = 0 if recipe.validation else trainer.held_out
    return PASSES_PER_TRAINING * epochs * (1 - held_out) * characters
