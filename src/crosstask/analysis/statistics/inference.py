"""Inference settings: level, resampling and seed, shared by all tests and intervals of an analysis."""

from dataclasses import dataclass

import numpy as np

from crosstask.errors import UserError


@dataclass(frozen=True)
class Inference:
    """Level of the intervals, false discovery rate, resampling and seed."""

    alpha: float = 0.05
    """Intervals have level 1 - alpha; a difference is significant if its false discovery rate is at most alpha."""
    resamples: int = 1000
    """Bootstrap replicates."""
    flips: int = 10_000
    """Sign patterns of a permutation test; no p value is below 1 / (flips + 1)."""
    seed: int = 0
    """Seed of the generators."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        UserError
            Naming the parameter, its value and what is allowed.
        """
        if not 0 < self.alpha < 1:
            raise UserError(f"alpha={self.alpha}: must lie between 0 and 1")
        for name in ("resamples", "flips"):
            if getattr(self, name) < 100:
                raise UserError(f"{name}={getattr(self, name)}: at least 100")

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator for one purpose, independent of those for others and of what was drawn before."""
        # SeedSequence mixes all entries, so each purpose has a stream of its own: one more analysis, or another order
        # of the targets, does not shift the draws of the others.
        return np.random.default_rng([self.seed, *purpose.encode()])
