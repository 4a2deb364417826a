"""Models of the gain against known truth: are intervals right, and how often does a useless feature look good?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.causes.features import LEVELS, Features
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.results import causes, feature_tests
from crosstask.analysis.causes.units import Units
from tests.simulation.tables import fewer_of_the_largest, percent, print_table

RELABELINGS = 999
PLANTED, USELESS = "planted", "useless"


@dataclass(frozen=True)
class World:
    """Gains of donors, recipients and pairs, each partly by a feature of its own; all in points."""

    sources: int = 10
    targets: int = 10
    missing: float = 0.0
    """Share of the cells off the diagonal without a gain."""
    effect: float = 2.0
    """Of a standard deviation of the planted feature of each level."""
    useless: tuple[int, int, int] = (1, 1, 1)
    """Features without effect, of sources, targets and pairs."""
    donors: float = 3.0
    pairs: float = 4.0
    """Standard deviations of what features do not explain."""
    kind: str = "normal"
    """normal; traits: pairs and their features are of two dimensions; uneven: sources differ in how far they move;
    t3: heavy tails; skewed: features with a few large values."""

    def draw(self, generator: np.random.Generator) -> Units:
        """A matrix with its features."""
        shape = self.sources, self.targets
        of_sources, of_targets = (
            self._features(generator, (size, 1 + count)) for size, count in zip(shape, self.useless, strict=False)
        )
        of_pairs = [self._of_pairs(generator) for _ in range(1 + self.useless[2])]
        donors = self.donors * generator.normal(size=self.sources) + self.effect * of_sources[:, 0]
        recipients = self.donors * generator.normal(size=self.targets) + self.effect * of_targets[:, 0]
        gains = donors[:, None] + recipients + self.effect * of_pairs[0] + self.pairs * self._rest(generator)
        home = np.eye(*shape, dtype=bool)
        gains[home | (generator.random(shape) < self.missing)] = np.nan
        names = [[f"t{place}" for place in range(size)] for size in shape]
        named = [[PLANTED, *(f"{USELESS}{place}" for place in range(count))] for count in self.useless]
        return Units(
            gains=pd.DataFrame(gains, pd.Index(names[0], name="source"), pd.Index(names[1], name="target")),
            noise=np.full(shape, np.nan),
            base_noise=np.zeros(self.targets),
            features=Features(
                pd.DataFrame(of_sources, names[0], named[0]),
                pd.DataFrame(of_targets, names[1], named[1]),
                {name: pd.DataFrame(of, *names) for name, of in zip(named[2], of_pairs, strict=True)},
            ),
            home=home,
            homes={},
        )

    def _features(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Features of sources, or of targets."""
        drawn = generator.normal(size=shape)
        return np.exp(drawn) / 2.16 if self.kind == "skewed" else drawn

    def _of_pairs(self, generator: np.random.Generator) -> np.ndarray:
        """A feature of pairs, with parts of the source and of the target as similarities have."""
        rows, columns = generator.normal(size=(self.sources, 1)), generator.normal(size=self.targets)
        if self.kind == "traits":
            left, right = generator.normal(size=(self.sources, 2)), generator.normal(size=(2, self.targets))
            return left @ right / np.sqrt(2) + rows + columns
        return self._features(generator, (self.sources, self.targets)) + rows + columns

    def _rest(self, generator: np.random.Generator) -> np.ndarray:
        """What is particular to a pair and not explained."""
        shape = self.sources, self.targets
        if self.kind == "t3":
            return generator.standard_t(3, size=shape) / np.sqrt(3)
        rest = generator.normal(size=shape)
        if self.kind == "uneven":
            return rest * np.exp(0.5 * generator.normal(size=(self.sources, 1)) - 0.25)
        if self.kind == "traits":
            traits = generator.normal(size=(self.sources, 2)) @ generator.normal(size=(2, self.targets)) / np.sqrt(2)
            return np.sqrt(0.5) * (rest + traits)
        return rest


SIZES = ((10, 10), (22, 22), (60, 40))
KINDS = ("normal", "traits", "uneven", "t3", "skewed")
WORLDS = {
    f"{sources} x {targets}, {missing:.0%} missing": World(sources, targets, missing)
    for sources, targets in SIZES
    for missing in (0.0, 0.3)
} | {f"10 x 10, {kind}": World(kind=kind) for kind in KINDS[1:]}


@dataclass
class Found:
    """Shares of draws, by level: intervals that hold the truth, useless features with p of at most 0.05."""

    covered: dict[str, float]
    size: dict[str, float]


def simulate(world: World, draws: int, seed: int = 0, relabelings: int = RELABELINGS) -> Found:
    """Draw matrices with one planted and one useless feature at each level."""
    covered, size = (dict.fromkeys(LEVELS, 0.0) for _ in range(2))
    for number in range(draws):
        units = world.draw(np.random.default_rng([seed, number]))
        for test in feature_tests(units, units.orders(relabelings, seed=0), 0.05):
            if test.feature == PLANTED:
                truth = world.effect * test.sd
                covered[test.level] += (test.low <= truth <= test.high) / draws
            else:
                size[test.level] += (test.p <= 0.05) / draws
    return Found(covered, size)


def reported(world: World, draws: int, seed: int = 0) -> dict[str, float]:
    """Share of analyses that report one of the useless features, or a model of them."""
    options = Options(relabelings=RELABELINGS, refits=99)
    features = models = 0
    for number in range(draws):
        found = causes(world.draw(np.random.default_rng([seed, number])), True, options, 0.05)
        features += bool(found.features["significant"].any())
        models += bool(found.models["significant"].any())
    return {"features": features / draws, "models": models / draws}


NOTHING = World(effect=0.0, useless=(7, 6, 4))
"""Twenty useless features: with the planted ones, which have no effect."""
