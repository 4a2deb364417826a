"""What stands beside a replication: whether it may be a bend of the targets, and what it could have found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.planted import COMMUNALITY, ENOUGH, planted_cells, trait_count
from crosstask.analysis.traits.replication.consensus import Consensus, consensus
from crosstask.analysis.traits.replication.relabeled_sources import mean_correlation
from crosstask.analysis.traits.replication.replicates import Replicates

_DRAWS = 200


@dataclass(frozen=True)
class Evidence:
    """What stands beside the components of replicates."""

    bends_p: float
    """p of the first where each target may respond otherwise to sources that help than to those that harm."""
    traits: int
    """Traits that were planted; 0 where there are too few targets for two."""
    power: float
    """Share of draws in which they come back; NaN where none could be planted."""

    @property
    def told(self) -> bool:
        """Whether traits would have come back often enough for their absence to say something."""
        return self.power >= ENOUGH


def evidence(found: Replicates, result: Consensus, draws: int, alpha: float) -> Evidence:
    """Say what stands beside the components of replicates.

    Parameters
    ----------
    found, result : Replicates, Consensus
        The replicates and their components.
    draws : int
        Relabelings.
    alpha : float
        Level of each test.
    """
    bent = replace(found, residuals=tuple(replace(data, bends=True) for data in found.residuals))
    once = _once(found, result.same)
    traits = trait_count(found.used.shape[1])
    power = float(np.mean(_planted(once, traits) > result.steps[0].reached)) if traits else float("nan")
    bends_p = consensus(bent, draws, alpha).steps[0].p if result.retained else 1.0
    return Evidence(bends_p, traits, power)


def _once(found: Replicates, same: Sequence[Sequence[str]]) -> Replicates:
    """The replicates without those that another one stands for."""
    further = {name for names in same for name in names[1:]}
    kept = [place for place, name in enumerate(found.names) if name not in further]
    return replace(
        found,
        residuals=tuple(found.residuals[place] for place in kept),
        names=tuple(found.names[place] for place in kept),
    )


def _planted(found: Replicates, traits: int) -> Array:
    """Mean correlation of replicates that have so many traits in common, and nothing else, (draws,)."""
    generator, used = np.random.default_rng(0), found.used
    cells = planted_cells(used.shape, traits, COMMUNALITY, (len(found.residuals), _DRAWS), generator)
    taken = [
        np.where(used, data.standardize(data.fit.effects.fitted + own * data.fit.spreads), 0.0)
        for data, own in zip(found.residuals, cells, strict=True)
    ]
    unit = np.array(taken) / np.sqrt(np.square(taken).sum(axis=(-2, -1), keepdims=True))
    return np.array([float(mean_correlation(left.sum(axis=0), left)) for left in unit.swapaxes(0, 1)])
