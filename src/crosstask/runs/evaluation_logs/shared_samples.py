"""The samples that models are compared on: those that all have, of the models that have nearly all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.wording import counted
from crosstask.runs.evaluation_logs.chosen_runs import Cell, differences
from crosstask.runs.evaluation_logs.task_run import Measure

_SHOWN = 4
"""Values of a setting that a note shows, and models that it names of each."""


@dataclass(frozen=True)
class Compared:
    """One task on the samples that its models share."""

    examples: NDArray[np.object_]
    """Their identities, shape (n,)."""
    places: Mapping[str, NDArray[np.intp]]
    """Row -> the places of these among its samples; rows that were left out have none."""
    refused: Mapping[str, str]
    """Row that was left out -> why."""
    notes: Sequence[str]
    """What the reader must know, one line each."""


def compared(task: str, cells: Mapping[str, Cell], measure: Measure, base: str | None, coverage: float) -> Compared:
    """Return the samples of a task that its models share.

    Samples are the same if their content is, whatever their numbers. The base model's are all there are, or those that
    most models have where it has none; a model that has less than the share ``coverage`` of them is left out.

    Parameters
    ----------
    task : str
        Its name, for notes.
    cells : mapping of str to Cell
        By row.
    measure : Measure
        A sample that it does not score counts as one that is not there.
    base : str or None
        Row of the base model.
    coverage : float
        0 to 1.
    """
    scored = {row: ~np.isnan(cell.samples.values[measure]) for row, cell in cells.items()}
    there = {row: cell.samples.examples[scored[row]] for row, cell in cells.items()}
    reference = there[base] if base in there else _commonest(list(there.values()))
    wanted = set(reference)
    sets = {row: wanted if found is reference else set(found) for row, found in there.items()}
    refused = {
        row: _reason(len(found & wanted), len(wanted), len(found))
        for row, found in sets.items()
        if len(found & wanted) < coverage * len(wanted) or not found & wanted
    }
    kept = {row: found for row, found in sets.items() if row not in refused}
    common = set.intersection(wanted, *kept.values())
    examples = (
        reference if len(common) == len(reference) else np.array([e for e in reference if e in common], dtype=object)
    )
    places = {row: _places(cells[row].samples.examples, examples) for row in kept} if len(common) else {}
    notes = [*_fewer(task, len(examples), kept, wanted), *_other_ways(task, {row: cells[row] for row in kept}, measure)]
    return Compared(examples, places, refused, notes)


def _commonest(found: Sequence[NDArray[np.object_]]) -> NDArray[np.object_]:
    """The samples that most models have; of as common ones the most."""
    counts = Counter(frozenset(examples) for examples in found)
    best = max(counts, key=lambda examples: (counts[examples], len(examples)))
    return next(examples for examples in found if frozenset(examples) == best)


def _places(have: NDArray[np.object_], wanted: NDArray[np.object_]) -> NDArray[np.intp]:
    """Places of wanted samples among those that a model has."""
    if have is wanted or np.array_equal(have, wanted):
        return np.arange(len(wanted))
    places = {example: place for place, example in enumerate(have)}
    return np.array([places[example] for example in wanted], dtype=np.intp)


def _reason(shared: int, wanted: int, count: int) -> str:
    """Why a model is left out."""
    if not shared:
        return (
            f"none of its {count} samples has the content of one of the {wanted} of the others: other or changed data"
        )
    return (
        f"its {count} samples have {shared} of the {wanted} that the others are compared on; runs.coverage allows fewer"
    )


def _fewer(task: str, count: int, kept: Mapping[str, set[str]], wanted: set[str]) -> list[str]:
    """A line where models have other samples than those that are compared."""
    lacking = [row for row, found in kept.items() if not wanted <= found]
    more = [row for row, found in kept.items() if found - wanted]
    if not lacking and not more:
        return []
    why = [f"{', '.join(rows[:_SHOWN])} {word}" for rows, word in ((lacking, "lack some"), (more, "have more")) if rows]
    return [f"{task}: compared on {counted(count, 'sample')} that all models have; {'; '.join(why)}"]


def _other_ways(task: str, cells: Mapping[str, Cell], measure: Measure) -> list[str]:
    """A line where models were asked, or scored, in different ways."""
    ways = {row: cell.run.conditions([measure]) for row, cell in cells.items()}
    differ = differences(list(ways.values()))
    parts = []
    for name, values in differ.items():
        rows = {value: [row for row, way in ways.items() if way.get(name, "none") == value] for value in values}
        shown = "; ".join(f"{value}: {', '.join(who[:_SHOWN])}" for value, who in list(rows.items())[:_SHOWN])
        parts.append(f"{name} ({shown})")
    if parts:
        return [
            f"{task}: models were asked or scored in different ways, which is part of their gains: {', '.join(parts)}"
        ]
    whole = {(len(cell.samples.examples), cell.samples.prompts) for cell in cells.values()}
    if len(whole) > 1 and len({size for size, _ in whole}) == 1:
        return [f"{task}: models were asked the same in different prompts, though the settings are the same"]
    return []
