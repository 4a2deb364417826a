"""Answers to targets asked in several prompts, from a model whose true gains are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from crosstask.analysis.matrix.answers import Answers, TargetAnswers


@dataclass(frozen=True)
class PromptedWorld:
    """Right or wrong answers of a probit model with effects of examples, prompts, and prompts that favor sources.

    A source gives each target a gain of its own; a prompt is easier or harder for all sources, and better for some
    than for others; seeds of a source differ alike on all targets.
    """

    sources: int
    targets: int
    prompts: int
    examples: int
    seeds: int
    of_prompt: float
    """Standard deviation of what a prompt does to one source and not to others."""
    of_seed: float = 0.0
    heavy: bool = False
    """Whether these come from a t distribution with 4 degrees of freedom instead of a normal one."""

    def drawn(self, rng: np.random.Generator) -> tuple[dict[int, Answers], NDArray[np.float64]]:
        """Return the answers in each prompt, and the gains over all prompts, examples and seeds that could be."""
        rows = (("base", None), *((f"s{i}", seed) for i in range(self.sources) for seed in range(self.seeds)))
        owner = np.array([0, *(i + 1 for i in range(self.sources) for _ in range(self.seeds))])
        of_run = rng.normal(0, self.of_seed, len(rows)) * (owner > 0)
        found: dict[int, dict[str, TargetAnswers]] = {number: {} for number in range(self.prompts)}
        gains = np.empty((self.sources, self.targets))
        for t in range(self.targets):
            effects = np.concatenate([[0], rng.normal(0, 0.4, self.sources)])
            easy, difficulty = rng.normal(0, 0.5, self.prompts), rng.normal(0, 1, self.examples)
            shape = (self.sources + 1, self.prompts)
            favors = self.of_prompt * (rng.standard_t(4, shape) / 2**0.5 if self.heavy else rng.normal(0, 1, shape))
            gains[:, t] = self._expected(effects[1:], True) - self._expected(effects[:1], False)
            for p in range(self.prompts):
                level = (effects + favors[:, p] + easy[p])[owner] + of_run
                right = level[:, None] + difficulty + rng.normal(0, 1, (len(rows), self.examples)) > 0
                ids = np.array([f"e{place}" for place in range(self.examples)], dtype=object)
                found[p][f"t{t}"] = TargetAnswers(rows, ids, right.astype(np.float32))
        return {number: Answers(targets) for number, targets in found.items()}, gains

    def _expected(self, effects: NDArray[np.float64], trained: bool) -> NDArray[np.float64]:
        """Return the mean score of sources; what favors them is heavy-tailed only where that hardly matters here."""
        variance = 1 + 1 + 0.5**2 + self.of_prompt**2 + (self.of_seed**2 if trained else 0)
        return np.asarray(norm.cdf(effects / variance**0.5))
