"""Mean scores over seeds and examples, and the parts of their variances.

How the examples enter depends on what is known of them (`paired_examples`: every answer, `standard_errors`: the error
of each score).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from crosstask.analysis.matrix.prompt_effects import PromptMeans, prompt_draws
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.uneven_seeds import borrowing_cells, correlation_between_targets, seed_factor
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts
from crosstask.analysis.statistics.weighted_sums import WeightedSums

RunScores = tuple[Sequence[tuple[str, *tuple[object, ...]]], NDArray[np.float32]]
"""Runs, each its source and what else tells it from others, and an array (n_runs, n_examples)."""

APART = 0.01
"""Level of the test that tells rows of the base model from seeds of adapters."""


class ExampleErrors(Protocol):
    """What is known of the examples behind a matrix of means, sources (base included) x targets."""

    def run_scores(self, target: str) -> RunScores | None:
        """The runs, and their scores on each example; None if not known."""

    def example_means(self, target: str) -> NDArray[np.float32] | None:
        """Mean over seeds of the scores of each example, (sources, n), 0 without answers; None if not known."""

    def own(self) -> tuple[Array, Array]:
        """Variance of each mean over its examples and its degrees of freedom; both (sources, targets)."""

    def per_answer(self) -> Array:
        """Variance of one answer, (sources, targets), by which targets are compared; 0 or NaN where not known."""

    def differences(self, reference: Array) -> tuple[Array, Array, Array]:
        """Of each mean less a weighted mean of its column: the middle of its interval, variance, degrees of freedom.

        ``reference``: the weights, (sources, targets); each column sums to 1.
        """

    def unvaried(self, reference: Array) -> NDArray[np.bool_]:
        """Whether such a difference is the same on every example, (sources, targets): then `sums` sees no variance."""

    def sums(self, sums: WeightedSums) -> tuple[Array, Array]:
        """Variance and degrees of freedom of weighted sums, one number for each."""

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
    rounding: Array | float = 0.0
    """Variance of each mean that its scores, being rounded, may have and not show."""
    prompts: Mapping[int, PromptMeans] = field(default_factory=dict)
    """By place of the target: what the prompts do that it was asked in, where there are several to generalize over."""

    @cached_property
    def parts(self) -> VarianceParts:
        """The parts of the variance of each mean, those between seeds moderated by each other.

        A cell with one seed has a part between seeds where it `borrows` one. Rows of the base model that do not vary as
        the seeds of adapters do are a lot of their own: they say nothing of how far apart those are.
        """
        of_one_seed = None
        if self.borrows.any():
            of_one_seed = np.where(self.borrows, np.nan_to_num(self.errors.per_answer()) * self._averaged, np.nan)
        found = moderated(self._of_some(self.alike), self.deviations * self.alike[:, None, None], of_one_seed)
        if self.alike.all() or not (self.seeds[~self.alike] > 1).any():
            return found
        of_base = moderated(self._of_some(~self.alike), self.deviations * ~self.alike[:, None, None])
        chosen = {
            name: np.where(self.alike[:, None], getattr(found, name), getattr(of_base, name))
            for name in ("seeds", "interaction", "seeds_df")
        }
        return replace(found, **chosen)

    def _of_some(self, rows: NDArray[np.bool_]) -> VarianceParts:
        """The parts before they are moderated, as if no other rows had several seeds."""
        plain, several = self.plain_parts, rows[:, None]
        return replace(
            plain,
            seeds=np.where(several, plain.seeds, 0.0),
            interaction=np.where(several, plain.interaction, 0.0),
            seeds_df=np.where(several, plain.seeds_df, 0.0),
        )

    @cached_property
    def trained(self) -> NDArray[np.bool_]:
        """False for the base model, which no seed makes another, (sources,)."""
        return np.array([source != BASE for source in self.sources], dtype=bool)

    @cached_property
    def alike(self) -> NDArray[np.bool_]:
        """Rows whose seeds vary as those of adapters do: all adapters, and the base model unless it is told apart.

        Several rows of the base model may be one run read three times, or runs of other test rows. With s_b[t] and
        s[t] their variance and that of the seeds of adapters on a target, S_b rows and T targets ::

            sum over t of (S_b - 1) s_b[t] / s[t]  ~  chi-square with T (S_b - 1) degrees of freedom

        approximately, where they vary alike; they are told apart where p <= `APART`.
        """
        found = self.trained.copy()
        of_one = (self.deviations**2).sum(axis=1) * self.seeds
        df = np.maximum(self.seeds - 1, 0)
        of_adapters = (df * of_one)[self.trained].sum(axis=0) / np.maximum(df[self.trained].sum(axis=0), 1)
        for row in np.flatnonzero(~self.trained):
            known = (df[row] > 0) & (of_adapters > 0)
            squares = (df[row] * of_one[row])[known] / of_adapters[known]
            share = chi2.cdf(squares.sum(), df[row][known].sum()) if known.any() else 0.0
            found[row] = APART / 2 < share < 1 - APART / 2
        return found

    @property
    def _averaged(self) -> float:
        """Share of the variance of one answer that is left of its mean over seeds, which averages the interaction out.

        The median over the cells with several seeds; 1 where the interaction is not known.
        """
        several = (self.seeds > 1) & (self.per_answer > 0) & self.alike[:, None]
        left, lost = self.per_answer[several], ((self.seeds - 1) * np.nan_to_num(self.n) * self.interaction)[several]
        return float(np.median(left / (left + lost))) if several.any() else 1.0

    @cached_property
    def borrows(self) -> NDArray[np.bool_]:
        """Cells with one seed that take their variance between seeds from those with several: `borrowing_cells`."""
        return borrowing_cells(self.seeds, self.trained)

    @property
    def over_seeds(self) -> NDArray[np.bool_]:
        """Cells whose interval is over a population of seeds as well, not for one adapter."""
        return self.parts.seeds_df > 0

    @cached_property
    def seed_factors(self) -> list[Array]:
        """Of each source a factor of the covariance that seeds give its means, where cells `borrow`: `seed_factor`.

        That of the base model, which never borrows, are the deviations of its rows.
        """
        plain, between = self.plain_parts, np.where(self.over_seeds, self.parts.between_seeds, 0.0)
        tuned, found = self.alike, plain.seeds - plain.interaction
        correlation = correlation_between_targets(self.deviations[tuned], found[tuned], self.per_answer[tuned])
        return [
            seed_factor(between[row], self.seeds[row], correlation) if trained else self.deviations[row].T
            for row, trained in enumerate(tuned)
        ]

    @property
    def least_between(self) -> Array:
        """Variance between seeds that a mean has at least: ties of rounded scores are no proof that seeds agree.

        Rows of the base model may well be the same.
        """
        least: Array = np.where((self.seeds > 1) & self.alike[:, None], self.rounding, 0.0)
        return least

    @property
    def plain_parts(self) -> VarianceParts:
        """The same before they are moderated."""
        examples, df = self.errors.own()
        seeds_df = np.maximum(self.seeds - 1, 0).astype(float)
        per_answer = self.per_answer / np.maximum(self.seeds, 1)
        seeds = np.maximum((self.deviations**2).sum(axis=1), self.least_between)
        return VarianceParts(seeds, self.interaction, examples, seeds_df, df, per_answer)

    @cached_property
    def per_answer(self) -> Array:
        """Variance of one answer where there are several seeds; 0 where there is one, or nothing is known."""
        return np.where(self.seeds > 1, np.nan_to_num(self.errors.per_answer()), 0.0)

    @property
    def per_answer_of_alike(self) -> Array:
        """The same over the number of seeds, 0 for the base model, whose rows vary by another measure than adapters."""
        found: Array = self.per_answer / np.maximum(self.seeds, 1) * self.alike[:, None]
        return found

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Replicates of the means, (count, sources, targets); NaN for cells without one.

        Examples are drawn anew, the same for all sources of a target, and so are prompts (`prompt_draws`). To that a
        wild bootstrap adds the seeds: with u[s, t] the deviations of a source's seeds on target t, scaled to unit
        length over the seeds s, and normal weights w[s], the same on every target, ::

            x*[t]  =  x*[t] of the examples  +  sqrt(between_seeds[t])  sum over s of w[s] u[s, t]

        which has the variance between seeds that `parts` has, and the correlation between targets that the deviations
        have (Wu 1986, "Jackknife, bootstrap and other resampling methods in regression analysis",
        doi:10.1214/aos/1176350142). Seeds drawn anew like the examples would count the interaction of a seed and an
        example three times (Owen 2007, "The pigeonhole bootstrap").

        As far as a source's variances were moderated by others, its u are those of another source, drawn for each
        replicate: two or three seeds say as little of how targets go together as of the variance between seeds. Where
        cells with one seed borrow a variance, all sources have normal deviations with the covariance of `seed_factors`.
        """
        drawn = self.errors.draws(count, generator) + prompt_draws(self.prompts, self.mean.shape, count, generator)
        if self.borrows.any():
            for row, factor in enumerate(self.seed_factors):
                weights = generator.standard_normal((count, factor.shape[1]), dtype=np.float32)
                drawn[:, row] += weights @ factor.T.astype(np.float32)
            return drawn
        parts, lengths = self.parts, np.sqrt((self.deviations**2).sum(axis=1, keepdims=True))
        known = lengths > 0
        directions = np.divide(self.deviations, lengths, out=np.zeros(self.deviations.shape), where=known)
        directions = directions.astype(np.float32)
        lenders = np.flatnonzero(known.any(axis=(1, 2)) & self.alike)
        if not known.any():
            return drawn
        rows, spread = np.arange(len(self.sources)), np.sqrt(np.nan_to_num(parts.between_seeds)).astype(np.float32)
        # Share of the degrees of freedom after moderation that are a source's own: how often it keeps its own u.
        df = np.where(known[:, 0], self.seeds - 1.0, 0)
        own = df.sum(axis=1) / np.maximum(np.where(df > 0, parts.seeds_df, 0).sum(axis=1), 1)
        own[~self.alike] = 1
        for replicate in drawn:
            others = generator.choice(lenders, len(rows)) if len(lenders) else rows
            lender = np.where(generator.uniform(size=len(rows)) < own, rows, others)
            # On a target where the lender has no seeds to compare, a source falls back on its own.
            chosen = np.where(known[lender], directions[lender], directions)
            weights = generator.standard_normal(chosen.shape[:2], dtype=np.float32)
            replicate += np.einsum("rs,rst->rt", weights, chosen) * spread
        return drawn
