"""Size of the miniature's model, and how long it is trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Size of the model and how long it is trained. Lengths are in tokens."""

    vocabulary: int = 1400
    width: int = 128
    inner_width: int = 384
    layers: int = 4
    heads: int = 4
    context: int = 384
    tokens: int = 9_000_000
    sequence: int = 192
    batch: int = 5
    learning_rate: float = 2e-3
    warmup: int = 300
    weight_decay: float = 0.1
    seed: int = 0

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return self.tokens // (self.sequence * self.batch)
