"""What could have been found: traits planted into this very matrix, and the share of draws in which something shows.

A verdict of "none" says little where nothing could have been found. So gains are drawn with the spreads and the gaps of
the matrix and with traits in the place of its residuals (`planted`). Then residuals are taken as they were of the data.
A draw counts as found if it exceeds what every null model of the matrix itself exceeds in no more than alpha of its
draws, with bends of the targets as well as without: these thresholds are computed once, not again for every draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.cell_noise import CELL_NOISE
from crosstask.analysis.traits.columns import POWER
from crosstask.analysis.traits.planted import COMMUNALITY, ENOUGH, GOOD, planted_cells, trait_count
from crosstask.analysis.traits.residual_noise import residual_noise
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.analysis.traits.sequential_tests import dispersion_then_share, explained_variance_ratios

_TRAITS, _COMMUNALITIES = (2, 3, 4), (0.3, 0.5, 0.7)
_SOURCES = (12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)
"""Numbers of sources that are tried where those that there are do not do."""
_Row = tuple[int, int, float, float, float, int]
"""Sources, traits, communality, share found, its standard error, draws."""
_TOO_FEW = "of which no two traits could each have two; four are the fewest"
_DRAWS, _FEWEST, _CELLS = 200, 50, 400_000  # draws of each kind; fewer of large matrices, which vary less
Thresholds = ArrayLike
"""Two: what the dispersion of the eigenvalues must exceed, without bends of the targets and with them."""


@dataclass(frozen=True)
class Power:
    """Shares of draws in which planted traits are found."""

    table: pd.DataFrame
    """Columns ``POWER``."""
    sources: int
    """In the matrix."""
    targets: int

    @property
    def traits(self) -> int:
        """Traits that a verdict is about: two targets each; 0 where there are too few targets for two."""
        return trait_count(self.targets)

    def found(self, communality: float = COMMUNALITY) -> float:
        """Share of draws of this matrix in which so many traits are found."""
        table = self.table
        at = (table["sources"] == self.sources) & (table["communality"] == communality)
        return float(table.loc[at & (table["traits"] == self.traits), "found"].iloc[0])

    @property
    def told(self) -> bool:
        """Whether traits would have been found often enough for their absence to say something."""
        return bool(self.traits) and self.found() >= ENOUGH

    @property
    def wanted(self) -> int | None:
        """The fewest sources tried with which they would be found nearly always; None if even the most do not do."""
        table = self.table
        usual = (table["traits"] == self.traits) & (table["communality"] == COMMUNALITY) & (table["found"] >= GOOD)
        return int(table.loc[usual, "sources"].min()) if usual.any() else None

    @property
    def verdict(self) -> str:
        """What it means that nothing was found."""
        if not self.traits:
            return f"Cannot be told with {self.targets} targets: {_TOO_FEW}"
        share = f"{100 * self.found():.0f} % of such matrices"
        planted = f"{self.traits} traits with half of a target's variance"
        if self.told:
            return f"No latent trait found, where {planted} would have been found in {share}"
        more = f"more than {_SOURCES[-1]}" if self.wanted is None else str(self.wanted)
        return (
            f"Cannot be told with so few sources: {planted} would be found in {share}, and in"
            f" {100 * GOOD:.0f} % with {more} sources"
        )

    @property
    def line(self) -> str:
        """What would have been found here."""
        if not self.traits:
            return f"power: none with {self.targets} targets, {_TOO_FEW}"
        shares = " / ".join(f"{100 * self.found(communality):.0f}" for communality in _COMMUNALITIES)
        error = 100 * self.table["found_stderr"].max()
        return (
            f"power: {self.traits} traits with 30 / 50 / 70 % of a target's variance would be found in {shares} % of"
            f" such matrices (standard error {error:.0f} at most)"
        )


def power(data: Residuals, thresholds: Thresholds, alpha: float, seed: int = 0) -> Power:
    """Plant traits in the place of residuals and count how often any is found.

    Parameters
    ----------
    data : Residuals
        Gives spreads and gaps.
    thresholds : pair of float
        As from the null models of the data.
    alpha : float
        Level of the test, for larger matrices: those are held against null models of their own.
    seed : int
        Seed of the generator.
    """
    generator = np.random.default_rng(seed)
    sources, targets = data.values.shape
    rows = [
        _row(sources, traits, communality, _found(data, traits, communality, thresholds, generator))
        for traits in _TRAITS
        if traits <= trait_count(targets, max(_TRAITS))
        for communality in _COMMUNALITIES
    ]
    found = Power(_table(rows), sources, targets)
    if found.traits and not found.told:
        rows += _more_sources(data, found.traits, alpha, generator)
    return replace(found, table=_table(rows))


def _more_sources(data: Residuals, traits: int, alpha: float, generator: np.random.Generator) -> Iterator[_Row]:
    """The same of matrices with more sources, until there are enough."""
    for count in _SOURCES:
        if count <= len(data.values):
            continue
        larger = _with_sources(data, count)
        limits = np.quantile(_dispersions(larger, _noise(larger, generator)), 1 - alpha, axis=1)
        row = _row(count, traits, COMMUNALITY, _found(larger, traits, COMMUNALITY, limits, generator))
        yield row
        if row[3] >= GOOD:
            return


def _with_sources(data: Residuals, count: int) -> Residuals:
    """The matrix with its rows, and what is known of their seeds, repeated until there are so many."""
    places = np.resize(np.arange(len(data.values)), count)
    index = pd.RangeIndex(count)
    of_rows = [data.seeds[data.seeds.index == data.values.index[place]] for place in places]
    owners = np.repeat(index, [len(seeds) for seeds in of_rows])
    return replace(
        data,
        values=data.values.iloc[places].set_axis(index),
        projected=data.projected.iloc[:0],
        seeds=pd.concat(of_rows).set_axis(pd.Index(owners)),
    )


def _found(
    data: Residuals, traits: int, communality: float, thresholds: Thresholds, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Whether matrices with planted traits exceed both thresholds, (draws,)."""
    (cells,) = planted_cells(data.values.shape, traits, communality, (1, _draws(data)), generator)
    exceeded = _dispersions(data, cells) > np.reshape(thresholds, (2, 1))
    return np.logical_and(*exceeded)


def _noise(data: Residuals, generator: np.random.Generator) -> Array:
    """Cells without a trait, but with the errors that the seeds of a row share, (draws, n_rows, n_targets)."""

    def cells(left: Array, count: int, source: np.random.Generator) -> Array:
        return CELL_NOISE["gaussian"](left, data.used, 0, count, source)

    return residual_noise(data.standardized, row_errors(data), cells, _draws(data), generator)


def _dispersions(data: Residuals, cells: Array) -> Array:
    """Dispersion of the eigenvalues with these cells in the place of residuals, without bends and with, (2, draws)."""
    gains, found = data.fit.effects.fitted + cells * data.fit.spreads, []
    for taken in (data, data.bending):
        if taken.rank < 1:
            found.append(np.zeros(len(gains)))
            continue
        found.append(dispersion_then_share(explained_variance_ratios(taken.standardize(gains), taken.rank), 0))
    return np.array(found)


def _draws(data: Residuals) -> int:
    return int(np.clip(_CELLS // data.values.size, _FEWEST, _DRAWS))


def _row(sources: int, traits: int, communality: float, found: NDArray[np.bool_]) -> _Row:
    """One row of the table."""
    share = float(found.mean())
    return sources, traits, communality, share, float(np.sqrt(share * (1 - share) / len(found))), len(found)


def _table(rows: list[_Row]) -> pd.DataFrame:
    """Columns ``POWER``."""
    return pd.DataFrame(rows, columns=column_names(POWER))
