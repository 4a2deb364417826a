"""Gains, and how sure they and any weighted sum of them are.

A gain, what a source gives on average, what is particular to a pair: all are weighted sums of the cells of a matrix of
means. What they share is worked out here once.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, satterthwaite
from crosstask.analysis.statistics.weighted_sums import CellsLessMargins, PlainSums, WeightedSums

Over = Literal["base", "mean"]


@dataclass(frozen=True)
class GainEvidence:
    """Gains over a reference, and how sure they and their weighted sums are.

    Parameters
    ----------
    means : ScoreMeans
        The scores.
    over : {"base", "mean"}
        Reference of the gains: the base model, or each target's mean over all its sources.
    """

    means: ScoreMeans
    over: Over

    @property
    def sources(self) -> list[str]:
        """The sources that have gains: all, but for the base model where gains are over it."""
        return [name for name in self.means.sources if self.over == "mean" or name != BASE]

    @property
    def gains(self) -> pd.DataFrame:
        """Gains, sources x targets; NaN where either score is missing."""
        reference = (self.reference * np.nan_to_num(self.means.mean)).sum(axis=0)
        return self._table(self.means.mean - np.where(self.reference.sum(axis=0) > 0, reference, np.nan))

    @property
    def reference(self) -> Array:
        """Weight of each score in the reference of its target, (sources with base, targets); columns sum to 1, or to
        0 where the reference is missing.
        """
        present = ~np.isnan(self.means.mean)
        if self.over == "base":
            return present * (np.array(self.means.sources) == BASE)[:, None].astype(float)
        return present / np.maximum(present.sum(axis=0), 1)

    def cells(self) -> tuple[pd.DataFrame, VarianceParts]:
        """Middle of each gain's interval, and the parts of its variance; arrays of shape (sources, targets).

        The middle is the gain, but for 0/1 scores: there two examples are added, one better and one worse (Bonett and
        Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired
        data"), so that no interval is empty because nothing happened to change.
        """
        reference, means = self.reference, self.means
        middle, examples, df = means.errors.differences(reference)
        of_scores = means.parts
        seeds = _of_difference(of_scores.seeds, reference)
        interaction = _of_difference(of_scores.interaction, reference)
        rows = [means.sources.index(name) for name in self.sources]
        seeds_df = of_scores.seeds_df
        kept = [part[rows] for part in (seeds, interaction, examples, seeds_df, df)]
        return self._table(middle), VarianceParts(*kept)

    def sums(self, weights: Array) -> VarianceParts:
        """The parts of the variance of weighted sums of gains.

        Parameters
        ----------
        weights : ndarray, shape (sums, sources, targets)
            0 for cells without a gain. The targets' examples are taken to be independent of each other; the seeds of
            a source are the same on every target.

        Returns
        -------
        VarianceParts
            Not moderated. The degrees of freedom between seeds follow from the weights: from the variances found
            they would be most where a variance is small by chance.
        """
        return self._parts(PlainSums(self._on_scores(weights)))

    def cells_less(self, by_source: Array, by_target: Array) -> VarianceParts:
        """The same of each gain less a weighted sum of gains for its source and one for its target.

        Parameters
        ----------
        by_source, by_target : ndarray, shape (sources or targets, sources, targets)
            Weights of the sums, as for `sums`.

        Returns
        -------
        VarianceParts
            Arrays of shape (sources, targets); ``examples`` is NaN for cells without a gain.
        """
        rows = np.array([self.means.sources.index(name) for name in self.sources])
        sums = CellsLessMargins(rows, self.reference, self._on_scores(by_source), self._on_scores(by_target))
        parts = self._parts(sums)
        return replace(parts, examples=np.where(self.gains.isna(), np.nan, parts.examples))

    def _on_scores(self, weights: Array) -> Array:
        """Weighted sums of gains as such of scores, (sums, sources with base, targets)."""
        on_scores = np.zeros((len(weights), *self.means.mean.shape))
        on_scores[:, [self.means.sources.index(name) for name in self.sources]] = weights
        on_scores -= weights.sum(axis=1)[:, None, :] * self.reference
        return on_scores

    def _parts(self, sums: WeightedSums) -> VarianceParts:
        """The parts of the variance of weighted sums of scores."""
        means = self.means
        examples, examples_df = means.errors.sums(sums)
        seeds, total, squares = (np.zeros(examples.shape) for _ in range(3))
        for place in map(int, np.flatnonzero(means.seeds.max(axis=1) > 1)):
            seeds += sums.on_source(place, means.deviations[place].T)
            weights = sums.on_source(place)
            total += weights
            squares += weights**2 / (means.seeds[place].max() - 1)
        interaction = sums.powers(means.interaction, 2)
        return VarianceParts(seeds, interaction, examples, satterthwaite(total, squares), examples_df)

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32] | None:
        """Bootstrap replicates of the gains, (count, sources, targets); NaN where there is no gain.

        None where there is a gain of whose error nothing is known: its replicates would not vary.

        Those of the means, `ScoreMeans.draws`.
        """
        missing = self.gains.isna().to_numpy()
        if np.isnan(self.cells()[1].standard_error[~missing]).any():
            return None
        scores = self.means.draws(count, generator)
        reference = np.einsum("rt,drt->dt", self.reference.astype(np.float32), np.nan_to_num(scores))
        rows = [self.means.sources.index(name) for name in self.sources]
        gains = scores[:, rows] - reference[:, None, :]
        gains[:, missing] = np.nan
        return gains

    def _table(self, values: Array) -> pd.DataFrame:
        """Rows of the sources that have gains, as a table."""
        frame = pd.DataFrame(values, list(self.means.sources), list(self.means.targets))
        return frame.loc[self.sources].rename_axis(index="source", columns="target")


def _of_difference(parts: Array, reference: Array) -> Array:
    """Variance of each mean less the reference, from independent variances of the means."""
    return parts * (1 - 2 * reference) + (reference**2 * np.nan_to_num(parts)).sum(axis=0)
