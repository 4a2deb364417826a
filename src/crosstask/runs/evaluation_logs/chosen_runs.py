"""Which run of a model on a task counts, of several: the newest that is whole, if all were asked alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.wording import counted
from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.task_run import Samples, TaskRun

_NAMED = 5
"""Runs that a note names."""


@dataclass(frozen=True)
class Cell:
    """One model on one task: the run that counts."""

    run: TaskRun
    samples: Samples


def chosen_runs(runs: Iterable[TaskRun]) -> tuple[list[Cell], list[str]]:
    """Return one run of each model and task, with its samples.

    Of several the one with the most samples counts, such as one without ``--limit``, and of those the newest; a
    damaged one only where there is no other.

    Parameters
    ----------
    runs
        In any order.

    Returns
    -------
    cells : list of Cell
        In the order in which models and tasks come.
    notes : list of str
        Which runs were left out, and why.

    Raises
    ------
    UserError
        If runs of one model and task were asked or scored in different ways, or none of them can be read.
    """
    by_cell: dict[tuple[str, str], list[TaskRun]] = {}
    for run in runs:
        by_cell.setdefault((run.who, run.task), []).append(run)
    cells, left_out, notes = [], [], []
    examples: dict[str, NDArray[np.object_]] = {}
    for found in by_cell.values():
        _require_one_way(found)
        ordered = sorted(found, key=lambda run: (run.count, run.date), reverse=True)
        cell, damaged = _first_whole(ordered)
        cells.append(_in_one_array(cell, examples))
        notes += [f"left out for an older run of the same model: {line}" for line in damaged]
        left_out += ordered[len(damaged) + 1 :]
    return cells, [*notes, *_superseded(left_out)]


def _first_whole(runs: Sequence[TaskRun]) -> tuple[Cell, list[str]]:
    """The first run whose samples can be read, and what is the matter with those before it."""
    damaged: list[str] = []
    for run in runs:
        try:
            return Cell(run, run.read()), damaged
        except UserError as error:
            damaged.append(str(error))
    raise UserError(damaged[0])


def _in_one_array(cell: Cell, known: dict[str, NDArray[np.object_]]) -> Cell:
    """The same with the array of identities that another model has as well, of which there may be thousands."""
    found = known.setdefault(cell.run.task, cell.samples.examples)
    if not np.array_equal(found, cell.samples.examples):
        return cell
    return replace(cell, samples=replace(cell.samples, examples=found))


def _require_one_way(runs: Sequence[TaskRun]) -> None:
    """Raise if runs of one model and task were asked in different ways, or scored so by a measure that all have."""
    shared = [measure for measure in runs[0].printed if all(measure in run.printed for run in runs)]
    conditions = [run.conditions(shared) for run in runs]
    differ = differences(conditions)
    if differ:
        first = runs[0]
        other = next(run for run, of_run in zip(runs, conditions, strict=True) if of_run != conditions[0])
        raise UserError(
            f"{first.model} on {first.task}: runs that differ in {_listed(differ)}: {first.place} and {other.place};"
            " leave all but one out of the folder"
        )


def differences(asked: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return settings that differ, each with its values in the order in which they come.

    Examples
    --------
    >>> differences([{"shots": "0", "seed": "1"}, {"shots": "5", "seed": "1"}])
    {'shots': ['0', '5']}
    """
    names = dict.fromkeys(name for one in asked for name in one)
    values = {name: list(dict.fromkeys(one.get(name, "none") for one in asked)) for name in names}
    return {name: found for name, found in values.items() if len(found) > 1}


def _listed(differ: Mapping[str, Sequence[str]]) -> str:
    """Settings with their values."""
    return ", ".join(f"{name} ({', '.join(values)})" for name, values in differ.items())


def _superseded(runs: Sequence[TaskRun]) -> list[str]:
    """A line on runs of which there is one with more samples, or a newer one."""
    if not runs:
        return []
    by_run: dict[tuple[str, str], int] = {}
    for run in runs:
        key = run.model, run.date
        by_run[key] = by_run.get(key, 0) + 1
    named = [f"{model} of {date} ({counted(tasks, 'task')})" for (model, date), tasks in by_run.items()]
    shown = ", ".join(named[:_NAMED]) + ", ..." * (len(named) > _NAMED)
    return [f"of several runs of a model the newest of those with most samples counts; left out: {shown}"]
