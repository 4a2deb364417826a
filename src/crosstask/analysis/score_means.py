"""Mean scores over seeds and examples, and how sure any weighted sum of them is.

A gain, what a source gives on average, an asymmetry: all are weighted sums of the cells of a matrix of means. What they
share is worked out here once; how the examples enter depends on what is known (`paired_examples`: every answer,
`standard_errors`: the error of each score).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.columns import BASE
from crosstask.analysis.moderation import moderated, squared_correlation
from crosstask.analysis.variance_parts import Array, VarianceParts, pooled_df

Over = Literal["base", "mean"]


class ExampleErrors(Protocol):
    """What is known of the examples behind a matrix of means, sources (base included) x targets."""

    def example_means(self, target: str) -> NDArray[np.float32] | None:
        """Mean over seeds of the scores of each example, (sources, n), 0 without answers; None if not known."""

    def own(self) -> tuple[Array, Array]:
        """Variance of each mean over its examples and its degrees of freedom; both (sources, targets)."""

    def differences(self, reference: Array) -> tuple[Array, Array, Array]:
        """Of each mean less a weighted mean of its column: the middle of its interval, variance, degrees of freedom.

        ``reference``: the weights, (sources, targets); each column sums to 1.
        """

    def sums(self, weights: Array) -> tuple[Array, Array]:
        """Variance and degrees of freedom of weighted sums; ``weights``: (sums, sources, targets)."""

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Replicates of the means with the examples drawn anew, (count, sources, targets); NaN without a mean."""


@dataclass(frozen=True)
class ScoreMeans:
    """Means over seeds and examples, and the parts of their variances; arrays of shape (sources, targets)."""

    sources: tuple[str, ...]
    """Base included where it was scored."""
    targets: tuple[str, ...]
    mean: Array
    """NaN where never scored."""
    seeds: NDArray[np.int_]
    """Number of seeds; 0 where never scored."""
    n: Array
    """Number of examples; NaN where not known."""
    binary: NDArray[np.bool_]
    """Whether all scores of single answers are 0 or 1."""
    deviations: Array
    """(sources, seeds, targets): each seed's mean less that over seeds, over sqrt(S (S - 1)); squared and summed over
    seeds they are the variance of the mean. 0 with one seed, or where a seed is missing."""
    interaction: Array
    """Part of that variance that is no effect of the seeds; 0 with one seed or where unknown."""
    errors: ExampleErrors
    """How the examples enter."""

    @cached_property
    def parts(self) -> VarianceParts:
        """The parts of the variance of each mean, those between seeds moderated by each other."""
        plain = self.plain_parts
        scale = np.sqrt(np.where(plain.examples > 0, plain.examples, np.inf))[:, None, :]
        return moderated(plain, squared_correlation(self.deviations / scale))

    @property
    def plain_parts(self) -> VarianceParts:
        """The same before they are moderated."""
        examples, df = self.errors.own()
        seeds_df = np.maximum(self.seeds - 1, 0).astype(float)
        return VarianceParts((self.deviations**2).sum(axis=1), self.interaction, examples, seeds_df, df)

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Replicates of the means, (count, sources, targets); NaN for cells without one.

        Examples are drawn anew, the same for all sources of a target. The deviations of a source's seeds get normal
        weights, the same on every target (a wild bootstrap: Wu 1986, "Jackknife, bootstrap and other resampling
        methods in regression analysis"), and are scaled to the variance between seeds that `parts` has. Drawn anew
        like the examples they would count what is particular to a seed and an example three times (Owen 2007, "The
        pigeonhole bootstrap"). As far as a source's variances were moderated by others, its deviations are those of
        another source: two or three seeds say as little of how targets go together as of how far seeds are apart.
        """
        drawn = self.errors.draws(count, generator)
        parts, lengths = self.parts, np.sqrt((self.deviations**2).sum(axis=1, keepdims=True))
        known = lengths > 0
        directions = np.divide(self.deviations, lengths, out=np.zeros(self.deviations.shape), where=known)
        directions = directions.astype(np.float32)
        lenders = np.flatnonzero(known.any(axis=(1, 2)))
        if len(lenders) == 0:
            return drawn
        rows, spread = np.arange(len(self.sources)), np.sqrt(np.nan_to_num(parts.between_seeds)).astype(np.float32)
        df = np.where(known[:, 0], self.seeds - 1.0, 0)
        own = df.sum(axis=1) / np.maximum(np.where(df > 0, parts.seeds_df, 0).sum(axis=1), 1)
        for replicate in drawn:
            others = generator.choice(lenders, len(rows))
            lender = np.where(generator.uniform(size=len(rows)) < own, rows, others)
            chosen = np.where(known[lender], directions[lender], directions)
            weights = generator.standard_normal(chosen.shape[:2], dtype=np.float32)
            replicate += np.einsum("rs,rst->rt", weights, chosen) * spread
        return drawn


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
        means = self.means
        on_scores = np.zeros((len(weights), *means.mean.shape))
        on_scores[:, [means.sources.index(name) for name in self.sources]] = weights
        on_scores -= weights.sum(axis=1)[:, None, :] * self.reference
        per_source = (np.einsum("krt,rst->krs", on_scores, means.deviations) ** 2).sum(axis=2)
        seeds_df = pooled_df((on_scores**2).sum(axis=2), np.maximum(means.seeds.max(axis=1) - 1, 0))
        interaction = np.einsum("krt,rt->k", on_scores**2, means.interaction)
        examples, df = means.errors.sums(on_scores)
        return VarianceParts(per_source.sum(axis=1), interaction, examples, seeds_df, df)

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
