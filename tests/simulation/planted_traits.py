"""Matrices whose traits are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Planted:
    """How matrices are made: scores = traits of the sources x weights of the targets + noise."""

    size: tuple[int, int]
    """Sources, targets."""
    traits: int
    noise: float = 1.0
    """Standard deviation of what each cell has of its own; that of a trait is about 1."""
    simple: bool = False
    """Each target has one trait, of weight 0.6 to 1 and either sign; otherwise a normal weight for each trait."""

    def matrix(self, generator: np.random.Generator) -> pd.DataFrame:
        """Draw one matrix."""
        n_sources, n_targets = self.size
        weights = self.weights(generator)
        values = generator.normal(size=(n_sources, self.traits)) @ weights
        values = values + self.noise * generator.normal(size=self.size)
        columns = [f"t{number}" for number in range(n_targets)]
        return pd.DataFrame(values, [f"s{number}" for number in range(n_sources)], columns)

    def weights(self, generator: np.random.Generator) -> np.ndarray:
        """Draw weights, traits x targets."""
        shape = (self.traits, self.size[1])
        if not self.simple:
            return generator.normal(size=shape) / np.sqrt(max(self.traits, 1))
        own = np.arange(shape[1]) % max(self.traits, 1) == np.arange(self.traits)[:, None]
        return own * generator.uniform(0.6, 1, size=shape) * generator.choice([-1, 1], size=shape)
