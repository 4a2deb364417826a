"""What prompts do to scores and gains: a random effect, crossed with seeds and with examples.

Each target has P prompts of its own, in which every run was asked. With x[i, p] the mean of source i in prompt p over
seeds and examples, and g[i, p] its gain ::

    g[i]  =  mean over p of g[i, p],      prompts(i)  =  sum over p of (g[i, p] - g[i])^2  /  (P (P - 1))

of which the interaction of prompts and examples is a part that the variance over examples has already, as with seeds
(`variance_parts`). P is small, so the variances of all cells are moderated by each other, as those of seeds are
(`moderation`).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from crosstask.analysis.matrix.prompt_effects import PromptMeans
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, pooled_df
from crosstask.analysis.statistics.weighted_sums import WeightedSums


def with_prompts(parts: VarianceParts, prompts: Mapping[int, PromptMeans], reference: Array) -> VarianceParts:
    """The parts of the variance of means less a reference, with what other prompts would do.

    Parameters
    ----------
    parts : VarianceParts
        Arrays of shape (sources, targets).
    prompts : mapping
        By place of the target.
    reference : ndarray, shape (sources, targets)
        Weights of what is subtracted from the means of a target; 0 for the means themselves.
    """
    if not prompts:
        return parts
    variance, interaction, df = (np.zeros(parts.examples.shape) for _ in range(3))
    for place, of_target in prompts.items():
        variance[:, place], interaction[:, place] = of_target.differences(reference[:, place])
        df[:, place] = np.where(variance[:, place] > 0, of_target.count - 1, 0)
    found = moderated(replace(parts, seeds=variance, interaction=interaction, seeds_df=df))
    return replace(parts, prompts=found.between_seeds, prompts_df=found.seeds_df)


def sum_with_prompts(parts: VarianceParts, prompts: Mapping[int, PromptMeans], sums: WeightedSums) -> VarianceParts:
    """The same of weighted sums of means: the prompts of different targets are independent.

    Not moderated, and with the interaction, which the sum over many cells makes small.
    """
    if not prompts:
        return parts
    of_targets = np.stack([sums.on_target(place, of_target.factor) for place, of_target in prompts.items()])
    counts = np.array([of_target.count - 1.0 for of_target in prompts.values()])
    df = pooled_df(of_targets, counts.reshape(-1, *(1,) * (of_targets.ndim - 1)), axis=0)
    return replace(parts, prompts=of_targets.sum(axis=0), prompts_df=df)
