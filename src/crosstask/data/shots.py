"""Few-shot prompts: training rows with their answers before the prompt of a test row."""

import random
from collections.abc import Sequence
from dataclasses import replace

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError

POOL = 100
"""Training rows that shots are drawn from; of more, one hardly ever would be another's."""
BETWEEN = "\n\n"
"""Stands after the answer of a shot."""


def with_shots(examples: Sequence[Example], pool: Sequence[Example], name: str, task: Task, seed: int) -> list[Example]:
    """Return test examples with ``task.shots`` others before each prompt, in the task's own prompt.

    Parameters
    ----------
    examples
        Those that are scored.
    pool
        Training examples that none of them is.
    name, task
        The target.
    seed
        They are drawn from it, for each example by itself.

    Raises
    ------
    UserError
        If the pool has fewer than are asked for.
    """
    if len(pool) < task.shots:
        raise UserError(f"task {name!r}: shots={task.shots}: the training split has {len(pool)} rows that can be shown")

    def shown(example: Example) -> Example:
        before = shots_of(example.id, pool, task, seed)
        without = before + example.content_free if example.content_free else ""
        return replace(example, prompt=before + example.prompt, content_free=without)

    return [shown(example) for example in examples]


def shots_of(row: str, pool: Sequence[Example], task: Task, seed: int) -> str:
    """Return what stands before the prompt of a row, which draws its shots from the pool by its name."""
    chosen = random.Random(f"{seed}/{task.dataset.name}/shots/{row}").sample(pool, task.shots)
    return "".join(f"{shot.prompt}{shot.answer}{BETWEEN}" for shot in chosen)
