"""Answers to one closed target with a known truth, as a section of the analysis gets them."""

from dataclasses import dataclass

import numpy as np

from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.matrix.closed_targets import ClosedTarget, closed_targets

EVEN, SKEWED = (1 / 3, 1 / 3, 1 / 3), (0.06, 0.13, 0.81)
"""Class shares: alike, and those of the paper's Flipkart."""


@dataclass(frozen=True)
class World:
    """Sources whose adapters lean towards labels by known amounts.

    Logits are those of an example, the right label's larger by ``skill``, and noise of each model; an adapter's besides
    those of its source's shift, and of what its seed adds to that.
    """

    shares: tuple[float, ...] = EVEN
    invalid: float = 0.0
    """Share of the answers of every model in which no label can be read."""
    shift: float = 0.5
    """Standard deviation of the shifts of sources."""
    seeds: int = 1
    of_seeds: float = 0.2
    """Standard deviation of what seeds add; none where there is one."""
    sources: int = 10
    n: int = 200
    skill: float = 2.0

    def draw(self, generator: np.random.Generator) -> tuple[ClosedTarget, np.ndarray]:
        """The answers, and the shifts of the sources, (sources, labels), which sum to 0."""
        k = len(self.shares)
        gold = generator.choice(k, self.n, p=self.shares)
        gold[:k] = np.arange(k)  # no class is without rows
        common = generator.normal(size=(self.n, k))
        common[np.arange(self.n), gold] += self.skill
        shifts = self.shift * generator.normal(size=(self.sources, k))
        shifts -= shifts.mean(axis=1, keepdims=True)
        of_runs = np.repeat(shifts, self.seeds, axis=0)
        if self.seeds > 1:
            of_runs = of_runs + self.of_seeds * generator.normal(size=of_runs.shape)
        leaning = np.vstack([np.zeros((1, k)), of_runs])
        logits = common + leaning[:, None] + 0.7 * generator.normal(size=(len(leaning), self.n, k))
        logits[1:, np.arange(self.n), gold] += 0.3  # adapters are better at every class alike
        runs = [("base", None), *((f"s{source}", seed) for source in range(self.sources) for seed in range(self.seeds))]
        return closed(runs, gold, logits, generator.random(logits.shape[:2]) >= self.invalid), shifts


def closed(
    runs: list[tuple[str, int | None]], gold: np.ndarray, logits: np.ndarray, valid: np.ndarray | None = None
) -> ClosedTarget:
    """A target named t whose answers are the labels with the largest logits, where they are valid."""
    behavior = behavior_of_logits(runs, gold, logits, valid)
    (target,) = closed_targets(["t"], lambda _: behavior)
    return target


def behavior_of_logits(
    runs: list[tuple[str, int | None]], gold: np.ndarray, logits: np.ndarray, valid: np.ndarray | None = None
) -> TargetBehavior:
    """The same as it comes from a store."""
    logarithms = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    valid = np.ones(logits.shape[:2], bool) if valid is None else valid
    predicted = np.where(valid, logits.argmax(axis=2), -1)
    return TargetBehavior(
        rows=tuple(runs),
        examples=np.array([f"e{place}" for place in range(len(gold))], dtype=object),
        scores=(predicted == gold).astype(np.float32),
        valid=valid,
        labels=tuple(f"l{label}" for label in range(logits.shape[2])),
        gold=gold,
        predicted=predicted,
        log_probabilities=logarithms.astype(np.float32),
        decision=logarithms.astype(np.float32),
    )
