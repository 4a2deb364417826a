"""Gains, and the variance of them and of any weighted sum of them.

A gain, what a source gives on average, what is particular to a pair: all are weighted sums of the cells of a matrix of
means. Their variance is worked out here once.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.prompt_variance import sum_with_prompts, with_prompts
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import (
    Array,
    VarianceParts,
    difference_variance,
    pooled_df,
    satterthwaite,
)
from crosstask.analysis.statistics.weighted_sums import ROUNDING, CellsLessMargins, PlainSums, WeightedSums

Over = Literal["base", "mean"]

LITTLE = 0.1
"""Share of a variance that hardly costs degrees of freedom, however few it has: its square is what counts."""


@dataclass(frozen=True)
class GainEvidence:
    """Gains over a reference, with the parts of the variance of gains and of their weighted sums.

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

    @cached_property
    def source_rows(self) -> NDArray[np.intp]:
        """The row of the means that each source with gains has, (n_sources,)."""
        return np.array([self.means.sources.index(name) for name in self.sources], dtype=np.intp)

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Gains, sources x targets; NaN where either score is missing."""
        # A missing mean has no weight, but 0 times NaN would be NaN.
        reference = (self.reference * np.nan_to_num(self.means.mean)).sum(axis=0)
        return self._table(self.means.mean - np.where(self.reference.sum(axis=0) > 0, reference, np.nan))

    @cached_property
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

        The middle is the gain, but for 0/1 scores: there it is Bonett and Price's, see `PairedExamples.differences`, or
        Agresti and Caffo's, see `means_of_table`. Seeds of different sources are independent, so their parts are those
        of `difference_variance`; how the examples enter depends on whether they are known.
        """
        reference, means = self.reference, self.means
        middle, examples, df = means.errors.differences(reference)
        of_scores = means.parts
        seeds = difference_variance(of_scores.seeds, reference)
        interaction = difference_variance(of_scores.interaction, reference)
        # The fewer of the source's own and the reference's, where that varies enough to matter: at most those of the
        # difference, so the interval errs on the wide side. A source with one seed has none: the reference varies then.
        squares = reference**2 * np.nan_to_num(of_scores.seeds)
        of_reference, own = pooled_df(squares, of_scores.seeds_df, axis=0), of_scores.seeds_df
        matters = (of_reference > 0) & (squares.sum(axis=0) > LITTLE * seeds)
        fewer = np.where(matters, np.minimum(own, of_reference), own)
        seeds_df = np.where(own > 0, fewer, of_reference)
        per_answer = difference_variance(means.per_answer_of_alike, reference)
        parts = with_prompts(
            VarianceParts(seeds, interaction, examples, seeds_df, df, per_answer), means.prompts, reference
        )
        kept = [getattr(parts, part.name)[self.source_rows] for part in fields(parts)]
        return self._table(middle), VarianceParts(*kept)

    def sums(self, weights: Array) -> VarianceParts:
        """The parts of the variance of weighted sums of gains.

        A sum of gains is a sum of scores, with weights c[i, t] of which those of the reference are a part. The targets'
        examples are independent of each other; the seeds of a source are the same on every target, those of two sources
        are independent. With Cov_t the covariance over the examples of target t, delta[i, s, t] the deviations of the
        seeds and I the interaction, as `ScoreMeans` has them ::

            examples     =  sum over t of  c[:, t]' Cov_t c[:, t]
            seeds        =  sum over i, s of  (sum over t of c[i, t] delta[i, s, t])^2
            interaction  =  sum over i, t of  c[i, t]^2 I[i, t]
            per_answer   =  sum over i, t of  c[i, t]^2 a[i, t] / S[i, t],  of sources with several seeds

            seeds_df     =  (sum over i of |c[i]|^2 / S[i])^2  /  sum over i of (|c[i]|^2 / S[i])^2 / (S[i] - 1)

        the last over adapters; the base model's rows, where it has several, count by the variance found.

        Where cells with one seed borrow a variance (`ScoreMeans.borrows`), the covariance of each source's means is
        that of its moderated variances. These lean on the same cells, so their errors are taken for one, with d[i] the
        mean degrees of freedom of its cells ::

            seeds     =  sum over i of  c[i]' F[i] F[i]' c[i],  F of `ScoreMeans.seed_factors`
            seeds_df  =  (sum over i of |c[i]|^2)^2  /  (sum over i of |c[i]|^2 / sqrt(d[i]))^2

        Parameters
        ----------
        weights : ndarray, shape (sums, sources, targets)
            0 for cells without a gain.

        Returns
        -------
        VarianceParts
            Not moderated, unless cells borrow. ``seeds_df`` is `satterthwaite` with equal variances of one seed: from
            the variances found it would be largest where a variance is small by chance.
        """
        return self._parts(self.plain_sums(weights))

    def plain_sums(self, weights: Array) -> PlainSums:
        """Weighted sums of gains, as for `sums`, as such of scores."""
        return PlainSums(self._on_scores(weights))

    def cells_less(self, by_source: Array, by_target: PlainSums, places: slice = slice(None)) -> VarianceParts:
        """The same of each gain less a weighted sum of gains for its source and one for its target.

        Parameters
        ----------
        by_source : ndarray, shape (sources, sources, targets)
            Weights of the sums of the sources, as for `sums`.
        by_target : PlainSums
            The sums of the targets.
        places : slice
            Of which sources ``by_source`` is; all of them unless said.

        Returns
        -------
        VarianceParts
            Arrays of shape (these sources, targets); ``examples`` and ``per_answer`` are NaN for cells without a gain.
        """
        sums = CellsLessMargins(self.source_rows[places], self.reference, self._on_scores(by_source), by_target)
        parts = self._parts(sums)
        missing = self.gains[places].isna()
        return replace(
            parts, **{name: np.where(missing, np.nan, getattr(parts, name)) for name in ("examples", "per_answer")}
        )

    def _on_scores(self, weights: Array) -> Array:
        """Weighted sums of gains as such of scores, (sums, sources with base, targets)."""
        on_scores = np.zeros((len(weights), *self.means.mean.shape))
        on_scores[:, self.source_rows] = weights
        # Each gain takes off the reference of its target, so together they take it off by the sum of their weights.
        of_targets = np.ones(weights.shape[1]) @ weights  # faster than a sum over the axis in the middle
        # Donors and residuals need no reference, whose error may not be known: what is left of it is rounding.
        of_targets[np.abs(of_targets) <= ROUNDING] = 0
        if of_targets.any():
            on_scores -= of_targets[:, None, :] * self.reference
        return on_scores

    def _parts(self, sums: WeightedSums) -> VarianceParts:
        """The parts of the variance of weighted sums of scores."""
        return sum_with_prompts(self._parts_of_these_prompts(sums), self.means.prompts, sums)

    def _parts_of_these_prompts(self, sums: WeightedSums) -> VarianceParts:
        """The same for the prompts that targets were asked in."""
        means = self.means
        examples, examples_df = means.errors.sums(sums)
        if means.borrows.any():
            return self._borrowed_parts(sums, examples, examples_df)
        seeds, total, squares = (np.zeros(examples.shape) for _ in range(3))
        for place in map(int, np.flatnonzero((means.seeds.max(axis=1) > 1) & means.alike)):
            # The deviations are a factor of the covariance that a source's seeds give its means on all targets.
            seeds += sums.on_source(place, means.deviations[place].T)
            count = means.seeds[place].max()
            weights = sums.on_source(place) / count
            total += weights
            squares += weights**2 / (count - 1)
        interaction, per_answer = sums.powers(means.interaction, 2), sums.powers(means.per_answer_of_alike, 2)
        seeds, seeds_df = self._with_base(sums, seeds, satterthwaite(total, squares))
        seeds = np.maximum(seeds, sums.powers(means.least_between, 2))
        return VarianceParts(seeds, interaction, examples, seeds_df, examples_df, per_answer)

    def _with_base(self, sums: WeightedSums, seeds: Array, df: Array) -> tuple[Array, Array]:
        """Variance between seeds and its degrees of freedom with what rows of the base model add.

        These vary by other amounts than adapters, or not at all: `satterthwaite` of both by the variances found.
        """
        for place in map(int, np.flatnonzero((self.means.seeds.max(axis=1) > 1) & ~self.means.alike)):
            of_base = sums.on_source(place, self.means.deviations[place].T)
            both, rows = np.stack([seeds, of_base]), np.broadcast_to(self.means.seeds[place].max() - 1.0, df.shape)
            pooled = pooled_df(both, np.stack([df, rows]), axis=0)
            seeds, df = seeds + of_base, np.where(pooled > 0, pooled, np.maximum(df, rows * (df == 0)))
        return seeds, df

    def _borrowed_parts(self, sums: WeightedSums, examples: Array, examples_df: Array) -> VarianceParts:
        """The same from variances that cells with one seed share with the others; nothing of them is interaction."""
        means = self.means
        seeds, total, root = (np.zeros(examples.shape) for _ in range(3))
        for place in map(int, np.flatnonzero(means.over_seeds.any(axis=1) & means.alike)):
            seeds += sums.on_source(place, means.seed_factors[place])
            weights = sums.on_source(place)
            total += weights
            root += weights / np.sqrt(means.parts.seeds_df[place][means.over_seeds[place]].mean())
        nothing = np.zeros(examples.shape)
        seeds, seeds_df = self._with_base(sums, seeds, satterthwaite(total, root**2))
        return VarianceParts(seeds, nothing, examples, seeds_df, examples_df, nothing)

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32] | None:
        """Bootstrap replicates of the gains, (count, sources, targets); NaN where there is no gain.

        Those of the means, `ScoreMeans.draws`, less their reference. None where there is a gain of whose error nothing
        is known: its replicates would not vary.
        """
        missing = self.gains.isna().to_numpy()
        if np.isnan(self.cells()[1].standard_error[~missing]).any():
            return None
        # The reference is taken from the same replicate: what its examples share with a source's cancels.
        scores = self.means.draws(count, generator)
        reference = np.einsum("rt,drt->dt", self.reference.astype(np.float32), np.nan_to_num(scores))
        gains = scores[:, self.source_rows] - reference[:, None, :]
        gains[:, missing] = np.nan
        return gains

    def _table(self, values: Array) -> pd.DataFrame:
        """Rows of the sources that have gains, as a table."""
        frame = pd.DataFrame(values, list(self.means.sources), list(self.means.targets))
        return frame.loc[self.sources].rename_axis(index="source", columns="target")
