"""What a job will have to do, and how long that takes, worked out without a model.

The work of a job is counted in characters that go through the model::

    training    3 * epochs * characters of the source's prompts and answers    (forward once, backward twice that)
    scoring     characters that the scorer of each target expects, see ``Scorer.expected_characters``

An adapter or a cell that exists is no work. A job then takes ``work * rate`` seconds, with the median rate of earlier
jobs on the same base model in the same store.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crosstask.config.inputs import Precision
from crosstask.config.job import TrainConfig
from crosstask.jobs.row import MatrixRow, matrix_row
from crosstask.storage.store import Store, read_json
from crosstask.training.recipe import Recipe

PASSES_PER_TRAINING = 3
BASE_MODEL = "the base model"


def rows(config: TrainConfig) -> list[MatrixRow]:
    """Return the row that a job makes, once for each precision that a machine may choose for its base model."""
    auto = config.model.precision is Precision.auto
    precisions = [Precision.float32, Precision.bfloat16] if auto else [config.model.precision]
    return [matrix_row(replace(config, model=replace(config.model, precision=precision))) for precision in precisions]


def work(config: TrainConfig, candidates: Sequence[MatrixRow], trains: bool) -> float:
    """Return the work that is left of a job, in characters; ``trains`` tells whether it may train."""
    store = Store(config.store)
    return 0.0 if config.rescore else min(_work(store, row, trains) for row in candidates)


def _work(store: Store, row: MatrixRow, trains: bool) -> float:
    """Return the work that is left of a row."""
    scoring = {name: float(target.scorer.expected_characters(target)) for name, target in row.targets.items()}
    content = None
    if row.recipe is not None:
        folder = store.adapter(row.recipe.id)
        if not folder.exists():
            return _training_work(row.recipe) + sum(scoring.values()) if trains else 0.0
        content = read_json(folder / "adapter.json")["content"]
    keys = row.cell_keys(content)
    return sum(size for name, size in scoring.items() if not store.outputs(keys[name].outputs).exists())


def _training_work(recipe: Recipe) -> float:
    """Return the work of a training."""
    examples, trainer = recipe.examples, recipe.settings.trainer
    characters = sum(len(example.prompt) + len(example.answer) for example in examples)
    epochs = float(trainer.max_epochs)
    if trainer.max_steps >= 0 and examples:
        epochs = min(epochs, trainer.max_steps * trainer.batch_size * trainer.accumulate / len(examples))
    return PASSES_PER_TRAINING * epochs * (1 - trainer.held_out) * characters


def inputs(row: MatrixRow) -> dict[str, Any]:
    """Return the fingerprints of all that a job starts from, by what a person would call it."""
    recipe = row.recipe.content if row.recipe else {}
    return {
        BASE_MODEL: row.base,
        "the way of training": recipe.get("version"),
        **{f"the rows of {name}": found for name, found in recipe.get("examples", {}).items()},
        **{f"target {name}": key.target for name, key in row.cell_keys(None).items()},
        **(row.settings if row.recipe else {}),
    }
