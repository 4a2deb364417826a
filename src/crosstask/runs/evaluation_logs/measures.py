"""By which measure the samples of each task are scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class ChosenMeasures:
    """What the samples of each task are scored by."""

    measures: Mapping[str, Measure]
    """By task; one none of whose measures is one of samples is left out, with a note."""
    flaws: Mapping[tuple[str, str], str]
    """Task and ``TaskRun.who`` of models whose samples do not give what is printed of them, as those of others do ->
    what is the matter."""
    notes: Sequence[str]
    """What the reader must know of the choice, one line each."""


def chosen_measures(tasks: Mapping[str, Sequence[Cell]], wanted: Wanted) -> ChosenMeasures:
    """Return the measure of each task that has one.

    That is ``acc_norm`` or ``bits_per_byte`` where a task has it, else the first that the tool lists, of those whose
    values give the number that the tool prints: a correlation or an F1 of all samples together is none. A number of one
    model alone that its samples do not give says something of the model and not of the measure.

    Parameters
    ----------
    tasks : mapping of str to sequence of Cell
        Every model of each task.
    wanted : Wanted
        What options ask for: for one task, or for all that have it.

    Raises
    ------
    UserError
        If no task has what is asked for, or the one it is asked for has not.
    """
    _require_asked(tasks, wanted)
    found: dict[str, Measure] = {}
    flaws: dict[tuple[str, str], str] = {}
    without: list[str] = []
    for task, cells in tasks.items():
        listed = {measure: _flaws(cells, measure) for measure in _shared(cells)}
        usable = [measure for measure, of_models in listed.items() if _is_of_samples(cells, measure, of_models)]
        measure = _chosen(task, usable, listed, wanted)
        if measure is None:
            without.append(_without(task, listed))
        else:
            found[task] = measure
            flaws |= {(task, cells[place].run.who): flaw for place, flaw in listed[measure].items()}
    return ChosenMeasures(found, flaws, [*([_line(found, tasks)] if found else []), *without])


def _without(task: str, listed: Mapping[Measure, Mapping[int, str]]) -> str:
    """A line on a task that has no measure of samples."""
    if not listed:
        return f"{task} is left out: no measure that all models have"
    why = next(iter(next(iter(listed.values())).values()))
    return f"{task} is left out: what is printed of it ({', '.join(map(str, listed))}) is no mean over samples: {why}"


def _shared(cells: Sequence[Cell]) -> list[Measure]:
    """Measures that the tool prints for every model, in the order of the first."""
    return [measure for measure in cells[0].run.printed if all(measure in cell.run.printed for cell in cells)]


def _flaws(cells: Sequence[Cell], measure: Measure) -> dict[int, str]:
    """Place of each model whose samples do not give one of the numbers printed of a measure -> what they do."""
    found = {}
    for place, cell in enumerate(cells):
        printed = cell.run.printed[measure].values()
        if measure not in cell.samples.values:
            why = cell.samples.unusable.get(measure, f"its samples have no number {measure}")
        elif printed and not any(agrees(cell.samples.aggregates[measure], number) for number in printed):
            numbers = ", ".join(f"{number:.6g}" for number in printed)
            why = f"{measure} is printed as {numbers}, and is {cell.samples.aggregates[measure]:.6g} over its samples"
        else:
            continue
        found[place] = f"{cell.run.place.name}: {why}"
    return found


def _is_of_samples(cells: Sequence[Cell], measure: Measure, flaws: Mapping[int, str]) -> bool:
    """Whether a measure is one of samples: of no fewer models than it is not.

    Samples that are all worth the same have a median or a maximum like their mean, and tell nothing.
    """
    good = [cell.samples.values[measure] for place, cell in enumerate(cells) if place not in flaws]
    telling = sum(bool(np.nanmin(values) < np.nanmax(values)) for values in good)
    return not flaws or telling >= len(flaws)


def _chosen(
    task: str, usable: Sequence[Measure], listed: Mapping[Measure, Mapping[int, str]], wanted: Wanted
) -> Measure | None:
    """The measure of a task: what is asked for, as far as the task has it, else what counts by itself."""
    metric, variant = wanted.of(task)
    _require_usable(task, metric, usable, listed)
    rest = [measure for measure in usable if metric in measure.names] or list(usable)
    rest = [measure for measure in rest if variant == measure.variant] or rest
    return next((m for name in PREFERRED for m in rest if m.metric == name), next(iter(rest), None))


def _require_usable(
    task: str, metric: str | None, usable: Sequence[Measure], listed: Mapping[Measure, Mapping[int, str]]
) -> None:
    """Raise if a task has the metric that is asked for, but its samples do not give it."""
    asked = [measure for measure in listed if metric in measure.names]
    if asked and not set(asked) & set(usable):
        others = ", ".join(dict.fromkeys(measure.names[0] for measure in usable)) or "no other"
        why = next(iter(listed[asked[0]].values()))
        raise UserError(
            f"runs.metric={metric}: of {task} it is no mean over samples, and cannot be compared sample by sample"
            f" ({why}); there is {others}"
        )


def _require_asked(tasks: Mapping[str, Sequence[Cell]], wanted: Wanted) -> None:
    """Raise if no task has what is asked for, or the one it is asked for has not."""
    shared = {task: _shared(cells) for task, cells in tasks.items()}
    metrics = {task: list(dict.fromkeys(name for m in listed for name in m.names)) for task, listed in shared.items()}
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
