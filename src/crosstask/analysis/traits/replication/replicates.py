"""The same sources and targets several times over: a matrix of gains for each base model, seed or setting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.matrix.response_fit import turns
from crosstask.analysis.matrix.row_keys import base_rows, own_base_rows, row_sources
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import home_cells, transfer_matrix
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array

_MODELS = ("model", "base")
"""Keys of rows that tell base models apart."""


@dataclass(frozen=True)
class Replicates:
    """Residuals of the same sources and targets, once for each replicate."""

    residuals: tuple[Residuals, ...]
    """Of each replicate, all with the same rows and columns."""
    home: pd.DataFrame
    """Bool, sources x targets: a source's own task."""
    names: tuple[str, ...]
    """Of the replicates."""
    keys: tuple[str, ...]
    """What tells them apart."""
    left_out: Mapping[str, Sequence[str]]
    """``sources`` and ``targets`` that not every replicate has."""

    @property
    def values(self) -> Array:
        """Residuals, each matrix of length 1, (n_replicates, n_sources, n_targets); 0 in cells that take no part."""
        values = np.array([found.standardized for found in self.residuals]) * self.used
        unit: Array = values / np.sqrt((values**2).sum(axis=(1, 2), keepdims=True))
        return unit

    @property
    def used(self) -> NDArray[np.bool_]:
        """Cells that take part in every replicate, (n_sources, n_targets)."""
        used: NDArray[np.bool_] = np.logical_and.reduce([found.used for found in self.residuals])
        return used

    @property
    def bending(self) -> "Replicates":
        """The same where targets may bend, as often as in a matrix of as many cells."""
        sources, targets = self.used.shape
        bends = turns(sources, targets * len(self.residuals))
        return replace(self, residuals=tuple(replace(data, bends=bends) for data in self.residuals))

    def once(self, same: Sequence[Sequence[str]]) -> "Replicates":
        """The same without those, by name, that another one of their group stands for."""
        further = {name for names in same for name in names[1:]}
        kept = [place for place, name in enumerate(self.names) if name not in further]
        return replace(
            self,
            residuals=tuple(self.residuals[place] for place in kept),
            names=tuple(self.names[place] for place in kept),
        )

    @property
    def of_models(self) -> bool:
        """Whether the replicates are base models."""
        return any(key in _MODELS for key in self.keys)

    @property
    def families(self) -> list[list[str]]:
        """Base models whose names begin alike up to the first digit or separator, of each group of several."""
        groups: dict[str, list[str]] = {}
        for name in self.names if self.of_models else ():
            groups.setdefault(_family(name), []).append(name)
        # A letter or two, as of m1 and m2, are no name of a family.
        return [names for family, names in groups.items() if len(names) > 1 and len(family) > 2]


def replicates(scores: pd.DataFrame, order: TaskOrder, rows: tuple[str, ...]) -> Replicates | None:
    """Take the rows of an analysis apart into replicates.

    Where rows tell base models apart these are the replicates, and what else they tell apart is averaged; else they are
    all that rows tell apart besides the source. A source or target that is not in every replicate, as `residuals` has
    it, is left out of all.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the rows.
    order, rows
        As for `transfer_matrix`.

    Returns
    -------
    Replicates or None
        None where there are not two.

    Raises
    ------
    UserError
        If they have too few sources or targets in common.
    """
    keys = tuple(key for key in rows if key in _MODELS) or rows[1:]
    if not keys:
        return None
    matrix = transfer_matrix(scores, order, ("source", *keys))
    settings = list(dict.fromkeys(key[1:] for key in matrix.index[~base_rows(matrix.index)]))
    if len(settings) < 2:
        return None
    parts = [_of_one(matrix, setting) for setting in settings]
    home = home_cells(parts[0], order)
    found = _with_all_in_common(parts, order)
    sources, targets = found[0].values.index, found[0].values.columns
    every = pd.concat(parts)
    left_out = {
        "sources": every.index.unique().drop(BASE, errors="ignore").difference(sources, sort=False),
        "targets": every.columns.difference(targets, sort=False),
    }
    return Replicates(
        residuals=tuple(found),
        home=home.loc[sources, targets],
        names=tuple("/".join(part for part in setting if part) for setting in settings),
        keys=keys,
        left_out={kind: tuple(map(str, names)) for kind, names in left_out.items()},
    )


def _of_one(matrix: pd.DataFrame, setting: tuple[str, ...]) -> pd.DataFrame:
    """Scores of one replicate, a row for each source, its own base model first where it has one."""
    places = [place for place, key in enumerate(matrix.index) if key[1:] == setting and key[0] != BASE]
    own = own_base_rows(matrix.index)[places[0]]
    chosen = matrix.iloc[[own, *places] if own >= 0 else places]
    return chosen.set_axis(pd.Index(row_sources(chosen.index), name="source"))


def _with_all_in_common(parts: list[pd.DataFrame], order: TaskOrder) -> list[Residuals]:
    """Residuals of each replicate with the sources and targets that all of them have."""
    while True:
        found = [residuals(part, home_cells(part, order)) for part in parts]
        sources, targets = found[0].values.index, found[0].values.columns
        for data in found[1:]:
            sources, targets = sources[sources.isin(data.values.index)], targets[targets.isin(data.values.columns)]
        if all(data.values.shape == (len(sources), len(targets)) for data in found):
            return found
        parts = [part.loc[part.index.isin([BASE, *sources]), targets] for part in parts]


def _family(name: str) -> str:
    """The family of a model, from its name.

    Examples
    --------
    >>> _family("meta-llama/Llama-3.2-1B"), _family("SmolLM2-135M"), _family("gpt2-medium")
    ('llama', 'smollm', 'gpt')
    """
    last = name.rsplit("/", maxsplit=1)[-1].lower()
    return next((last[:place] for place, letter in enumerate(last) if place and not letter.isalpha()), last)
