"""Where accuracy and macro-F1 rank two adapters differently."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.confusion.columns import RANKINGS
from crosstask.analysis.matrix.crossed_parts import Estimates, crossed_parts
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, pooled_df


def ranked_differently(found: Sequence[Estimates], settings: Sequence[str], alpha: float) -> tuple[pd.DataFrame, int]:
    """Pairs of adapters of which one has the larger accuracy and the other the larger macro-F1.

    Both answered the same examples, so that with u the mean over seeds of what an example adds (`crossed_parts`) ::

        variance(i, j)  =  sum over e of (u_i[e] - u_j[e])^2 / (n (n - 1))  +  between_seeds(i)  +  between_seeds(j)

    with the quantiles of `variance_parts`, of the seeds' sum by Satterthwaite's rule.

    Parameters
    ----------
    found : sequence of Estimates
        Accuracy and macro-F1 of all runs, a pair of statistics for each target.
    settings : sequence of str
        Names of the settings that tell rows apart; pairs are of the same settings.
    alpha : float
        1 minus the level of the intervals, which are for each pair by itself.

    Returns
    -------
    table : DataFrame
        Columns ``RANKINGS`` and those of the settings.
    pairs : int
        How many pairs were looked at.
    """
    rows, pairs = [], 0
    found = [of_target for of_target in found if of_target.runs]
    for of_target, parts in zip(found, crossed_parts(found) if found else [], strict=True):
        runs = of_target.runs
        mean, squares = of_target.mean, _squared_distances(of_target)
        difference = mean[:, None] - mean[None]
        half = _of_both(parts, squares, of_target.influence.shape[1]).half_width(alpha)
        first, second = np.triu_indices(len(runs), 1)
        may = np.array(
            [
                BASE not in (runs[i].source, runs[j].source) and runs[i].settings == runs[j].settings
                for i, j in zip(first, second, strict=True)
            ],
            dtype=bool,
        )
        pairs += int(may.sum())
        accuracy, f1 = difference[first, second].T if len(first) else np.zeros((2, 0))
        for place in np.flatnonzero(may & (accuracy * f1 < 0)):
            # The adapter with the larger accuracy comes first.
            i, j = (first[place], second[place]) if accuracy[place] > 0 else (second[place], first[place])
            limits = [difference[i, j] - half[i, j], difference[i, j] + half[i, j]]
            told = bool(limits[0][0] > 0 and limits[1][1] < 0)
            ends = [float(limits[end][k]) for k in (0, 1) for end in (0, 1)]
            of_both = [float(mean[row, k]) for k in (0, 1) for row in (i, j)]
            named = runs[i].source, runs[j].source
            rows.append(
                (of_target.target, *named, *of_both, *ends, told, of_target.influence.shape[1], *runs[i].settings)
            )
    columns = [*column_names(RANKINGS), *settings]
    return pd.DataFrame(rows, columns=columns).astype({"n": "Int64"}), pairs


def _of_both(parts: VarianceParts, examples: Array, n: int) -> VarianceParts:
    """Parts of the variance of the difference of each two sources, (sources, sources, k)."""
    seeds = np.stack(np.broadcast_arrays(parts.between_seeds[:, None], parts.between_seeds[None]))
    df = np.stack(np.broadcast_arrays(parts.seeds_df[:, None], parts.seeds_df[None]))
    nothing = np.zeros(examples.shape)
    return VarianceParts(
        seeds.sum(axis=0), nothing, examples, pooled_df(seeds, df, axis=0), np.full(examples.shape, n - 1.0), nothing
    )


def _squared_distances(found: Estimates) -> Array:
    """Variance over the examples of the difference of each two sources, (sources, sources, k)."""
    n = found.influence.shape[1]
    means = np.add.reduceat(found.influence, found.starts) / found.counts[:, None, None]
    products = np.einsum("iek,jek->ijk", means, means, optimize=True) / max(n * (n - 1), 1)
    own = np.einsum("iik->ik", products)
    return np.maximum(own[:, None] + own[None] - 2 * products, 0)
