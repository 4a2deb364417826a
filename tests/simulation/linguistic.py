"""Are features found that examples won or lost differ in, and only those; does the odds ratio's interval cover it?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from crosstask.analysis.linguistic.odds_ratios import Stake, odds_ratios
from crosstask.analysis.linguistic.permutations import max_t
from tests.simulation.tables import percent, print_table

STRATA = 8
"""Two gold classes in four quartiles of length."""


@dataclass(frozen=True)
class PlantedFeature:
    """Examples at stake of one cell, of which one feature raises the odds of a change, and others do not."""

    examples: int = 100
    changed: int = 40
    """Of them, in expectation."""
    ratio: float = 3.0
    """Odds ratio of the first feature."""
    cluster: int = 1
    """Examples of a cluster, which are alike in features and in outcomes."""
    features: int = 50
    share: float = 0.3
    """Of the examples that have a feature."""
    alike: float = 0.4
    """Correlation within clusters of what lies behind a feature, and behind outcomes."""
    shared: float = 0.3
    """Correlation of what lies behind two features; the planted one is independent of the others."""

    def draw(self, generator: np.random.Generator) -> Stake:
        """Draw features, strata and outcomes."""
        count = -(-self.examples // self.cluster) * self.cluster
        clusters = np.arange(count) // self.cluster
        common, each = self._alike(generator, clusters, 1), self._alike(generator, clusters, self.features)
        behind = np.sqrt(self.shared) * common + np.sqrt(1 - self.shared) * each
        behind[:, 0] = self._alike(generator, clusters, 1)[:, 0]
        present = behind < norm.ppf(self.share)
        length = common[:, 0] + self._alike(generator, clusters, 1)[:, 0]  # long examples have more of everything
        quartile = np.searchsorted(np.quantile(length, (0.25, 0.5, 0.75)), length)
        strata = 4 * (generator.random(count) < 0.5) + quartile
        chance = self._chance(generator.normal(0, 0.5, STRATA)[strata] + np.log(self.ratio) * present[:, 0])
        # Each example keeps its chance, and with it the odds ratio, while examples of a cluster go together.
        changed = norm.cdf(self._alike(generator, clusters, 1)[:, 0]) < chance
        return Stake(present.astype(np.float32), strata, clusters, changed[None].astype(float))

    def _alike(self, generator: np.random.Generator, clusters: NDArray[np.intp], columns: int) -> NDArray[np.float64]:
        """Standard normal numbers that are correlated within clusters of several examples."""
        own = generator.normal(size=(len(clusters), columns))
        if self.cluster == 1:
            return own
        shared = generator.normal(size=(clusters.max() + 1, columns))[clusters]
        return np.sqrt(self.alike) * shared + np.sqrt(1 - self.alike) * own

    def _chance(self, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chances of a change that sum to the number that is expected to change."""
        low, high = -20.0, 20.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if expit(odds + middle).sum() > self.changed else (middle, high)
        return expit(odds + low)


KINDS = {
    "40 wins among 100": PlantedFeature(),
    "60 losses among 150": PlantedFeature(150, 60),
    "40 wins, clusters of 4": PlantedFeature(cluster=4),
    "60 losses, clusters of 4": PlantedFeature(152, 60, cluster=4),
    "40 wins, clusters of 4, alike by .8": PlantedFeature(cluster=4, alike=0.8),
}
OVERLOOKED = {"the same, taken for single examples": PlantedFeature(cluster=4, alike=0.8)}


def simulate(
    planted: PlantedFeature, draws: int, permutations: int = 999, seed: int = 0, overlooks: bool = False
) -> pd.Series:
    """Shares over draws.

    Returns
    -------
    Series
        ``covered``: intervals that hold the planted odds ratio; ``found``: it has p <= 0.05; ``any``: any of the
        features has, where none is planted.
    """
    covered, found, wrong = [], [], []
    for number in range(draws):
        generator = np.random.default_rng([seed, number])
        for is_null in (False, True):
            stake = (replace(planted, ratio=1.0) if is_null else planted).draw(generator)
            if overlooks:
                stake = replace(stake, clusters=np.arange(len(stake.clusters)))
            ratios = odds_ratios(stake, 0.05)
            having = stake.present.sum(axis=0)
            told = (np.minimum(having, len(stake.present) - having) >= 20) & (ratios.least >= 5)
            p = max_t(stake, told, permutations, generator)[1][0]
            if is_null:
                wrong.append(np.nanmin(p, initial=1.0) <= 0.05)
            elif told[0, 0]:
                covered.append(ratios.low[0, 0] <= planted.ratio <= ratios.high[0, 0])
                found.append(p[0] <= 0.05)
    return pd.Series({"covered": np.mean(covered), "found": np.mean(found), "any": np.mean(wrong)})


def report(draws: int) -> None:
    """Print the table of docs/statistics/linguistic.md."""
    print_table(_rows(draws))


def _rows(draws: int) -> Iterator[dict[str, str]]:
    """One row per kind."""
    names = {"covered": "interval covers", "found": "planted one found", "any": "without any, one found"}
    for overlooks, kinds in ((False, KINDS), (True, OVERLOOKED)):
        for name, planted in kinds.items():
            shares = simulate(planted, draws, overlooks=overlooks)
            yield {f"% of {draws} draws": name} | {title: percent(shares[key]) for key, title in names.items()}
