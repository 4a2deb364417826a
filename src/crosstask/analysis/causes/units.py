"""The matrix that features are held against: gains off the diagonal, sources and targets that are one counted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.causes.features import Features
from crosstask.analysis.matrix.additive_model import AdditiveModel, additive_model
from crosstask.analysis.matrix.pairs import Permutation, label_orders
from crosstask.analysis.statistics.crossed_reml import CrossedVariances, crossed_variances
from crosstask.analysis.statistics.variance_parts import Array


@dataclass(frozen=True)
class Units:
    """Gains and features of sources and targets, twins averaged and named like the first of them."""

    gains: pd.DataFrame
    """(sources, targets); NaN where there is none, or where a source is on its own task."""
    noise: Array
    """Variance of each score over test rows and seeds, (sources, targets); NaN where it is not known."""
    base_noise: Array
    """The same of the base model, which all gains of a target share, (targets,); 0 where it is not known."""
    features: Features
    home: NDArray[np.bool_]
    """Cells on a source's own task, (sources, targets)."""
    homes: Mapping[str, str]
    """Own task of each source whose task has another name."""

    @cached_property
    def model(self) -> AdditiveModel:
        """The additive fit to these gains; UserError where donors and recipients cannot be told apart."""
        return additive_model(self.gains.notna().to_numpy())

    @cached_property
    def effects(self) -> Array:
        """Mean, donors and recipients, (1 + sources + targets,)."""
        return self.model.effects(self.gains.to_numpy(float))

    @cached_property
    def variances(self) -> CrossedVariances:
        """Variances of sources, targets and cells by restricted maximum likelihood."""
        rows, columns = np.nonzero(self.model.used)
        return crossed_variances(self.gains.to_numpy(float)[rows, columns], rows, columns)

    @property
    def mean_noise(self) -> float:
        """Mean variance of the scores behind the gains; NaN where that of any is not known."""
        return float(self.noise[self.model.used].mean())

    def orders(self, count: int, seed: int) -> list[Permutation]:
        """Random assignments of the features to sources and targets, together where these are the same data sets."""
        return label_orders(self.gains, self.homes, count, seed)[0]

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Cells whose features such an assignment may bring into a cell off the diagonal."""
        paired = label_orders(self.gains, self.homes, 0, 0)[1]
        return ~self.home if paired else np.ones(self.gains.shape, bool)


def merged(names: Sequence[str], counted_with: Mapping[str, str]) -> NDArray[np.intp]:
    """Number of the unit of each name, in the order in which the units come.

    Examples
    --------
    >>> merged(["mnli", "imdb", "mnli_words"], {"mnli_words": "mnli"}).tolist()
    [0, 1, 0]
    """
    firsts = [counted_with.get(name, name) for name in names]
    order = {first: place for place, first in enumerate(dict.fromkeys(firsts))}
    return np.array([order[first] for first in firsts], dtype=np.intp)


def averaged(values: pd.DataFrame | Array, rows: NDArray[np.intp], columns: NDArray[np.intp] | None = None) -> Array:
    """Means of values over the rows, and columns, of each unit; NaN counts for nothing."""
    found = np.asarray(values, float)
    known = np.isfinite(found)
    sums, counts = np.where(known, found, 0.0), known.astype(float)
    for axis, places in enumerate((rows, columns)):
        if places is not None and len(places):
            of_unit = (np.arange(places.max() + 1)[:, None] == places).astype(float)
            sums, counts = (np.moveaxis(np.tensordot(of_unit, of, (1, axis)), 0, axis) for of in (sums, counts))
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
