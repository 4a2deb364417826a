"""What could have been found: traits planted into this very matrix, and the share of draws in which something shows.

A verdict of "none" says little where nothing could have been found. So the targets are dealt to two, three or four
traits, every source gets a strength in each, and gains are drawn with the spreads and the gaps of the matrix ::

    z[i, t]  =  sqrt(c) f[i, trait of t]  +  sqrt(1 - c) e[i, t],        f, e ~ normal(0, 1)

c being the communality, the share of a target's variance (donors and recipients aside) that its trait explains. Then
residuals are taken as they were of the data. A draw counts as found if it exceeds what every null model of the matrix
itself exceeds in no more than alpha of its draws: these thresholds are computed once, not again for every draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.columns import POWER
from crosstask.analysis.traits.residuals import Residuals
from crosstask.analysis.traits.sequential_tests import dispersion_then_share, explained_variance_ratios

ENOUGH, GOOD = 0.5, 0.8
"""Power below which nothing can be told, and power that a design should have."""
TRAITS, COMMUNALITY = 3, 0.5
"""What a verdict is about."""
_USUAL = f"{TRAITS} traits with half of a target's variance"
_PLANTED = [(traits, communality) for traits in (2, 3, 4) for communality in (0.3, 0.5, 0.7)]
_SOURCES = (12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)
"""Numbers of sources that are tried where those that there are do not do."""
_Row = tuple[int, int, float, float, float, int]
"""Sources, traits, communality, share found, its standard error, draws."""
_DRAWS, _FEWEST, _CELLS = 200, 50, 400_000  # draws of each kind; fewer of large matrices, which vary less


@dataclass(frozen=True)
class Power:
    """Shares of draws in which planted traits are found."""

    table: pd.DataFrame
    """Columns ``POWER``."""
    sources: int
    """In the matrix."""

    def found(self, communality: float = COMMUNALITY, traits: int = TRAITS) -> float:
        """Share of draws of this matrix in which so many traits are found."""
        table = self.table
        at = (table["sources"] == self.sources) & (table["traits"] == traits) & (table["communality"] == communality)
        return float(table.loc[at, "found"].iloc[0])

    @property
    def told(self) -> bool:
        """Whether traits would have been found often enough for their absence to say something."""
        return self.found() >= ENOUGH

    @property
    def wanted(self) -> int | None:
        """The fewest sources tried with which they would be found nearly always; None if even the most do not do."""
        table = self.table
        usual = table[(table["traits"] == TRAITS) & (table["communality"] == COMMUNALITY) & (table["found"] >= GOOD)]
        return int(usual["sources"].min()) if len(usual) else None

    @property
    def verdict(self) -> str:
        """What it means that nothing was found."""
        share = f"{100 * self.found():.0f} % of such matrices"
        if self.told:
            return f"No latent trait found, where {_USUAL} would have been found in {share}"
        more = f"more than {_SOURCES[-1]}" if self.wanted is None else str(self.wanted)
        return (
            f"Cannot be told with so few sources: {_USUAL} would be found in {share}, and in"
            f" {100 * GOOD:.0f} % with {more} sources"
        )

    @property
    def line(self) -> str:
        """What would have been found here."""
        shares = " / ".join(f"{100 * self.found(communality):.0f}" for communality in (0.3, 0.5, 0.7))
        error = 100 * self.table["found_stderr"].max()
        return (
            f"power: {TRAITS} traits with 30 / 50 / 70 % of a target's variance would be found in {shares} % of such"
            f" matrices (standard error {error:.0f} at most)"
        )


def power(data: Residuals, threshold: float, alpha: float, seed: int = 0) -> Power:
    """Plant traits in the place of residuals and count how often any is found.

    Parameters
    ----------
    data : Residuals
        Gives spreads and gaps.
    threshold : float
        What the dispersion of the eigenvalues must exceed, as from the null models of the data.
    alpha : float
        Level of the test, for larger matrices: those are held against Gaussian noise of their own size.
    seed : int
        Seed of the generator.
    """
    generator = np.random.default_rng(seed)
    rows = [
        _row(len(data.values), traits, communality, _dispersions(data, traits, communality, generator) > threshold)
        for traits, communality in _PLANTED
    ]
    found = Power(_table(rows), len(data.values))
    if not found.told:
        rows += _more_sources(data, alpha, generator)
    return replace(found, table=_table(rows))


def _more_sources(data: Residuals, alpha: float, generator: np.random.Generator) -> Iterator[_Row]:
    """The same of matrices with more sources, until there are enough."""
    for count in _SOURCES:
        if count <= len(data.values):
            continue
        larger = _with_sources(data, count)
        limit = np.quantile(_dispersions(larger, 1, 0.0, generator), 1 - alpha)
        row = _row(count, TRAITS, COMMUNALITY, _dispersions(larger, TRAITS, COMMUNALITY, generator) > limit)
        yield row
        if row[3] >= GOOD:
            return


def _with_sources(data: Residuals, count: int) -> Residuals:
    """The matrix with its rows repeated until there are so many."""
    places = np.resize(np.arange(len(data.values)), count)
    index = pd.RangeIndex(count)
    return replace(data, values=data.values.iloc[places].set_axis(index), projected=data.projected.iloc[:0])


def _dispersions(data: Residuals, traits: int, communality: float, generator: np.random.Generator) -> Array:
    """Dispersion of the eigenvalues of matrices with planted traits, (draws,)."""
    rows, columns = data.values.shape
    draws = int(np.clip(_CELLS // (rows * columns), _FEWEST, _DRAWS))
    # Which targets share a trait is drawn anew each time: targets differ in their spread and in their gaps.
    groups = generator.permuted(np.broadcast_to(np.arange(columns) % traits, (draws, columns)), axis=1)
    strengths = generator.standard_normal((draws, rows, traits))
    shared = np.take_along_axis(strengths, np.broadcast_to(groups[:, None, :], (draws, rows, columns)), axis=2)
    cells = np.sqrt(communality) * shared + np.sqrt(1 - communality) * generator.standard_normal(shared.shape)
    gains = data.fit.effects.fitted + cells * data.fit.spreads
    dispersions: Array = dispersion_then_share(explained_variance_ratios(data.standardize(gains), data.rank), 0)
    return dispersions


def _row(sources: int, traits: int, communality: float, found: NDArray[np.bool_]) -> _Row:
    """One row of the table."""
    share = float(found.mean())
    return sources, traits, communality, share, float(np.sqrt(share * (1 - share) / len(found))), len(found)


def _table(rows: list[_Row]) -> pd.DataFrame:
    """Columns ``POWER``."""
    return pd.DataFrame(rows, columns=column_names(POWER))
