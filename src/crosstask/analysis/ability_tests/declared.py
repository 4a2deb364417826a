"""Which ability each task of a matrix is declared to need."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.task_order import NOWHERE, TaskOrder

NONE = -1
"""Place of a source or target that takes no part."""


@dataclass(frozen=True)
class DeclaredAbilities:
    """The tasks that have an ability, and where they are in the matrix."""

    names: tuple[str, ...]
    """Of the abilities that some target has, sorted."""
    labels: NDArray[np.intp]
    """Ability of each task, (tasks,); one more number for all abilities that no target has."""
    of_sources: NDArray[np.intp]
    """Task that each source is trained on, (sources,); -1 for one that takes no part."""
    of_targets: NDArray[np.intp]
    """Task of each target, (targets,); -1 for one without an ability."""

    @property
    def strata(self) -> NDArray[np.intp]:
        """Whether each task is a target, is trained on, or both, (tasks,): 1, 2 or 3.

        Only tasks in the same places may change their abilities, or relabelings would have other numbers of cells.
        """
        tasks = np.arange(len(self.labels))
        return np.isin(tasks, self.of_targets).astype(np.intp) + 2 * np.isin(tasks, self.of_sources)

    def sources_of(self, labels: NDArray[np.intp]) -> NDArray[np.intp]:
        """Abilities of the sources by those of the tasks, (..., tasks) to (..., sources); -1 for none."""
        return np.where(self.of_sources == NONE, NONE, labels[..., self.of_sources])

    def targets_of(self, labels: NDArray[np.intp]) -> NDArray[np.intp]:
        """The same of the targets."""
        return np.where(self.of_targets == NONE, NONE, labels[..., self.of_targets])


def declared_abilities(gains: pd.DataFrame, order: TaskOrder, abilities: Mapping[str, str]) -> DeclaredAbilities:
    """Return the abilities of a matrix's tasks.

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
    >>> names = pd.DataFrame(0.0, ["goat", "extra"], ["goat", "imdb"])
    >>> found = declared_abilities(names, TaskOrder(), {"goat": "arithmetic", "imdb": "sentiment"})
    >>> found.names, found.of_sources.tolist(), found.of_targets.tolist()
    (('arithmetic', 'sentiment'), [0, -1], [0, 1])
    """
    sources = [_task(str(source), order, abilities) for source in gains.index]
    targets = [str(target) if str(target) in abilities else None for target in gains.columns]
    tasks = sorted({task for task in (*sources, *targets) if task is not None})
    names = tuple(sorted({abilities[target] for target in targets if target is not None}))
    numbers = {name: number for number, name in enumerate(names)}
    places: dict[str | None, int] = {None: NONE} | {task: place for place, task in enumerate(tasks)}
    return DeclaredAbilities(
        names,
        np.array([numbers.get(abilities[task], len(names)) for task in tasks], dtype=np.intp),
        np.array([places[task] for task in sources], dtype=np.intp),
        np.array([places[task] for task in targets], dtype=np.intp),
    )


def _task(source: str, order: TaskOrder, abilities: Mapping[str, str]) -> str | None:
    """The task that a source is trained on; None for one without an ability."""
    named = (order.home(source), source) if order.home(source) != NOWHERE else ()
    return next((task for task in named if task in abilities), None)
