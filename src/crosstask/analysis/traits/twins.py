"""Twins: sources that are one under two names, such as a data set in two wordings, or before and after balancing.

Two rows that agree are a component of their own, whatever they agree in. So they count as one: the first takes part,
and the others are placed afterwards.

Two sources are twins if their residuals, without slopes of the targets, agree more than those of other pairs do,
over targets that neither is at home on, and as much as what is known to be one source. With the correlation r of two
rows, z = artanh r, and P pairs ::

    (z[a, b] - median z)  /  max(1.4826 median |z - median z|,  1 / sqrt(m - 3))   >   quantile(1 - alpha / P)

m being the number of targets in common. Sources of one trait have like residuals without being one, so single answers
decide where they are known, r there being the correlation of what two runs change (`shared_answers`): over pairs of
runs of a and b it is on average at least the smallest between two seeds of a or of b; with one seed z of that r is an
outlier as well, and r exceeds 1/2. With scores of several seeds alone, z over pairs of runs of a and b is on average
at least the lower quartile of that between seeds of a or of b. With scores of one seed alone twins cannot be told.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from crosstask.analysis.matrix.pairwise import pairwise_note
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.agreement import AnswerAgreement, ResidualAgreement, answer_agreement
from crosstask.analysis.traits.residuals import Residuals
from crosstask.analysis.wording import listed

_SAME = 0.25  # quantile of the agreement between seeds of one source that is asked of the residuals of two
_NEARLY = 0.9  # of the mean agreement between seeds, asked of answers; .71 is the most of different miniature sources
_MORE_THAN_HALF = np.arctanh(0.5)  # of what two sources change in single answers
_CONSISTENT = 1.4826  # median absolute deviation of a normal distribution to its standard deviation


@dataclass(frozen=True)
class Twins:
    """Sources that count as one."""

    counted_with: dict[str, str]
    """Source -> the one that stands for it."""
    untold: str = ""
    """Why they could not be told at all."""

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each group; or that nothing can be told."""
        if self.untold:
            return (self.untold,)
        groups: dict[str, list[str]] = {}
        for source, first in self.counted_with.items():
            groups.setdefault(first, [first]).append(source)
        return tuple(
            f"twins: {listed(names)} agree as runs of one source do; {names[0]} stands for them in the components"
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
    if too_many := pairwise_note("search for sources that are one under two names", len(data.values), "sources"):
        return Twins({}, untold=too_many[0])
    # Slopes would follow two sources that are one, and leave little of what they have in common.
    residuals = ResidualAgreement(replace(data, slopes=False))
    answers = answer_agreement(data, means)
    if not residuals.several and answers is None:
        return Twins({}, untold="with scores of one seed alone, sources that are one under two names cannot be told")
    pairs = np.array(list(combinations(range(len(data.values)), 2)))
    z = np.array([residuals.of_means(a, b) for a, b in pairs])
    common = np.array([(data.used[a] & data.used[b]).sum() for a, b in pairs])
    found = _outlying(z, common, alpha)
    if residuals.several:
        found[found] = [_as_runs_of_one(a, b, residuals, answers) for a, b in pairs[found]]
    elif answers is not None:
        of_answers = np.array([float(answers.of_runs(a, b).mean()) for a, b in pairs])
        found &= _outlying(of_answers, np.inf, alpha) & (of_answers > _MORE_THAN_HALF)
    return Twins(_grouped(pairs[found], data))


def _as_runs_of_one(a: int, b: int, residuals: ResidualAgreement, answers: AnswerAgreement | None) -> bool:
    """Whether runs of two rows agree as those of one row do: of either, or of any if neither has several."""
    of_one = [place for place in (a, b) if place in residuals.several] or residuals.several
    if answers is not None:
        same = np.concatenate([answers.of_runs(place, place) for place in of_one])
        return bool(np.nanmean(answers.of_runs(a, b)) >= _NEARLY * np.nanmean(same))
    same = np.concatenate([residuals.of_runs(place, place) for place in of_one])
    return bool(np.nanmean(residuals.of_runs(a, b)) >= np.nanquantile(same, _SAME))


def _outlying(z: Array, common: Array | float, alpha: float) -> np.ndarray:
    """Which pairs agree far more than the others do."""
    if np.isnan(z).all():
        return np.zeros(len(z), bool)
    middle = np.nanmedian(z)
    spread = np.maximum(_CONSISTENT * np.nanmedian(np.abs(z - middle)), 1 / np.sqrt(np.maximum(common - 3.0, 1)))
    with np.errstate(divide="ignore", invalid="ignore"):  # of rows that are all alike
        standard = (z - middle) / spread
    return np.nan_to_num(standard, nan=-np.inf) > ndtri(1 - alpha / len(z))


def _grouped(pairs: NDArray[np.int_], data: Residuals) -> dict[str, str]:
    """The first of all sources that pairs connect stands for the others."""
    first = list(range(len(data.values)))
    for a, b in pairs:
        low, high = sorted((first[a], first[b]))
        first = [low if place == high else place for place in first]
    names = [str(name) for name in data.values.index]
    return {names[place]: names[of] for place, of in enumerate(first) if place != of}
