"""Answers of a matrix whose true gains are known.

Each answer has a latent value, mean + seed + example + noise, all normal. A 0/1 score is 1 where it is above 0, a
graded score is its normal distribution function; either way the expectation over seeds and examples has a closed form.
Half of the variance between seeds is common to all targets, as an adapter may be better or worse altogether.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from crosstask.analysis.matrix.answers import Answers, TargetAnswers


@dataclass(frozen=True)
class Planted:
    """One kind of matrix."""

    sources: int = 10
    targets: int = 10
    seeds: int = 3
    examples: int | tuple[int, ...] = 200
    """Of every target, or of each."""
    graded: bool = False
    between_seeds: float = 0.2
    """Standard deviation between seeds of the latent value, where that of the noise is 1."""
    uneven: float = 0.0
    """Standard deviation between sources of the logarithm of that."""
    uneven_cells: bool = False
    """Whether it is between cells rather than sources."""
    between_examples: float = 1.0
    base: tuple[float, ...] | None = None
    """Expected score of the base model on each target; drawn if left out."""
    null: float = 0.5
    """Share of the cells off the diagonal without any gain."""
    spread: float = 0.4
    """Standard deviation of the other latent gains; donors and recipients have as much again."""

    @property
    def names(self) -> tuple[list[str], list[str]]:
        """Sources and targets; those that share a name are at home with each other."""
        return [f"t{place}" for place in range(self.sources)], [f"t{place}" for place in range(self.targets)]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of examples of each target."""
        return (self.examples,) * self.targets if isinstance(self.examples, int) else self.examples

    def draw(self, generator: np.random.Generator) -> tuple[Answers, np.ndarray, np.ndarray]:
        """Answers, true scores (base first, then sources; by targets) and which gains are truly 0."""
        base = generator.normal(0, 0.7, self.targets)
        if self.base is not None:
            base = norm.ppf(self.base) * self.scale
        gains = generator.normal(0, self.spread, (self.sources, self.targets))
        gains += generator.normal(0, self.spread, (self.sources, 1)) + generator.normal(0, self.spread, self.targets)
        home = np.eye(self.sources, self.targets, dtype=bool)
        gains[home] += 1.5
        none = (generator.uniform(size=gains.shape) < self.null) & ~home
        of_base = norm.cdf(base / self.scale)
        uneven = generator.normal(0, self.uneven, gains.shape if self.uneven_cells else (self.sources, 1))
        wanted = np.where(none, of_base, norm.cdf((base + gains) / self.scale))
        answers = self.answers(generator, of_base, wanted, self.between_seeds * np.exp(uneven))
        return answers, np.vstack([of_base, wanted]), none

    def answers(
        self, generator: np.random.Generator, of_base: np.ndarray, scores: np.ndarray, between: np.ndarray | float
    ) -> Answers:
        """Answers whose expected scores are given.

        Parameters
        ----------
        generator : Generator
            Source of randomness.
        of_base, scores : ndarray, shape (targets,) and (sources, targets)
            Expected scores, between 0 and 1.
        between : ndarray or float
            Standard deviation between seeds of the latent value, of each source, shape (sources, 1), or each cell.
        """
        between = np.broadcast_to(between, scores.shape)
        latent = norm.ppf(scores) * self._scale(between)
        return self._answers(generator, norm.ppf(of_base) * self.scale, latent, between)

    @property
    def scale(self) -> float:
        """What a latent mean is divided by to give the normal quantile of the expected score, but for seeds."""
        return float(self._scale(0.0))

    def _scale(self, between_seeds: np.ndarray | float) -> np.ndarray | float:
        """What a latent mean is divided by to give the normal quantile of the expected score."""
        noise = 1.0 if not self.graded else 1.0 + self._noise**2
        return (noise + between_seeds**2 + self.between_examples**2) ** 0.5

    @property
    def _noise(self) -> float:
        """Standard deviation of the noise."""
        return 0.5 if self.graded else 1.0

    def _answers(
        self, generator: np.random.Generator, base: np.ndarray, latent: np.ndarray, between: np.ndarray
    ) -> Answers:
        """Draw seeds, examples and noise."""
        sources, targets = self.names
        rows = (("base", None), *((source, seed) for source in sources for seed in range(self.seeds)))
        spread = np.repeat(between / 2**0.5, self.seeds, axis=0)
        common = generator.normal(size=len(spread))
        found = {}
        for place, (name, size) in enumerate(zip(targets, self.sizes, strict=True)):
            own = (common + generator.normal(size=len(spread))) * spread[:, place]
            mean = np.concatenate([base[place : place + 1], np.repeat(latent[:, place], self.seeds) + own])
            value = mean[:, None] + generator.normal(0, self.between_examples, size)
            value += generator.normal(0, self._noise, value.shape)
            scores = norm.cdf(value) if self.graded else value > 0
            ids = np.array([f"{name}-{number}" for number in range(size)], dtype=object)
            found[name] = TargetAnswers(rows, ids, scores.astype(np.float32))
        return Answers(found)
