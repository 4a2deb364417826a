"""Twins: sources that are one under two names, such as a data set in two wordings, or before and after balancing.

Two rows that agree are a component of their own, whatever they agree in. So they count as one: the first takes part,
and the others are placed afterwards.

Two sources are twins if their residuals, without slopes of the targets, agree more than those of other pairs do,
over targets that neither is at home on, and as much as what is known to be one source. With the correlation r of two
rows, z = artanh r, and P pairs ::

    (z[a, b] - median z)  /  max(1.4826 median |z - median z|,  1 / sqrt(m - 3))   >   quantile(1 - alpha / P)

m being the number of targets in common; and, with several seeds, z over pairs of single runs of a and b is on average
at least the lower quartile of that over pairs of seeds of a or of b. With one seed the same outlier must show in the
single answers, r there being the correlation of what two sources change (`shared_answers`), and it must exceed 1/2:
sources of one trait change some examples alike without being one. Where neither is known twins cannot be told.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.residuals import Residuals
from crosstask.analysis.traits.shared_answers import shared_answers

_FEWEST = 5  # targets in common: fewer correlate by chance
_MOST = 1 - 1e-9  # correlation taken for 1
_SAME = 0.25  # quantile of the agreement between seeds of one source that is asked of two sources
_MORE_THAN_HALF = np.arctanh(0.5)  # of what two sources change in single answers
_CONSISTENT = 1.4826  # median absolute deviation of a normal distribution to its standard deviation


@dataclass(frozen=True)
class Twins:
    """Sources that count as one."""

    counted_with: dict[str, str]
    """Source -> the one that stands for it."""
    told: bool
    """Whether they could be told at all."""

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each group; or that nothing can be told."""
        if not self.told:
            return ("with scores of one seed alone, sources that are one under two names cannot be told",)
        groups: dict[str, list[str]] = {}
        for source, first in self.counted_with.items():
            groups.setdefault(first, [first]).append(source)
        return tuple(
            f"twins: {', '.join(names)} agree as runs of one source do; {names[0]} stands for them in the components"
            for names in groups.values()
        )


def find_twins(data: Residuals, means: ScoreMeans, alpha: float) -> Twins:
    """Look for sources that are one under two names.

    Parameters
    ----------
    data : Residuals
        With the seeds, if they are known.
    means : ScoreMeans
        Gives single answers, if they are known.
    alpha : float
        In a matrix without twins any pair is taken for one in about so many analyses.
    """
    # Slopes would follow two sources that are one, and leave little of what they have in common.
    data = replace(data, slopes=False)
    pairs = list(combinations(range(len(data.values)), 2))
    runs = [_run_residuals(data, place) for place in range(len(data.values))]
    several = [place for place, found in enumerate(runs) if len(found) > 1]
    of_answers = None if several else _agreement_of_answers(data, means, pairs)
    if not several and of_answers is None:
        return Twins({}, told=False)
    rows = [data.standardized[[place]] for place in range(len(runs))]
    z = np.array([float(_agreement(data, pair, rows)[0]) for pair in pairs])
    common = np.array([(data.used[a] & data.used[b]).sum() for a, b in pairs])
    found = _outlying(z, common, alpha)
    if of_answers is not None:
        found &= _outlying(of_answers, np.inf, alpha) & (of_answers > _MORE_THAN_HALF)
    else:
        for at in np.flatnonzero(found):
            of_one = [place for place in pairs[at] if place in several] or several
            same = np.concatenate([_agreement(data, (place, place), runs) for place in of_one])
            found[at] = np.nanmean(_agreement(data, pairs[at], runs)) >= np.nanquantile(same, _SAME)
    return Twins(_grouped([pairs[at] for at in np.flatnonzero(found)], data), told=True)


def _run_residuals(data: Residuals, place: int) -> Array:
    """Residuals of the single seeds of a row, (n_seeds, n_targets); NaN where one was not scored."""
    apart = data.runs(place)
    if len(apart) < 2:
        return data.standardized[[place]]
    counts = np.maximum((~np.isnan(apart)).sum(axis=0), 1)
    of_runs: Array = data.standardized[place] + apart - np.nansum(apart, axis=0) / counts
    return of_runs


def _agreement(data: Residuals, pair: tuple[int, int], runs: list[Array]) -> Array:
    """Artanh of the correlation of each run of two rows, or of different ones of a row, over the targets in common."""
    common = data.used[pair[0]] & data.used[pair[1]]
    left, right = runs[pair[0]], runs[pair[1]]
    if common.sum() < _FEWEST:
        return np.array([np.nan])
    if pair[0] == pair[1]:
        chosen = list(combinations(range(len(left)), 2))
    else:
        chosen = [(a, b) for a in range(len(left)) for b in range(len(right))]
    return np.array([_artanh(left[a][common], right[b][common]) for a, b in chosen])


def _artanh(left: Array, right: Array) -> float:
    """Artanh of a correlation over what both know; NaN where one of them does not vary."""
    known = ~(np.isnan(left) | np.isnan(right))
    left, right = left[known] - left[known].mean(), right[known] - right[known].mean()
    lengths = np.sqrt((left**2).sum() * (right**2).sum())
    return float(np.arctanh(np.clip(left @ right / lengths, -_MOST, _MOST))) if lengths > 0 else np.nan


def _agreement_of_answers(data: Residuals, means: ScoreMeans, pairs: list[tuple[int, int]]) -> Array | None:
    """Artanh of `shared_answers` of each pair; None if the answers are not known."""
    places = [means.sources.index(str(source)) for source in data.values.index]
    scores = [means.errors.example_means(str(target)) for target in data.values.columns]
    known = [(found[places], used) for found, used in zip(scores, data.used.T, strict=True) if found is not None]
    if len(known) < len(scores):
        return None
    of_pairs: Array = shared_answers(known)[tuple(np.array(pairs).T)]
    return np.arctanh(np.clip(of_pairs, -_MOST, _MOST))


def _outlying(z: Array, common: Array | float, alpha: float) -> np.ndarray:
    """Which pairs agree far more than the others do."""
    if np.isnan(z).all():
        return np.zeros(len(z), bool)
    middle = np.nanmedian(z)
    spread = np.maximum(_CONSISTENT * np.nanmedian(np.abs(z - middle)), 1 / np.sqrt(np.maximum(common - 3.0, 1)))
    return np.nan_to_num((z - middle) / spread, nan=-np.inf) > ndtri(1 - alpha / len(z))


def _grouped(pairs: list[tuple[int, int]], data: Residuals) -> dict[str, str]:
    """The first of all sources that pairs connect stands for the others."""
    first = list(range(len(data.values)))
    for a, b in pairs:
        low, high = sorted((first[a], first[b]))
        first = [low if place == high else place for place in first]
    names = [str(name) for name in data.values.index]
    return {names[place]: names[of] for place, of in enumerate(first) if place != of}
