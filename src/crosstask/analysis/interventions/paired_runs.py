"""Changed runs and their originals on one target, with the base model beside them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array


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
