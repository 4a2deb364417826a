"""Which ability each task of a matrix is declared to need."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.task_order import TaskOrder

NONE = -1
"""Place of a source or target that takes no part."""


@dataclass(frozen=True)
class DeclaredAbilities:
    """The tasks that have an ability, and where they are in the matrix."""

    names: tuple[str, ...]
    """Of the abilities, sorted."""
    labels: NDArray[np.intp]
    """Ability of each task, (tasks,)."""
    of_sources: NDArray[np.intp]
    """Task that each source is trained on, (sources,); -1 for one that takes no part."""
    of_targets: NDArray[np.intp]
    """Task of each target, (targets,); -1 for one without an ability."""

    @property
    def is_target(self) -> NDArray[np.intp]:
        """Whether each task is a target, 1 or 0, (tasks,)."""
        return np.isin(np.arange(len(self.labels)), self.of_targets).astype(np.intp)

    def sources_of(self, labels: NDArray[np.intp]) -> NDArray[np.intp]:
        """Abilities of the sources by those of the tasks, (..., tasks) to (..., sources); -1 for none."""
        return np.where(self.of_sources == NONE, NONE, labels[..., self.of_sources])

    def targets_of(self, labels: NDArray[np.intp]) -> NDArray[np.intp]:
        """The same of the targets."""
        return np.where(self.of_targets == NONE, NONE, labels[..., self.of_targets])


def declared_abilities(gains: pd.DataFrame, order: TaskOrder, abilities: Mapping[str, str]) -> DeclaredAbilities:
    """Return the abilities of a matrix's tasks.

    A mixture stands for its first part if all parts are of one ability, and takes no part otherwise.

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        Only its names count.
    order : TaskOrder
        Knows each source's own task.
    abilities : mapping of str to str
        Task -> ability.

    Examples
    --------
    >>> names = pd.DataFrame(0.0, ["goat", "imdb+goat", "extra"], ["goat", "imdb"])
    >>> found = declared_abilities(names, TaskOrder(), {"goat": "arithmetic", "imdb": "sentiment"})
    >>> found.names, found.of_sources.tolist(), found.of_targets.tolist()
    (('arithmetic', 'sentiment'), [0, -1, -1], [0, 1])
    """
    sources = [_task(str(source), order, abilities) for source in gains.index]
    targets = [str(target) if str(target) in abilities else None for target in gains.columns]
    tasks = sorted({task for task in (*sources, *targets) if task is not None})
    names = tuple(sorted({abilities[task] for task in tasks}))
    places: dict[str | None, int] = {None: NONE} | {task: place for place, task in enumerate(tasks)}
    return DeclaredAbilities(
        names,
        np.array([names.index(abilities[task]) for task in tasks], dtype=np.intp),
        np.array([places[task] for task in sources], dtype=np.intp),
        np.array([places[task] for task in targets], dtype=np.intp),
    )


def _task(source: str, order: TaskOrder, abilities: Mapping[str, str]) -> str | None:
    """The task that a source is trained on; None for one that takes no part."""
    tasks = [order.home(part) for part in source.split("+")]
    known = {abilities.get(task, abilities.get(part)) for task, part in zip(tasks, source.split("+"), strict=True)}
    if len(known) != 1 or None in known:
        return None
    return tasks[0] if tasks[0] in abilities else source.split("+")[0]
