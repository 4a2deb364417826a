"""Which tasks are columns: all that were read, those that are asked for, or a group of them as one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crosstask.runs.evaluation_logs.chosen_runs import Cell
from crosstask.runs.evaluation_logs.names import require_known
from crosstask.runs.evaluation_logs.task_run import Samples, TaskRun


def of_targets(runs: Sequence[TaskRun], targets: Sequence[str]) -> list[TaskRun]:
    """Return the runs of some tasks, and of all tasks of some groups; of every task where none is named.

    Raises
    ------
    UserError
        If a target is neither a task nor a group.
    """
    known = list(dict.fromkeys(name for run in runs for name in (run.task, *run.groups)))
    for target in targets:
        require_known("runs.targets", target, known, "task or group")
    return [run for run in runs if not targets or {run.task, *run.groups} & set(targets)]


def columns(cells: Sequence[Cell], targets: Sequence[str]) -> tuple[dict[str, list[Cell]], list[str]]:
    """Return the cells of each column, and what the reader must know of them.

    Parameters
    ----------
    cells : sequence of Cell
        One of each model and task.
    targets : sequence of str
        ``runs.targets``: tasks, and groups as one column each, of all their samples together; none for every task.
    """
    by_task: dict[str, list[Cell]] = {}
    for cell in cells:
        by_task.setdefault(cell.run.task, []).append(cell)
    members = _members(by_task)
    if not targets:
        large = [f"{name} ({len(tasks)} tasks)" for name, tasks in members.items()]
        notes = (
            [f"tasks of a group are columns of their own; runs.targets makes one of: {', '.join(large)}"]
            if large
            else []
        )
        return by_task, notes
    found, notes = {}, []
    for target in targets:
        if target in by_task:
            found[target] = by_task[target]
            continue
        found[target], lacking = _pooled(target, {task: by_task[task] for task in members[target]})
        if lacking:
            notes.append(f"{target}: left out of models that lack some of its tasks: {', '.join(lacking)}")
    return found, notes


def _members(by_task: Mapping[str, Sequence[Cell]]) -> dict[str, list[str]]:
    """Group -> the tasks in it that were read."""
    found: dict[str, list[str]] = {}
    for task, cells in by_task.items():
        for group in dict.fromkeys(name for cell in cells for name in cell.run.groups):
            found.setdefault(group, []).append(task)
    return found


def _pooled(group: str, parts: Mapping[str, Sequence[Cell]]) -> tuple[list[Cell], list[str]]:
    """The samples of all tasks of a group together, model by model; and models that do not have all."""
    by_model: dict[str, list[Cell]] = {}
    for cells in parts.values():
        for cell in cells:
            by_model.setdefault(cell.run.who, []).append(cell)
    whole = {who: cells for who, cells in by_model.items() if len(cells) == len(parts)}
    lacking = [cells[0].run.model for who, cells in by_model.items() if who not in whole]
    shared: dict[tuple[int, ...], NDArray[np.object_]] = {}
    return [_one_cell(group, cells, shared) for cells in whole.values()], lacking


def _one_cell(group: str, cells: Sequence[Cell], shared: dict[tuple[int, ...], NDArray[np.object_]]) -> Cell:
    """The samples of a model on all tasks of a group; of models with the same samples in one array."""
    key = tuple(id(cell.samples.examples) for cell in cells)
    if key not in shared:
        shared[key] = np.concatenate([_told(cell) for cell in cells])
    measures = [m for m in cells[0].samples.values if all(m in cell.samples.values for cell in cells)]
    values = {m: np.concatenate([cell.samples.values[m] for cell in cells]) for m in measures}
    samples = Samples(
        examples=shared[key],
        values=values,
        aggregates={measure: float(np.nanmean(found)) for measure, found in values.items()},
        unusable={m: f"of {cell.run.task}, {why}" for cell in cells for m, why in cell.samples.unusable.items()},
        prompts=sum(cell.samples.prompts for cell in cells) % 2**64,
    )
    printed = cells[0].run.groups.get(group) or {measure: {} for measure in measures}
    count = sum(cell.run.count for cell in cells)
    return Cell(replace(cells[0].run, task=group, printed=printed, count=count, groups={}), samples)


def _told(cell: Cell) -> NDArray[np.object_]:
    """Identities of a task's samples, told apart from those of other tasks."""
    return np.array([f"{cell.run.task} {example}" for example in cell.samples.examples], dtype=object)
