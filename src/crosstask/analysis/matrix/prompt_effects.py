"""What the prompts of a target do to the scores of its sources: a random effect, see `prompt_variance`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array


@dataclass(frozen=True)
class PromptMeans:
    """What the prompts of one target do to the means of its sources."""

    means: NDArray[np.float32]
    """Mean over seeds of the score of each example in each prompt, (sources, prompts, n)."""

    @property
    def count(self) -> int:
        """Number of prompts."""
        return int(self.means.shape[1])

    @property
    def factor(self) -> Array:
        """(sources, prompts): deviations of the means over examples, over sqrt(P (P - 1)); F F' is the covariance that
        the prompts give the means of the sources.
        """
        of_prompt = self.means.mean(axis=2, dtype=float)
        deviations: Array = of_prompt - of_prompt.mean(axis=1, keepdims=True)
        return deviations / (self.count * (self.count - 1)) ** 0.5

    def differences(self, reference: Array) -> tuple[Array, Array]:
        """Variance over prompts of each mean less a weighted mean of the column, and the interaction's part of it.

        ``reference``: the weights, (sources,), with sum 1. Both results (sources,).
        """
        gains = self.means - np.einsum("i,ipe->pe", reference, self.means)
        of_prompt, of_example = gains.mean(axis=2, dtype=float), gains.mean(axis=1, dtype=float)
        of_all = of_prompt.mean(axis=1)
        count, n = self.count, gains.shape[2]
        variance = ((of_prompt - of_all[:, None]) ** 2).sum(axis=1) / (count * (count - 1))
        rest = gains - of_prompt[:, :, None] - of_example[:, None, :] + of_all[:, None, None]
        interaction = (rest**2).sum(axis=(1, 2)) / max((count - 1) * (n - 1), 1) / (count * n)
        return variance, interaction


def prompt_draws(
    prompts: Mapping[int, PromptMeans], shape: tuple[int, ...], count: int, generator: np.random.Generator
) -> NDArray[np.float32] | float:
    """What prompts drawn anew add to replicates of the means, (count, sources, targets); 0 where nothing is drawn.

    With normal weights w[p], the same for all sources of a target, and F of `PromptMeans.factor` ::

        x*[i]  =  x[i]  +  sum over p of w[p] F[i, p]
    """
    if not prompts:
        return 0.0
    drawn = np.zeros((count, *shape), np.float32)
    for place, of_target in prompts.items():
        weights = generator.standard_normal((count, of_target.count), dtype=np.float32)
        drawn[:, :, place] = weights @ of_target.factor.T.astype(np.float32)
    return drawn
