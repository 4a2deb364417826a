"""Matrices of known traits as they are measured: with errors, by single answers, over seeds."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.resampled_matrices import resampled_answers
from tests.simulation import planted_answers
from tests.simulation.planted_traits import Planted

RESAMPLES = 200
_SPREAD = 0.4  # latent value of an answer for one trait; one answer has noise of 1, an example too


@dataclass(frozen=True)
class Measured:
    """One matrix."""

    truth: pd.DataFrame
    """Scores without any error."""
    scores: pd.DataFrame
    resampled: Resampled
    """Matrices that might have been measured as well."""
    seeds: pd.DataFrame | None = None
    """Scores of the single seeds, where there are such."""


class Measurement(Protocol):
    """A way of measuring planted scores."""

    planted: Planted

    def draw(self, number: int) -> Measured:
        """Plant scores and measure them."""


@dataclass(frozen=True)
class StandardError:
    """Every score has an error of known size, independent of all others; nothing else is known."""

    planted: Planted
    stderr: float
    """Where a trait has a standard deviation of 1."""

    def draw(self, number: int) -> Measured:
        """As `Measurement` has it."""
        generator = np.random.default_rng((0, number))
        truth = self.planted.matrix(generator)
        measured = truth + self.stderr * generator.normal(size=truth.shape)

        def resampled(draw: int) -> pd.DataFrame:
            return measured + self.stderr * np.random.default_rng((1, number, draw)).normal(size=truth.shape)

        return Measured(truth, measured, resampled)


@dataclass(frozen=True)
class SingleAnswers:
    """Scores are means of answers to 200 examples that all sources share, and over seeds; the base model is a row.

    Half of the variance of an answer is the example's, the same for all sources.
    """

    planted: Planted
    seeds: int = 1
    graded: bool = False
    between_seeds: float = 0.2
    """As in `planted_answers.Planted`, where a trait has 0.4; with one seed there is none."""
    true_errors: bool = False
    """Whether matrices are drawn with errors like those made in truth, which nobody knows, instead of the product's."""

    def draw(self, number: int) -> Measured:
        """As `Measurement` has it."""
        generator = np.random.default_rng((2, number))
        apart = self.between_seeds if self.seeds > 1 else 0.0
        kind = planted_answers.Planted(*self.planted.size, seeds=self.seeds, graded=self.graded, between_seeds=apart)
        base = generator.normal(0, 0.7, self.planted.size[1])
        latent = np.vstack([base, base + _SPREAD * self.planted.matrix(generator).to_numpy()])
        truth = pd.DataFrame(norm.cdf(latent / kind.scale), ["base", *kind.names[0]], kind.names[1])

        def answers() -> Answers:
            return kind.answers(generator, truth.to_numpy()[0], truth.to_numpy()[1:], apart)

        found = answers()
        measured = pd.DataFrame(means_of_answers(found, truth).mean, truth.index, truth.columns)
        seeds = _seeds(found)
        if self.true_errors:

            def again(_: int) -> pd.DataFrame:
                return measured + means_of_answers(answers(), truth).mean - truth

            return Measured(truth, measured, again, seeds)
        resampled = resampled_answers(found, measured, RESAMPLES, number)
        assert resampled is not None
        return Measured(truth, measured, resampled, seeds)


def _seeds(answers: Answers) -> pd.DataFrame:
    """Scores of each source and seed, under the source."""
    sources = [source for source, _ in next(iter(answers.targets.values())).rows]
    return pd.DataFrame({name: found.scores.mean(axis=1) for name, found in answers.targets.items()}, sources)
