"""Matrices of gains with donors, recipients and in-domain cells, with abilities planted in them or not.

Everything is in units of what is particular to a cell of a source of the middle spread.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

FLAWED = ("twin targets", "sensitive", "blocks")
FRESH = ("skewed", "violent target", "two erratic", "gaps")
KINDS = ("plain", "donors", "uneven .35", "uneven .7", "t3", "home", "collapsed", "erratic", "twins")


@dataclass(frozen=True)
class PlantedGains:
    """One kind of matrix."""

    sources: int = 10
    targets: int = 10
    kind: str = "plain"
    """donors: three times as unequal; uneven s: sources move by different amounts, exp(s z); t3: heavy tails, Student's
    t with 3 degrees of freedom; home: in-domain cells far higher; collapsed: one adapter loses 6 everywhere; erratic:
    one adapter does anything, 4 times as much as others; twins: two sources are nearly one. Those of ``FLAWED`` make
    mere names look like abilities: twin targets: two targets of one ability are nearly one; sensitive: the targets of
    one ability react three times as strongly, also to donors; blocks: two halves of the targets have three sources in
    common, and abilities stand across the halves. Those of ``FRESH`` were thought of after the rule that they try was
    fixed: skewed: exponential cells; violent target: sources differ 4 times as much on one; two erratic: two adapters
    do anything; gaps: a fifth of the cells are missing."""
    abilities: int = 3
    """Abilities that are declared; target t and source i have number t and i modulo this."""
    communality: float = 0.0
    """Share of a target's variance, donors and recipients aside, that its ability explains; 0: abilities are nothing
    but names."""
    own: float = 0.7
    """By how much sources are better, on average, at the ability of their own task."""

    @property
    def names(self) -> tuple[list[str], list[str]]:
        """Sources and targets."""
        return [f"t{place}" for place in range(self.sources)], [f"t{place}" for place in range(self.targets)]

    @property
    def declared(self) -> dict[str, str]:
        """Task -> ability."""
        most = max(self.sources, self.targets)
        return {f"t{place}": f"ability {place % self.abilities}" for place in range(most)}

    def draw(self, generator: np.random.Generator) -> pd.DataFrame:
        """Gains, (sources, targets)."""
        shape = self.sources, self.targets
        cells = self._cells(generator, shape)
        if self.communality:
            cells = (1 - self.communality) ** 0.5 * cells + self.communality**0.5 * self._shared(generator)
        self._unsettle(cells, generator)
        donors = 0.6 * generator.normal(size=(self.sources, 1)) * (3 if self.kind == "donors" else 1)
        gains = cells + donors + 0.6 * generator.normal(size=self.targets)
        if self.kind == "collapsed":
            gains[generator.integers(self.sources)] -= 6
        if self.kind == "twins":
            gains[1] = gains[0] + 0.3 * generator.normal(size=self.targets)
        if self.kind == "twin targets":
            gains[:, self.abilities] = gains[:, 0] + 0.3 * generator.normal(size=self.sources)
        if self.kind == "sensitive":
            gains[:, :: self.abilities] *= 3
        if self.kind == "blocks":
            middle = self.sources // 2
            gains[middle + 2 :, : self.targets // 2] = np.nan
            gains[: middle - 1, self.targets // 2 :] = np.nan
        if self.kind == "gaps":
            gains[generator.random(shape) < 0.2] = np.nan
        home = np.eye(*shape, dtype=bool)
        gains[home] += (8 if self.kind == "home" else 3) + generator.normal(size=home.sum())
        return pd.DataFrame(gains, *self.names)

    def _unsettle(self, cells: np.ndarray, generator: np.random.Generator) -> None:
        """Make rows or columns more violent than others."""
        if self.kind.startswith("uneven"):
            cells *= np.exp(float(self.kind.split()[1]) * generator.normal(size=(self.sources, 1)))
        if self.kind == "erratic":
            cells[generator.integers(self.sources)] *= 4
        if self.kind == "two erratic":
            cells[generator.choice(self.sources, 2, replace=False)] *= 4
        if self.kind == "violent target":
            cells[:, generator.integers(self.targets)] *= 4

    def _cells(self, generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        """What is particular to each cell."""
        if self.kind == "t3":
            return generator.standard_t(3, shape)
        return generator.exponential(size=shape) - 1 if self.kind == "skewed" else generator.normal(size=shape)

    def _shared(self, generator: np.random.Generator) -> np.ndarray:
        """What the abilities make of every cell: each target is on one, with a variance of about 1."""
        own = np.arange(self.sources)[:, None] % self.abilities == np.arange(self.abilities)
        strengths = generator.normal(size=own.shape) + self.own * own
        weights = generator.uniform(0.6, 1, self.targets) / (0.6**2 + 0.6 + 1) ** 0.5 * 3**0.5
        return strengths[:, np.arange(self.targets) % self.abilities] * weights
