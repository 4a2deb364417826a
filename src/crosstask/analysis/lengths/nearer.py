"""Are answers nearer to the source's lengths than base's are, cell by cell?"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from crosstask.analysis.lengths.distances import distances
from crosstask.analysis.lengths.swaps import swapped_p
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array

ABOVE_CHANCE = 2.0
"""How often the distance of two samples of one distribution both distances must be for an interval."""
COLUMNS = ["nearer", "nearer_low", "nearer_high", "p"]


def nearer(
    answers: Mapping[str, TargetAnswers],
    sources: Mapping[str, Array],
    swaps: int,
    alpha: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Difference of the Wasserstein distances of fine-tuned and base answers from what the source trains on.

    The interval is over rows and seeds by the influence of each answer on both distances (`Distances.influences`), to
    which the variance over what the source trains on is added. Where a distance is not well above that of two samples
    of one distribution it does not vary as a mean does, and there is no interval. p is that of `swapped_p`, which is
    for the adapters at hand; with several seeds it is at least that at which an interval over seeds just reaches 0.

    Parameters
    ----------
    answers : mapping of str to TargetAnswers
        Logs of lengths by target, base's first.
    sources : mapping of str to ndarray
        Logs of the lengths that sources train on.
    swaps, alpha, generator
        Random swaps, 1 minus the level of intervals, and what draws the swaps.

    Returns
    -------
    DataFrame
        `COLUMNS`, by source and target; cells whose source is not known are left out.
    """
    p: dict[tuple[str, str], float] = {}
    influences: dict[str, TargetAnswers] = {}
    variances: dict[str, dict[str, float]] = {}
    for target, found in answers.items():
        tuned = [place for place, run in enumerate(found.rows) if run[0] in sources and run[0] != BASE]
        if not tuned:
            continue
        runs = replace(found, rows=tuple(found.rows[row] for row in tuned), scores=found.scores[tuned])
        base = found.scores[0].astype(float)
        influences[target], variances[target] = differences(runs, base, sources)
        of_runs = np.split(runs.scores.astype(float), runs.starts[1:])
        tested = swapped_p(of_runs, base, [sources[name] for name in runs.sources], swaps, generator)
        p |= {(name, target): float(value) for name, value in zip(runs.sources, tested, strict=True)}
    names = list(dict.fromkeys(name for name, _ in p))
    cells = pd.MultiIndex.from_product([names, list(influences)], names=["source", "target"])
    if not influences:
        return pd.DataFrame(columns=COLUMNS, index=cells, dtype=float)
    matrix = pd.DataFrame(index=names, columns=list(influences), dtype=float)
    means = means_of_answers(Answers(influences), matrix)
    of_sources = pd.DataFrame(variances).reindex(index=names, columns=list(influences)).to_numpy(float)
    parts = replace(means.parts, examples=means.parts.examples + of_sources)
    half = parts.half_width(alpha)
    arrays = (means.mean, means.mean - half, means.mean + half)
    table = pd.DataFrame({name: np.ravel(of) for name, of in zip(COLUMNS[:3], arrays, strict=True)}, cells)
    of_rows = replace(means.parts, examples=means.parts.examples + np.nan_to_num(of_sources))
    over_seeds = np.where(parts.seeds_df > 0, of_rows.p_value(means.mean), 0.0)
    return table.assign(p=np.maximum(pd.Series(p).reindex(cells), np.ravel(over_seeds)))


def differences(
    runs: TargetAnswers, base: Array, sources: Mapping[str, Array]
) -> tuple[TargetAnswers, dict[str, float]]:
    """Influence of each row on the difference, whose mean it has, and its variance over the source's rows by source.

    The latter is NaN where a distance is not well above that of two samples of one distribution.

    Parameters
    ----------
    runs : TargetAnswers
        Logs of lengths of fine-tuned answers.
    base : ndarray, shape (n,)
        The same of base's answers.
    sources : mapping of str to ndarray
        Logs of the lengths that sources train on, where they are known.
    """
    names = [run[0] for run in runs.rows]
    values = np.concatenate([runs.scores.astype(float), np.repeat(base[None], len(names), axis=0)])
    found = distances(values, names * 2, sources)
    distance, influence, count = found.wasserstein, found.influences, len(names)
    difference = (distance[:count] - distance[count:])[:, None] + influence[:count] - influence[count:]
    # What the source trains on enters both distances with the opposite sign; of several seeds by their mean.
    potentials = np.add.reduceat(found.potentials[:count] - found.potentials[count:], runs.starts)
    potentials /= runs.counts[:, None]
    apart = found.wasserstein > ABOVE_CHANCE * found.of_chance
    far = apart[:count] & apart[count:]
    variances = {}
    for place, name in enumerate(runs.sources):
        shares = np.diff(found.references[found.own[runs.starts[place]]], prepend=0.0)
        mean = float(shares @ potentials[place])
        variance = float(shares @ (potentials[place] - mean) ** 2) / max(len(sources[name]) - 1, 1)
        own = slice(runs.starts[place], runs.starts[place] + runs.counts[place])
        variances[name] = variance if far[own].all() else np.nan
    return replace(runs, scores=difference.astype(np.float32)), variances
