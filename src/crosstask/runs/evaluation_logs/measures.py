"""By which measure the samples of each task are scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crosstask.errors import UserError, hint
from crosstask.runs.evaluation_logs.chosen_runs import Cell
from crosstask.runs.evaluation_logs.task_run import Measure, agrees

PREFERRED = ("acc_norm", "bits_per_byte")
"""Metrics that count where a task has them; else its first."""
Choice = str | Mapping[str, str] | None
"""Of an option: for all tasks that have it, or task by task."""


@dataclass(frozen=True)
class Wanted:
    """Which measures are asked for."""

    metric: Choice = None
    variant: Choice = None

    def of(self, task: str) -> tuple[str | None, str | None]:
        """Return metric and variant that are asked for of a task."""
        return _of(self.metric, task), _of(self.variant, task)


def _of(choice: Choice, task: str) -> str | None:
    """What is asked for of a task."""
    return choice if choice is None or isinstance(choice, str) else choice.get(task)


def chosen_measures(tasks: Mapping[str, Sequence[Cell]], wanted: Wanted) -> tuple[dict[str, Measure], list[str]]:
    """Return the measure of each task that has one, and what the reader must know of the choice.

    That is ``acc_norm`` or ``bits_per_byte`` where a task has it, else the first that the tool lists, of those whose
    values give the number that the tool prints: a correlation or an F1 of all samples together is none.

    Parameters
    ----------
    tasks : mapping of str to sequence of Cell
        Every model of each task.
    wanted : Wanted
        What options ask for: for one task, or for all that have it.

    Returns
    -------
    measures : dict of str to Measure
        A task none of whose measures is one of samples is left out, with a note.
    notes : list of str
        One line each.

    Raises
    ------
    UserError
        If no task has what is asked for, or the one it is asked for has not.
    """
    _require_asked(tasks, wanted)
    found, without = {}, {}
    for task, cells in tasks.items():
        listed = _shared(cells)
        usable = [measure for measure in listed if all(_is_of_samples(cell, measure) for cell in cells)]
        measure = _chosen(task, usable, listed, wanted)
        if measure is None:
            without[task] = ", ".join(map(str, listed)) or "no measure that all models have"
        else:
            found[task] = measure
    notes = [_line(found, tasks)] if found else []
    notes += [
        f"{task} is left out: what is printed of it ({listed}) is no mean over samples"
        for task, listed in without.items()
    ]
    return found, notes


def _shared(cells: Sequence[Cell]) -> list[Measure]:
    """Measures that the tool prints for every model, in the order of the first."""
    return [measure for measure in cells[0].run.printed if all(measure in cell.run.printed for cell in cells)]


def _is_of_samples(cell: Cell, measure: Measure) -> bool:
    """Whether what samples are worth gives one of the numbers that the tool prints of a measure."""
    if measure not in cell.samples.values:
        return False
    printed = cell.run.printed[measure].values()
    return not printed or any(agrees(cell.samples.aggregates[measure], number) for number in printed)


def _chosen(task: str, usable: Sequence[Measure], listed: Sequence[Measure], wanted: Wanted) -> Measure | None:
    """The measure of a task: what is asked for, as far as the task has it, else what counts by itself."""
    metric, variant = wanted.of(task)
    _require_usable(task, metric, usable, listed)
    rest = [measure for measure in usable if metric == measure.metric] or list(usable)
    rest = [measure for measure in rest if variant == measure.variant] or rest
    return next((m for name in PREFERRED for m in rest if m.metric == name), next(iter(rest), None))


def _require_usable(task: str, metric: str | None, usable: Sequence[Measure], listed: Sequence[Measure]) -> None:
    """Raise if a task has the metric that is asked for, but its samples do not give it."""
    if metric in {measure.metric for measure in listed} - {measure.metric for measure in usable}:
        others = ", ".join(dict.fromkeys(measure.metric for measure in usable)) or "no other"
        raise UserError(
            f"runs.metric={metric}: of {task} it is no mean over samples, and cannot be compared sample by sample;"
            f" there is {others}"
        )


def _require_asked(tasks: Mapping[str, Sequence[Cell]], wanted: Wanted) -> None:
    """Raise if no task has what is asked for, or the one it is asked for has not."""
    shared = {task: _shared(cells) for task, cells in tasks.items()}
    metrics = {task: list(dict.fromkeys(m.metric for m in listed)) for task, listed in shared.items()}
    variants = {task: list(dict.fromkeys(m.variant for m in listed if m.variant)) for task, listed in shared.items()}
    for option, choice, there in (("metric", wanted.metric, metrics), ("filter", wanted.variant, variants)):
        if isinstance(choice, str):
            _require_in(
                f"runs.{option}={choice}: no task has it", choice, [n for names in there.values() for n in names]
            )
        for task, name in (choice if isinstance(choice, Mapping) else {}).items():
            if task not in there:
                raise UserError(f"runs.{option}: no task {task}{hint(task, there)}; there are {', '.join(there)}")
            _require_in(f"runs.{option}={{{task}: {name}}}: not of {task}", name, there[task])


def _require_in(begin: str, name: str, there: Sequence[str]) -> None:
    """Raise unless a name is among those there are."""
    if name not in there:
        raise UserError(f"{begin}{hint(name, there)}; there are {', '.join(dict.fromkeys(there)) or 'none'}")


def _line(found: Mapping[str, Measure], tasks: Mapping[str, Sequence[Cell]]) -> str:
    """Which measure counts on which tasks, and which others these have."""
    by_measure: dict[tuple[str, str], list[str]] = {}
    for task, measure in found.items():
        others = ", ".join(str(other) for other in _shared(tasks[task]) if other != measure)
        by_measure.setdefault((str(measure), others), []).append(task)
    parts = [
        f"{measure} of {', '.join(names)}{f' (also there: {others})' if others else ''}"
        for (measure, others), names in by_measure.items()
    ]
    choose = "; runs.metric and runs.filter choose" if any(others for _, others in by_measure) else ""
    return f"scored by {'; '.join(parts)}{choose}"
