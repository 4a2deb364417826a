"""Changed runs and their originals on one target, brought into one order, with the base model beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.base_references import PLAIN
from crosstask.analysis.matrix.interventions import Interventions, PairedScores
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer

PLACEBO = "other_rows"
"""Kind that changes nothing but which rows of the data set are drawn."""
RANDOM = "random_update"
"""Kind that is not trained at all."""
APART = (PLACEBO, RANDOM)
"""Kinds that change no property of the source."""
KEYS = ["source", "variant", "seed"]


@dataclass(frozen=True)
class PairedRuns:
    """Pairs of runs on one target: one per source, variant and seed."""

    target: str
    pairs: pd.DataFrame
    """Columns ``source``, ``variant``, ``kind``, ``dose``, ``seed``, numbered from 0; shape (pairs, 5)."""
    changed: Array
    """What each answer of the changed run is worth, 0 to 1, (pairs, n)."""
    original: Array
    """The same of the run on the source as it is."""
    base: Array | None
    """The same of the base model, (n,); None where its answers to these rows are not known."""
    binary: bool
    """Whether every answer is right or wrong."""

    @cached_property
    def effects(self) -> Array:
        """What the change does to each answer, -1 to 1, (pairs, n)."""
        return self.changed - self.original

    def over_base(self, values: Array) -> Array:
        """Answers less those of the base model, which must be known."""
        assert self.base is not None
        found: Array = values - self.base
        return found

    @property
    def step(self) -> float:
        """What one answer that turns right adds to an effect, where answers are right or wrong; else 0."""
        return 1.0 if self.binary else 0.0

    @cached_property
    def by_source(self) -> dict[tuple[str, ...], NDArray[np.intp]]:
        """Places of the pairs of each source, in the order in which these first come."""
        return self._rows_by("source")

    @cached_property
    def by_variant(self) -> dict[tuple[str, ...], NDArray[np.intp]]:
        """The same of each source and variant."""
        return self._rows_by("source", "variant")

    @cached_property
    def seeds(self) -> NDArray[np.intp]:
        """Of each pair, (pairs,)."""
        return self.pairs["seed"].to_numpy(np.intp)

    @cached_property
    def kinds(self) -> NDArray[np.object_]:
        """Of each pair, (pairs,)."""
        return self.pairs["kind"].to_numpy(object)

    def _rows_by(self, *names: str) -> dict[tuple[str, ...], NDArray[np.intp]]:
        """Places of the pairs with each combination of values."""
        found: dict[tuple[str, ...], list[int]] = {}
        for place, key in enumerate(zip(*(self.pairs[name] for name in names), strict=True)):
            found.setdefault(key, []).append(place)
        return {key: np.array(places, dtype=np.intp) for key, places in found.items()}


def paired_runs(transfer: Transfer, interventions: Interventions) -> Iterator[PairedRuns]:
    """Read one target after the other, in their order; those without any pair of answers are left out."""
    for target in transfer.order.targets(transfer.scores["target"].unique()):
        found = interventions.scores(target)
        if found is None or not len(found.pairs) or not len(found.examples):
            continue
        yield _in_order(found, interventions.pairs, _base(transfer, target, found.examples))


def _in_order(found: PairedScores, pairs: pd.DataFrame, base: Array | None) -> PairedRuns:
    """Pairs of one target; of those that only settings tell apart, such as base models, the mean."""
    named = pairs.loc[list(found.pairs)].reset_index(drop=True)
    named = named.assign(seed=named["seed"].fillna(-1).astype(int))
    groups = list(named.groupby(KEYS, sort=False).indices.values())
    changed, original = (
        np.stack([scores[places].mean(axis=0, dtype=float) for places in groups])
        for scores in (found.changed, found.original)
    )
    binary = bool(np.isin(found.changed, (0, 1)).all() and np.isin(found.original, (0, 1)).all())
    first = named.loc[[places[0] for places in groups], ["source", "variant", "kind", "dose", "seed"]]
    return PairedRuns(found.target, first.reset_index(drop=True), changed, original, base, binary)


def _base(transfer: Transfer, target: str, examples: NDArray[np.object_]) -> Array | None:
    """Answers of the base model, in the order of the examples."""
    answers = transfer.answers_per_run
    known = answers.targets.get(target) if answers else None
    if known is None or transfer.conventions.reference != PLAIN:
        return None
    row = next((place for place, run in enumerate(known.rows) if run[0] == BASE), None)
    places = {example: place for place, example in enumerate(known.examples)}
    if row is None or not all(example in places for example in examples):
        return None
    return np.asarray(known.scores[row], float)[[places[example] for example in examples]]
