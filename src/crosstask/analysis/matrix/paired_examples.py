"""Means from the single answers: every source of a target is compared on the same examples.

With x[i, e] the mean over seeds of source i on example e of n, the variance of its mean over the examples, and the
covariance of those of two sources, which share the examples, are ::

    var(i)     =  sum over e of (x[i, e] - x[i])^2  /  (n (n - 1))
    cov(i, j)  =  sum over e of (x[i, e] - x[i]) (x[j, e] - x[j])  /  (n (n - 1))

var(i) is MS_examples / (S n) of `variance_parts`. The rows of deviations over sqrt(n (n - 1)) are a factor of the
covariance matrix, F F', by which the examples enter every weighted sum. Different targets have different examples and
count as independent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Answers, Run, TargetAnswers
from crosstask.analysis.matrix.prompt_effects import PromptMeans
from crosstask.analysis.matrix.score_means import RunScores, ScoreMeans
from crosstask.analysis.statistics.interaction import interaction_part
from crosstask.analysis.statistics.resampling import bootstrap_means
from crosstask.analysis.statistics.variance_parts import Array, satterthwaite
from crosstask.analysis.statistics.weighted_sums import WeightedSums

ROUNDING = 1e-6
"""Largest difference of two single-precision means of scores of 0 to 1 that rounding makes."""


@dataclass(frozen=True)
class PairedExamples:
    """The examples behind a matrix of means, one by one.

    Parameters
    ----------
    answers : Answers
        Of each target.
    sources, targets : sequence of str
        Rows and columns of the matrix.
    """

    answers: Answers
    sources: Sequence[str]
    targets: Sequence[str]

    def run_scores(self, target: str) -> RunScores | None:
        """As `ExampleErrors` has it."""
        found = self.answers.targets.get(target)
        return (found.rows, found.scores) if found else None

    def example_means(self, target: str) -> NDArray[np.float32] | None:
        """Mean over seeds of the scores of each example, (sources, n), read-only; 0 for a source without answers."""
        if target not in self.answers.targets:
            return None
        if target not in self._known_means:
            answers = self.answers.targets[target]
            means = np.zeros((len(self.sources), len(answers.examples)), np.float32)
            # The runs of a source follow each other, so that sums between their starts are sums over its seeds.
            sums = np.add.reduceat(answers.scores, answers.starts)
            means[self._rows(answers)] = sums / answers.counts[:, None].astype(np.float32)
            means.flags.writeable = False
            self._known_means[target] = means
        return self._known_means[target]

    @cached_property
    def _known_means(self) -> dict[str, NDArray[np.float32]]:
        """The means of the targets asked for so far: kept, since every statistic needs them."""
        return {}

    def own(self) -> tuple[Array, Array]:
        """Variance of each mean over its examples, and n - 1."""
        variance, df = self._empty(), self._empty()
        for place, means, rows in self.each():
            variance[rows, place] = _variance(means[rows])
            df[rows, place] = means.shape[1] - 1
        return variance, df

    def per_answer(self) -> Array:
        """Variance over the examples of a source's mean answer to one."""
        variance, df = self.own()
        return variance * (df + 1)

    def differences(self, reference: Array) -> tuple[Array, Array, Array]:
        """As `ExampleErrors` has it; 0/1 scores with one more example that is better and one that is worse.

        With d[e] the difference on example e, which for 0/1 scores of one seed each is -1, 0 or 1 ::

            middle    =  sum over e of d[e]  /  (n + 2)
            variance  =  ((sum over e of d[e]^2 + 2) / (n + 2) - middle^2)  /  (n + 2)

        (Bonett and Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions based on
        paired data"), so that no interval has a width of 0 because no answer happened to change. They take the normal
        quantile; here it is Student's with n - 1 degrees of freedom, as for other scores. Over several seeds d has
        values in between and the formula is the same.
        """
        middle, variance, df = self._empty(), self._empty(), self._empty()
        for place, means, rows in self.each():
            of_reference = reference[:, place]
            if not of_reference.any():
                continue
            d = means[rows] - of_reference @ means
            # Examples that are added; their differences, 1 and -1, add nothing to the sum and 2 to the sum of squares.
            extra = 2 if self.answers.targets[self.targets[place]].binary else 0
            n = d.shape[1] + extra
            middle[rows, place] = d.sum(axis=1) / n
            if extra and d.shape[1] > 1:
                variance[rows, place] = (((d**2).sum(axis=1) + extra) / n - middle[rows, place] ** 2) / n
            else:
                variance[rows, place] = _variance(d)
            df[rows, place] = d.shape[1] - 1
        return middle, variance, df

    def unvaried(self, reference: Array) -> NDArray[np.bool_]:
        """As `ExampleErrors` has it."""
        found = np.zeros(reference.shape, bool)
        for place, means, rows in self.each():
            d = means[rows] - reference[:, place] @ means
            found[rows, place] = (np.ptp(d, axis=1) <= ROUNDING) & reference[:, place].any()
        return found

    def sums(self, sums: WeightedSums) -> tuple[Array, Array]:
        """Variance of weighted sums over the examples, those of different targets independent.

        Each target's part has n - 1 degrees of freedom, and their sum those of `satterthwaite`.
        """
        total, squares = np.zeros(()), np.zeros(())
        for place, means, _ in self.each():
            part = sums.on_target(place, _errors(means))
            total = total + part
            squares = squares + part**2 / max(means.shape[1] - 1, 1)
        return total, satterthwaite(total, squares)

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Replicates of the means with the examples drawn anew, those of each target the same for all its sources."""
        drawn = np.full((count, len(self.sources), len(self.targets)), np.nan, np.float32)
        for place, means, rows in self.each():
            drawn[:, rows, place] = bootstrap_means(means[rows], count, generator)
        return drawn

    def each(self) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.intp]]]:
        """Place of each target that has answers, its example means, and the rows that have any."""
        for place, target in enumerate(self.targets):
            means = self.example_means(target)
            if means is not None:
                yield place, means, self._rows(self.answers.targets[target])

    def prompt_means(self) -> Iterator[tuple[int, PromptMeans]]:
        """Place of each target with several prompts to generalize over, and the means in each; 0 without answers."""
        for place, target in enumerate(self.targets):
            answers = self.answers.targets.get(target)
            if answers is None or answers.by_prompt is None:
                continue
            sums = np.add.reduceat(answers.by_prompt, answers.starts, axis=1)
            means = np.zeros((len(self.sources), len(answers.by_prompt), len(answers.examples)), np.float32)
            means[self._rows(answers)] = np.swapaxes(sums / answers.counts[None, :, None], 0, 1)
            yield place, PromptMeans(means)

    def _rows(self, answers: TargetAnswers) -> NDArray[np.intp]:
        """Rows of the matrix that have answers, in the order of the answers."""
        places = {name: place for place, name in enumerate(self.sources)}
        return np.array([places[name] for name in answers.sources], dtype=np.intp)

    def _empty(self) -> Array:
        """NaN for every cell."""
        return np.full((len(self.sources), len(self.targets)), np.nan)


def means_of_answers(answers: Answers, matrix: pd.DataFrame) -> ScoreMeans:
    """Mean scores from single answers.

    Parameters
    ----------
    answers : Answers
        Of sources and targets that the matrix has.
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`; only its names and their order count.

    Returns
    -------
    ScoreMeans
        Cells without answers are NaN.
    """
    errors = PairedExamples(answers, [str(name) for name in matrix.index], [str(name) for name in matrix.columns])
    shape = len(errors.sources), len(errors.targets)
    places = _places_of_runs(answers)
    most = 1 + max(places.values(), default=0)
    mean, n, interaction = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    seeds, binary = np.zeros(shape, int), np.zeros(shape, bool)
    deviations = np.zeros((shape[0], most, shape[1]))
    for place, means, rows in errors.each():
        found = answers.targets[errors.targets[place]]
        counts = found.counts
        of_row = found.scores.mean(axis=1, dtype=float)  # scores are float32, differences of means want more digits
        mean[rows, place] = np.add.reduceat(of_row, found.starts) / counts
        seeds[rows, place], n[rows, place], binary[rows, place] = counts, len(found.examples), found.binary
        # Each run is a row of the answers: the source that owns it, and its place among all of that source's runs.
        owner, within = np.repeat(rows, counts), np.array([places[run] for run in found.rows], dtype=np.intp)
        scale = np.sqrt(np.maximum(counts * (counts - 1), 1))  # with one seed the deviation is 0, whatever the scale
        deviations[owner, within, place] = (of_row - mean[owner, place]) / np.repeat(scale, counts)
        interaction[rows, place] = interaction_part(found.scores, found.starts, means[rows])
    names = tuple(errors.sources), tuple(errors.targets)
    prompts = dict(errors.prompt_means())
    return ScoreMeans(*names, mean, seeds, n, binary, deviations, interaction, errors, prompts=prompts)


def _places_of_runs(answers: Answers) -> dict[Run, int]:
    """Place of each run among those of its source, the same on every target, whichever runs a target lacks."""
    runs = sorted({run for found in answers.targets.values() for run in found.rows}, key=lambda run: (run[0], str(run)))
    return {run: place for _, group in groupby(runs, key=lambda run: run[0]) for place, run in enumerate(group)}


def _variance(values: NDArray[np.floating]) -> Array:
    """Variance of the mean of each row."""
    n = values.shape[1]
    result: Array = values.var(axis=1, ddof=1, dtype=float) / n if n > 1 else np.full(len(values), np.nan)
    return result


def _errors(values: NDArray[np.floating]) -> Array:
    """Deviations from the mean of each row, scaled so that the squares sum to its variance."""
    n = values.shape[1]
    if n == 1:
        return np.full(values.shape, np.nan)
    deviations: Array = values - values.mean(axis=1, keepdims=True, dtype=float)
    return deviations / (n * (n - 1)) ** 0.5
