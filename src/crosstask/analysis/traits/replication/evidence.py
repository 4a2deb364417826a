"""What comes back with bends of the targets as well as without, and what could have been found."""

from dataclasses import dataclass, replace

import numpy as np

from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.alignment import largest_angle
from crosstask.analysis.traits.planted import COMMUNALITY, ENOUGH, planted_cells, trait_count
from crosstask.analysis.traits.replication.consensus import Consensus, consensus
from crosstask.analysis.traits.replication.relabeled_sources import mean_correlation
from crosstask.analysis.traits.replication.replicates import Replicates

_DRAWS = 200
_APART = 45
"""Degrees from which on components are others."""


@dataclass(frozen=True)
class Evidence:
    """Components of replicates, and what stands beside them."""

    straight: Consensus
    """Where each target responds to donors along a line."""
    bent: Consensus | None
    """Where it may bend; None in matrices too small for it."""
    planted: int
    """Traits that were planted; 0 where there are too few targets for two."""
    power: float
    """Share of draws in which they come back; NaN where none could be planted."""

    @property
    def retained(self) -> int:
        """Components that come back with bends as well as without."""
        return min(self.straight.retained, self.bent.retained) if self.bent else 0

    @property
    def bends_matter(self) -> bool:
        """Whether components with bends are those to report: fewer come back of them, or others."""
        if self.bent is None or not self.retained:
            return False
        return self.retained < self.straight.retained or _others(self.straight, self.bent, self.retained)

    @property
    def reported(self) -> Consensus:
        """Those to report."""
        return self.bent if self.bends_matter and self.bent else self.straight

    @property
    def bends_p(self) -> float:
        """Of the first component with bends: how often relabeled sources reach it."""
        return self.bent.steps[0].p if self.bent else 1.0

    @property
    def told(self) -> bool:
        """Whether traits would have come back often enough for their absence to say something."""
        return self.power >= ENOUGH


def evidence(found: Replicates, draws: int, alpha: float, seed: int = 0) -> Evidence:
    """Look for components that come back, with bends of the targets as well as without.

    Parameters
    ----------
    found : Replicates
        At least two.
    draws : int
        Relabelings, and matrices of noise.
    alpha : float
        Level of each test.
    seed : int
        Seed of the generators of relabelings.
    """
    straight, bending, bent = consensus(found, draws, alpha, seed), found.bending, None
    if all(data.rank > 0 for data in bending.residuals):
        bent = consensus(bending, draws, alpha, seed)
    planted, power = trait_count(found.used.shape[1]), float("nan")
    if planted and bent is None:
        power = 0.0
    elif planted and bent is not None:
        once = found.once(straight.same)
        ends = [way.steps[0].reached for way in (straight, bent)]
        shown = [_planted(way, planted) > end for way, end in zip((once, once.bending), ends, strict=True)]
        power = float(np.mean(np.logical_and(*shown)))
    return Evidence(straight, bent, planted, power)


def _others(straight: Consensus, bent: Consensus, count: int) -> bool:
    """Whether as many components come back with bends, but not the same."""
    spaces = [np.transpose([loading.values for loading in way.loadings[:count]]) for way in (straight, bent)]
    return largest_angle(*spaces) > _APART


def _planted(found: Replicates, traits: int) -> Array:
    """Mean correlation of replicates that have so many traits in common, and nothing else, (draws,).

    The same traits however targets respond.
    """
    generator, used = np.random.default_rng(0), found.used
    cells = planted_cells(used.shape, traits, COMMUNALITY, (len(found.residuals), _DRAWS), generator)
    taken = [
        np.where(used, data.standardize(_without_bends(data, own)), 0.0)
        for data, own in zip(found.residuals, cells, strict=True)
    ]
    unit = np.array(taken) / np.sqrt(np.square(taken).sum(axis=(-2, -1), keepdims=True))
    return np.array([float(mean_correlation(left.sum(axis=0), left)) for left in unit.swapaxes(0, 1)])


def _without_bends(data: Residuals, cells: Array) -> Array:
    """Gains with the effects of the data, no bends, and these cells in the place of residuals."""
    straight = replace(data, bends=0).fit
    gains: Array = straight.effects.fitted + cells * straight.spreads
    return gains
