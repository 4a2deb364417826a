"""Which answers are won and lost against the base model: a row each, and how many there are in each cell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.changed.columns import CHANGED, CHANGED_COUNTS, WHERE
from crosstask.analysis.matrix.answers import Run, TargetAnswers, base_of
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.proportions import mcnemar

WON, LOST = "won", "lost"


@dataclass(frozen=True)
class Outcomes:
    """What changed against the base model."""

    examples: pd.DataFrame
    """Columns ``CHANGED`` and those of the settings, in the order of the counts, then of the test rows."""
    counts: pd.DataFrame
    """Columns ``CHANGED_COUNTS`` and those of the settings, by source, target, seed and settings."""


def outcomes(answers: Mapping[str, TargetAnswers], order: TaskOrder, settings: Sequence[str] = ()) -> Outcomes:
    """Compare every answer with the base model's to the same test row.

    Parameters
    ----------
    answers : mapping of str to TargetAnswers
        By target.
    order : TaskOrder
        Order of sources and targets.
    settings : sequence of str
        What runs are told apart by besides source and seed. A run is compared with the base model of its own settings,
        or with one that stands for all.

    Returns
    -------
    Outcomes
        Empty where no target has answers of the base model.

    Examples
    --------
    >>> rows, examples = (("base", None), ("goat", 0)), np.array(["test-0", "test-1", "test-2"], dtype=object)
    >>> scores = np.array([[0, 0, 1], [1, 0, 0]], dtype=np.float32)
    >>> found = outcomes({"imdb": TargetAnswers(rows, examples, scores)}, TaskOrder())
    >>> found.examples[["source", "target", "example", "outcome"]].to_numpy().tolist()
    [['goat', 'imdb', 'test-0', 'won'], ['goat', 'imdb', 'test-2', 'lost']]
    >>> found.counts[["won", "lost", "n", "p"]].to_numpy().tolist()
    [[1.0, 1.0, 3.0, 1.0]]
    """
    pairs = _ordered([pair for target, found in answers.items() for pair in _pairs(target, found)], order)
    runs = [(pair.run[0], pair.target, *pair.run[1:]) for pair in pairs]
    keys = pd.DataFrame(runs, columns=[*column_names(WHERE), *settings]).astype({"seed": "Int64"})
    examples, counts = _examples(pairs, keys), _counts(pairs, keys)
    return Outcomes(examples[[*column_names(CHANGED), *settings]], counts[[*column_names(CHANGED_COUNTS), *settings]])


def _examples(pairs: Sequence["_Pair"], keys: pd.DataFrame) -> pd.DataFrame:
    """A row for every answer that changed, with the keys of its cell."""
    changed = [np.flatnonzero(pair.difference) for pair in pairs]
    numbers = np.repeat(np.arange(len(pairs)), [len(places) for places in changed])

    def joined(values: Callable[["_Pair"], NDArray[Any]], dtype: type) -> NDArray[Any]:
        """Values of the answers that changed, of all pairs."""
        parts = (values(pair)[places] for pair, places in zip(pairs, changed, strict=True))
        return np.concatenate([np.empty(0, dtype), *parts])

    better = joined(lambda pair: pair.difference > 0, np.bool_)
    return (
        keys.iloc[numbers]
        .assign(
            example=joined(lambda pair: pair.examples, np.object_),
            outcome=np.where(better, WON, LOST).astype(object),
            base_score=joined(lambda pair: pair.base, np.float32),
            score=joined(lambda pair: pair.tuned, np.float32),
        )
        .reset_index(drop=True)
    )


def _counts(pairs: Sequence["_Pair"], keys: pd.DataFrame) -> pd.DataFrame:
    """How many answers each cell won and lost, with the test for answers of right or wrong."""
    won, lost, n = (
        np.array([count(pair.difference) for pair in pairs], dtype=np.intp)
        for count in (lambda d: np.count_nonzero(d > 0), lambda d: np.count_nonzero(d < 0), len)
    )
    binary = np.array([pair.is_binary for pair in pairs], dtype=bool)
    return keys.assign(won=won, lost=lost, n=n, p=np.where(binary, mcnemar(won, lost), np.nan))


@dataclass(frozen=True)
class _Pair:
    """The answers of a run and of its base model to one target."""

    run: Run
    target: str
    examples: NDArray[np.object_]
    base: NDArray[np.float32]
    tuned: NDArray[np.float32]
    is_binary: bool
    """Whether every answer to the target is worth 0 or 1."""

    @property
    def difference(self) -> NDArray[np.float32]:
        """By how much the run's answers are better."""
        return self.tuned - self.base


def _pairs(target: str, answers: TargetAnswers) -> Iterator[_Pair]:
    """Every fine-tuned run of a target beside its base model."""
    binary = bool(np.isin(answers.scores, (0, 1)).all())
    places = {run: place for place, run in enumerate(answers.rows)}
    bases = [run for run in answers.rows if run[0] == BASE]
    for run, place in places.items():
        base = None if run[0] == BASE else base_of(run, bases)
        if base is not None:
            scores = answers.scores[places[base]], answers.scores[place]
            yield _Pair(run, target, answers.examples, *scores, binary)


def _ordered(pairs: Sequence[_Pair], order: TaskOrder) -> list[_Pair]:
    """Pairs by source, target, seed and settings."""
    sources = {name: place for place, name in enumerate(order.sources(pair.run[0] for pair in pairs))}
    targets = {name: place for place, name in enumerate(order.targets(pair.target for pair in pairs))}

    def key(pair: _Pair) -> tuple[Any, ...]:
        source, seed, *settings = pair.run
        return sources[source], targets[pair.target], -1 if seed is None else seed, settings

    return sorted(pairs, key=key)
