"""Do the examples of a target that adapters win, or lose, differ in their features from others at stake?"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.linguistic.carriers import LENGTH, Carriers, carriers, strata
from crosstask.analysis.linguistic.changed_examples import Changed, changed_examples, placebos, seed_changes, seeds_of
from crosstask.analysis.linguistic.odds_ratios import OddsRatios, Stake, odds_ratios
from crosstask.analysis.linguistic.options import Clusters, Options
from crosstask.analysis.linguistic.permutations import max_t
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.matrix.example_features import ExampleFeatures

ANSWER = "answer_"
"""Begins the names of features of gold answers."""


class TargetTests:
    """The tests of one target.

    Parameters
    ----------
    behavior : TargetBehavior
        What was done on it; base among the rows.
    features : ExampleFeatures
        Of its test rows; those without features are left out.
    options : Options
        What is tested, and how.
    alpha : float
        1 minus the level of the intervals.
    """

    def __init__(
        self, behavior: TargetBehavior, features: ExampleFeatures, options: Options, alpha: float = 0.05
    ) -> None:
        self.behavior, self.features, self.options, self.alpha = behavior, features, options, alpha
        place = {example: number for number, example in enumerate(features.examples)}
        self.chosen = np.array([n for n, example in enumerate(behavior.examples) if example in place], dtype=np.intp)
        self.rows = np.array([place[behavior.examples[n]] for n in self.chosen], dtype=np.intp)

    def table(self) -> pd.DataFrame:
        """Return a row per source, outcome and feature: the columns of ``FEATURE_TESTS`` that are of one target."""
        if not len(self.chosen):
            return pd.DataFrame()
        rates = self.features.rates().iloc[self.rows]
        # Strata are of one length already, and what the gold answer is like is no feature of the question.
        found = carriers(rates[[name for name in rates if name != LENGTH and not name.startswith(ANSWER)]])
        tables = [self._tested(changed, found, rates) for changed in changed_examples(self.behavior, self.chosen)]
        if not tables:
            return pd.DataFrame()
        table = pd.concat(tables, ignore_index=True)
        of_placebos = self._of_seeds(placebos(self.behavior, self.chosen), found, rates)
        of_ease = self._of_seeds(seed_changes(self.behavior, self.chosen), found, rates)
        table = _merged(table, of_placebos.drop(columns="outcome"), "placebo_p")
        return _merged(table, of_ease, "ease_p")

    def _stake(self, changed: Changed, found: Carriers, rates: pd.DataFrame) -> Stake:
        """Return the examples at stake with their features and strata."""
        gold = self.behavior.gold[self.chosen] if self.behavior.gold is not None and self.behavior.is_closed else None
        lengths = self.features.values[LENGTH].to_numpy(float)[self.rows] if LENGTH in self.features.values else None
        every = strata(gold, np.zeros(len(self.rows)) if lengths is None else lengths)
        is_own = self.options.clusters is Clusters.examples
        clusters = np.arange(len(self.rows)) if is_own else self.features.documents[self.rows]
        return Stake(found.present[changed.stake], every[changed.stake], clusters[changed.stake], changed.shares)

    def _tested(self, changed: Changed, found: Carriers, rates: pd.DataFrame) -> pd.DataFrame:
        """Return the tests of one outcome."""
        stake = self._stake(changed, found, rates)
        ratios = odds_ratios(stake, self.alpha)
        told, p = self._p_values(stake, ratios)
        having = stake.present.sum(axis=0)
        ratio = np.where(told & np.isfinite(ratios.ratio) & (ratios.ratio > 0), ratios.ratio, np.nan)
        sources, features = np.indices(told.shape)
        table = pd.DataFrame(
            {
                **{name: [of[place] for place in sources.ravel()] for name, of in self._runs(changed).items()},
                "outcome": changed.outcome,
                "feature": np.array(found.features)[features.ravel()],
                "above": found.above[features.ravel()],
                "f1": [self.features.f1.get(found.features[place], np.nan) for place in features.ravel()],
                "n": len(changed.stake),
                "with": having[features.ravel()].astype(int),
                "changed": changed.shares.sum(axis=1)[sources.ravel()],
                "changed_with": ratios.counts.ravel(),
                "expected": ratios.expected.ravel(),
                "odds_ratio": ratio.ravel(),
                "ci_low": np.where(told, ratios.low, np.nan).ravel(),
                "ci_high": np.where(told, ratios.high, np.nan).ravel(),
                "p": p.ravel(),
            }
        )
        return table[table["with"] > 0]

    def _runs(self, changed: Changed) -> dict[str, list[Any]]:
        """Return of each source what names it, its seed where it has one, and how many it has."""
        seeds = seeds_of(self.behavior)
        runs = [[self.behavior.rows[place] for place in seeds[source]] for source in changed.sources]
        return {
            "row": list(changed.sources),
            "seed": [of_source[0][1] if len(of_source) == 1 else None for of_source in runs],
            "seeds": [len(of_source) for of_source in runs],
        }

    def _p_values(self, stake: Stake, ratios: OddsRatios) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which features can be tested, and their p values."""
        having = stake.present.sum(axis=0)
        enough = np.minimum(having, len(stake.present) - having) >= self.options.occurrences
        told = enough & (ratios.least >= self.options.expected)
        _, p = max_t(stake, told, self.options.permutations, np.random.default_rng(0))
        return told & ~np.isnan(p), p

    def _of_seeds(self, pairs: Iterable[Changed], found: Carriers, rates: pd.DataFrame) -> pd.DataFrame:
        """Return columns row, outcome, feature and p of two seeds of each source; without rows where there are none."""
        parts = [pd.DataFrame(columns=["row", "outcome", "feature", "p"]).astype({"p": float})]
        for changed in pairs:
            stake = self._stake(changed, found, rates)
            _, p = self._p_values(stake, odds_ratios(stake, self.alpha))
            of_source = {"row": [changed.sources[0]] * len(found.features), "outcome": changed.outcome}
            parts.append(pd.DataFrame({**of_source, "feature": found.features, "p": p[0]}))
        return pd.concat(parts[1:] or parts, ignore_index=True)


def _merged(table: pd.DataFrame, p: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the tests with p values of the same rows and features in a column of a name."""
    found = p.rename(columns={"p": name})
    return table.merge(found, how="left", on=[column for column in found if column != name])
