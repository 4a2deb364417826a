"""Scores of single answers, so that two adapters can be compared example by example.

One array per target: a row for each run, a column for each example. Every row of a target was scored on
the same examples; what was not is refused and listed, never quietly cut down to what is common.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.columns import REFUSED
from crosstask.analysis.schema import BASE, column_names
from crosstask.errors import UserError

Run = tuple[str, int | None, *tuple[str, ...]]
"""Source and seed of a run, and the settings that rows distinguish besides, empty where the base model has none."""


@dataclass(frozen=True)
class CellAnswers:
    """The answers of one cell, as a store or a service has them."""

    source: str
    target: str
    seed: int | None
    """None for the base model."""
    examples: NDArray[np.object_]
    """Identifiers of the test rows, shape (n,), each once."""
    scores: NDArray[np.floating]
    """What each answer is worth, 0 to 1, shape (n,)."""
    settings: tuple[str, ...] = ()
    """What else distinguishes the run."""

    @property
    def run(self) -> Run:
        """The run that answered."""
        return self.source, self.seed, *self.settings


@dataclass(frozen=True)
class TargetAnswers:
    """The answers to one target."""

    rows: tuple[Run, ...]
    """The run of each row, those of a source together; the base model's seed is None."""
    examples: NDArray[np.object_]
    """Identifiers of the test rows, shape (n,)."""
    scores: NDArray[np.float32]
    """What each answer is worth, 0 to 1, shape (rows, n); nothing is missing."""
    gold: Mapping[str, int] = field(default_factory=dict)
    """For a closed task the number of examples of each label, 0 for a label without any; else empty."""
    by_prompt: NDArray[np.float32] | None = None
    """Where scores are means over several prompts, which intervals generalize over: (prompts, rows, n)."""

    @cached_property
    def binary(self) -> bool:
        """Whether every answer, in each prompt, is right or wrong, 1 or 0."""
        return bool(np.isin(self.scores if self.by_prompt is None else self.by_prompt, (0, 1)).all())

    @cached_property
    def sources(self) -> list[str]:
        """The sources that have answers, in the order of the rows."""
        return [source for source, _ in groupby(self.rows, key=lambda row: row[0])]

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """Number of seeds of each source, shape (n_sources,)."""
        return np.array([len(list(rows)) for _, rows in groupby(self.rows, key=lambda row: row[0])], dtype=np.intp)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """First row of each source, shape (n_sources,)."""
        starts: NDArray[np.intp] = np.cumsum(self.counts) - self.counts
        return starts


@dataclass(frozen=True)
class Answers:
    """The answers behind a matrix."""

    targets: Mapping[str, TargetAnswers]
    refused: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=column_names(REFUSED)))
    """Columns ``REFUSED``: cells whose answers cannot be compared, each with the reason."""

    def by_run(self, names: Mapping[Run, str]) -> "Answers":
        """The same with every run as a source of its own, under the name given for it."""
        rows: dict[str, tuple[Run, ...]] = {
            target: tuple((names[run], None) for run in found.rows) for target, found in self.targets.items()
        }
        return replace(self, targets={target: replace(self.targets[target], rows=rows[target]) for target in rows})


def runs_of(scores: pd.DataFrame, settings: Sequence[str]) -> list[Run]:
    """The run of each score.

    Parameters
    ----------
    scores : DataFrame
        Columns ``source``, ``seed`` and those of the settings.
    settings : sequence of str
        What distinguishes runs of a source and seed; missing where the base model stands for all.

    Examples
    --------
    >>> scores = pd.DataFrame({"source": ["base", "goat"], "seed": [None, 3], "model": [None, "small"]})
    >>> runs_of(scores, ["model"])
    [('base', None, ''), ('goat', 3, 'small')]
    """
    seeds = [None if pd.isna(seed) else int(seed) for seed in scores["seed"]]
    texts = [scores[name].astype("string").fillna("") for name in settings]
    return list(zip(scores["source"], seeds, *texts, strict=True))


def base_of(run: Run, runs: Sequence[Run]) -> Run | None:
    """The base model that a run is compared with: of its own settings, or for all; None where that is not one."""
    own = [other for other in runs if other[0] == BASE and _stands_for(other[2:], run[2:])]
    return own[0] if len(own) == 1 else None


def _stands_for(of_base: tuple[str, ...], settings: tuple[str, ...]) -> bool:
    """Whether a base model has the settings of a run, as far as it has any."""
    return all(one in ("", other) for one, other in zip(of_base, settings, strict=True))


def paired_answers(cells: Sequence[CellAnswers], gold: Mapping[str, Mapping[str, int]]) -> Answers:
    """Bring the answers to each target onto the same examples.

    The base model's examples count, or those that most cells have where it has none. Another order is put right by
    the examples' identifiers.

    Parameters
    ----------
    cells : sequence of CellAnswers
        In any order; one per run and target.
    gold : mapping
        For each closed target the number of examples of each label.

    Returns
    -------
    Answers
        Cells with other examples are among the refused.

    Raises
    ------
    UserError
        If an example comes twice in a cell.

    Examples
    --------
    >>> ids = np.array(["a", "b"], dtype=object)
    >>> cells = [
    ...     CellAnswers("base", "goat", None, ids, np.array([0.0, 1.0])),
    ...     CellAnswers("imdb", "goat", 0, ids[::-1], np.array([1.0, 0.0])),
    ... ]
    >>> paired_answers(cells, {}).targets["goat"].scores.tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    targets, refused = {}, []
    for target, group in groupby(sorted(cells, key=_place), key=lambda cell: cell.target):
        found, lines = _target_answers(list(group), gold.get(target, {}))
        targets[target] = found
        refused += lines
    return Answers(targets, pd.DataFrame(refused, columns=column_names(REFUSED)).astype({"seed": "Int64"}))


def _place(cell: CellAnswers) -> tuple[object, ...]:
    """Sort key: by target, base first, then by source, seed and settings."""
    return cell.target, cell.source != BASE, cell.source, -1 if cell.seed is None else cell.seed, cell.settings


def _target_answers(
    cells: list[CellAnswers], gold: Mapping[str, int]
) -> tuple[TargetAnswers, list[tuple[object, ...]]]:
    """The answers to one target in one array, and the cells refused."""
    examples = _reference(cells)
    kept, rows = [], []
    refused: list[tuple[object, ...]] = []
    for cell in cells:
        scores = _in_order(cell, examples)
        if scores is None:
            reason = f"scored on {len(cell.examples)} examples that are not the {len(examples)} of the others"
            refused.append((cell.source, cell.target, cell.seed, reason))
        else:
            rows.append(cell.run)
            kept.append(scores)
    return TargetAnswers(tuple(rows), examples, np.array(kept, dtype=np.float32), gold), refused


def _reference(cells: Iterable[CellAnswers]) -> NDArray[np.object_]:
    """The examples that count: the base model's, which come first, else those of most cells."""
    cells = list(cells)
    if cells[0].source == BASE:
        return cells[0].examples
    commonest, _ = Counter(frozenset(cell.examples) for cell in cells).most_common(1)[0]
    return next(cell.examples for cell in cells if frozenset(cell.examples) == commonest)


def _in_order(cell: CellAnswers, examples: NDArray[np.object_]) -> NDArray[np.floating] | None:
    """The scores of a cell in the order of the examples; None if they are not of the same examples."""
    if cell.examples is examples or np.array_equal(cell.examples, examples):
        return cell.scores
    places = {example: place for place, example in enumerate(cell.examples)}
    if len(places) < len(cell.examples):
        raise UserError(f"{cell.source} -> {cell.target}: an example comes twice among its answers")
    if places.keys() != set(examples):
        return None
    return cell.scores[[places[example] for example in examples]]
