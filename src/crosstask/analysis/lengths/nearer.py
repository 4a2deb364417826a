"""Are answers nearer to the source's lengths than base's are, cell by cell?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from crosstask.analysis.lengths.distances import distances
from crosstask.analysis.lengths.swaps import swapped_p
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array

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
    which the variance over what the source trains on is added. Each distance is too large on average where it is small,
    by an amount that is not known, but about `Distances.excess` at most: so the lower limit is lower by that of the
    fine-tuned answers, and the upper one higher by that of base's. Where both are far these are next to nothing. p is
    that of `swapped_p`, which is for the adapters at hand; with several seeds it is at least that at which an interval
    over seeds, without these amounts, just reaches 0.

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
        `COLUMNS`, by source and target; cells whose source is not known are left out, and targets with several base
        models, of which none is that of every run.
    """
    p: dict[tuple[str, str], float] = {}
    influences: dict[str, TargetAnswers] = {}
    variances: dict[str, dict[str, float]] = {}
    excess: dict[str, dict[str, tuple[float, float]]] = {}
    for target, found in answers.items():
        tuned = [place for place, run in enumerate(found.rows) if run[0] in sources and run[0] != BASE]
        if not tuned or sum(run[0] == BASE for run in found.rows) > 1:
            continue
        runs = replace(found, rows=tuple(found.rows[row] for row in tuned), scores=found.scores[tuned])
        base = found.scores[0].astype(float)
        influences[target], variances[target], excess[target] = differences(runs, base, sources)
        of_runs = np.split(runs.scores.astype(float), runs.starts[1:])
        tested = swapped_p(of_runs, base, [sources[name] for name in runs.sources], swaps, generator)
        p |= {(name, target): float(value) for name, value in zip(runs.sources, tested, strict=True)}
    names = list(dict.fromkeys(name for name, _ in p))
    cells = pd.MultiIndex.from_product([names, list(influences)], names=["source", "target"])
    if not influences:
        return pd.DataFrame(columns=COLUMNS, index=cells, dtype=float)
    matrix = pd.DataFrame(index=names, columns=list(influences), dtype=float)
    means = means_of_answers(Answers(influences), matrix)
    of_sources = _matrix(variances, names)
    below, above = (
        _matrix({t: {s: of[at] for s, of in row.items()} for t, row in excess.items()}, names) for at in (0, 1)
    )
    parts = replace(means.parts, examples=means.parts.examples + of_sources)
    half = parts.half_width(alpha)
    arrays = (means.mean, means.mean - half - below, means.mean + half + above)
    table = pd.DataFrame({name: np.ravel(of) for name, of in zip(COLUMNS[:3], arrays, strict=True)}, cells)
    over_seeds = np.where(parts.seeds_df > 0, parts.p_value(means.mean), 0.0)
    return table.assign(p=np.maximum(pd.Series(p).reindex(cells), np.ravel(over_seeds)))


def _matrix(values: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Array:
    """Values by target and source as (sources, targets); NaN where there is none."""
    found: Array = pd.DataFrame(values).reindex(index=names, columns=list(values)).to_numpy(float)
    return found


def differences(
    runs: TargetAnswers, base: Array, sources: Mapping[str, Array]
) -> tuple[TargetAnswers, dict[str, float], dict[str, tuple[float, float]]]:
    """Influence of each row on the difference, whose mean it has; by source its variance over the source's rows, and by
    how much the distance of the fine-tuned answers, and that of base's, may be too large.

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
    excess = found.excess
    variances, too_large = {}, {}
    for place, name in enumerate(runs.sources):
        shares = np.diff(found.references[found.own[runs.starts[place]]], prepend=0.0)
        mean = float(shares @ potentials[place])
        variance = float(shares @ (potentials[place] - mean) ** 2) / max(len(sources[name]) - 1, 1)
        own = slice(runs.starts[place], runs.starts[place] + runs.counts[place])
        variances[name] = variance
        too_large[name] = float(excess[:count][own].mean()), float(excess[count:][own].mean())
    return replace(runs, scores=difference.astype(np.float32)), variances, too_large
