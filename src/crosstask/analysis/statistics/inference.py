"""How sure is sure enough: what all tests and intervals of an analysis share."""

from dataclasses import dataclass

import numpy as np

from crosstask.errors import UserError


@dataclass(frozen=True)
class Inference:
    """Level of intervals, false discovery rate and resampling."""

    alpha: float = 0.05
    """Intervals have level 1 - alpha; a difference is significant if its false discovery rate is at most alpha."""
    resamples: int = 1000
    """Bootstrap replicates."""
    flips: int = 10_000
    """Sign patterns of a permutation test; no p value is below 1 / (flips + 1)."""
    seed: int = 0
    """Seed of the generator."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises
        ------
        UserError
            Naming the parameter.
        """
        if not 0 < self.alpha < 1:
            raise UserError(f"alpha={self.alpha}: must lie between 0 and 1")
        for name in ("resamples", "flips"):
            if getattr(self, name) < 100:
                raise UserError(f"{name}={getattr(self, name)}: at least 100")

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator for one purpose, independent of those for others and of what was drawn before."""
        return np.random.default_rng([self.seed, *purpose.encode()])
