"""What brings the gains of another analysis into the units that they have in this one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.score_unit import target_units
from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import listed
from crosstask.report.page.numbers import is_missing
from crosstask.report.page.tables import KEYS

_NEAR = 1.0
"""Largest power of ten between means of scores that units which are guessed may leave."""
_FAR = 1.5
"""Power of ten beyond which the mean of a single target is held to be in another unit, if that brings it nearer."""
_FACTORS = (0.01, 1.0, 100.0)
"""From percentages to fractions, and back."""
_SURE = 0.5
"""Share of the evidence on a target that has to agree on which way is better."""


@dataclass(frozen=True)
class Scored:
    """The scores of an analysis, and how they are to be read."""

    gains: pd.DataFrame
    """Columns ``source``, ``target`` and ``gain``."""
    scores: pd.DataFrame
    """Columns ``source``, ``target`` and ``score``; no rows where they are not known."""
    targets: pd.DataFrame
    """Columns ``target``, ``whole``, ``is_stated`` and ``lower_is_better``; no rows where they are not known."""


@dataclass(frozen=True)
class Conversion:
    """By what the gains of another analysis are multiplied."""

    factors: Mapping[str, float]
    """Target of both -> factor; NaN where the units differ in another way than by a factor that is known, or where less
    is better in one of both only. A target of which nothing is known is missing: its gains are taken as they stand."""
    guessed: Collection[str]
    """Targets of which not both analyses state the unit."""
    are_unknown: bool = False
    """Whether it has no scores either, from which they could be guessed."""

    @property
    def apart(self) -> list[str]:
        """Targets that cannot be compared."""
        return sorted(target for target, factor in self.factors.items() if np.isnan(factor))

    def applied(self, values: pd.Series, targets: pd.Series) -> pd.Series:
        """Numbers of the other analysis in the units they have here, given the target of each."""
        return values * targets.map(self.factors).astype(float).where(targets.isin(list(self.factors)), 1.0)

    def lines(self) -> Iterator[str]:
        """What was converted, and what cannot be compared."""
        if self.are_unknown:
            yield "Units there are not known, since its folder has no scores: gains are taken as they stand"
        others = [(target, of) for target, of in self.factors.items() if of == of != 1]
        for factor, guessed in sorted({(of, target in self.guessed) for target, of in others}):
            names = sorted(target for target, of in others if (of, target in self.guessed) == (factor, guessed))
            why = "units are guessed from scores" if guessed else "both analyses state the units"
            yield f"Gains there are multiplied by {factor:g} on {listed(names)}: {why}"
        if self.apart:
            doubt = ", or may, as far as scores tell" if {*self.apart} & {*self.guessed} else ""
            yield f"Not compared, since units or orientation of their scores differ{doubt}: {listed(self.apart)}"


def conversion(there: Scored, here: Scored) -> Conversion:
    """Find by what gains there are multiplied to be in the units that they have here.

    Where one of them does not state the unit of a target, it is guessed: scores suggest fractions, percentages or
    others, and means over targets of both have to be nearer with the factor than without.
    """
    wholes = _wholes(here), _wholes(there)
    shared = [target for target in wholes[0] if target in wholes[1]]
    stated = _stated(here) & _stated(there)
    factors = {target: _known(wholes[0][target], wholes[1][target]) for target in stated.intersection(shared)}
    pairs: dict[tuple[float | None, float | None], list[str]] = {}
    for target in (target for target in shared if target not in stated):
        pairs.setdefault((wholes[0][target], wholes[1][target]), []).append(target)
    for pair, targets in pairs.items():
        factors |= _guessed(pair, _means(there, targets), _means(here, targets))
    lower = _lower(here), _lower(there)
    turned = {target for target in shared if {lower[0].get(target), lower[1].get(target)} == {True, False}}
    factors = {target: np.nan if target in turned else factors[target] for target in shared}
    return Conversion(factors, {*shared} - stated, are_unknown=not wholes[1])


def _wholes(scored: Scored) -> dict[str, float | None]:
    """Target -> the number that stands for 100 %; None where none does."""
    if len(scored.targets):
        known = zip(scored.targets["target"], scored.targets["whole"], strict=True)
        return {target: None if is_missing(whole) else float(whole) for target, whole in known}
    scores = scored.scores.dropna(subset="score") if len(scored.scores) else scored.scores
    return {} if scores.empty else {target: unit.full for target, unit in target_units(scores).items()}


def _stated(scored: Scored) -> set[str]:
    """Targets whose unit is known."""
    targets = scored.targets
    return {target for target, told in zip(targets["target"], targets["is_stated"], strict=True) if told}


def _known(here: float | None, there: float | None) -> float:
    """The factor between two units; NaN where there is none."""
    if here == there:
        return 1.0
    return here / there if here and there else np.nan


def _guessed(pair: tuple[float | None, float | None], there: pd.Series, here: pd.Series) -> dict[str, float]:
    """Target -> the factor that brings means there near to those here; NaN where none does, or another comes nearer.

    Parameters
    ----------
    pair : tuple
        The number that stands for 100 % here, and that which scores there suggest.
    there, here : Series
        Mean size of the scores of each target.
    """
    ratios = np.log10((there / here).where((there > 0) & (here > 0)))
    known, may_stand = _known(*pair), pair[0] is None or there.max() <= pair[0]
    away = {
        factor: (ratios + np.log10(factor)).abs()
        for factor in {known, *([1.0] if may_stand else [])}
        if factor == factor
    }
    nearest = min(away, key=lambda factor: away[factor].median(), default=np.nan)
    if nearest != nearest:
        return dict.fromkeys(there.index, np.nan)
    rivals = pd.concat([(ratios + np.log10(factor)).abs() for factor in _FACTORS], axis=1)
    off = away[nearest]
    told = off.median() <= _NEAR or known == nearest == 1  # models may differ a lot
    in_doubt = pair[0] is not None and rivals.median().min() < off.median()
    apart = (off > _FAR) & (rivals.min(axis=1) < off - _NEAR) | off.isna() & (nearest != 1)
    return {target: nearest if told and not in_doubt and not apart[target] else np.nan for target in there.index}


def _means(scored: Scored, targets: list[str]) -> pd.Series:
    """Mean size of the scores on each of some targets."""
    return scored.scores.set_index("target")["score"].abs().groupby("target").mean().reindex(targets)


def _lower(scored: Scored) -> dict[str, bool]:
    """Target -> whether less is better, as far as it is known or its gains and scores tell."""
    if len(scored.targets):
        return dict(zip(scored.targets["target"], scored.targets["lower_is_better"], strict=True))
    scores = scored.scores
    base = scores[scores["source"] == BASE].groupby("target")["score"].mean()
    over = base if len(base) else scores.groupby("target")["score"].mean()
    found = scored.gains.merge(scores, on=[*KEYS])
    evidence = (found["gain"] * (found["score"] - found["target"].map(over).astype(float))).groupby(found["target"])
    told = evidence.sum() / evidence.agg(lambda values: values.abs().sum())
    return {target: share < 0 for target, share in told.items() if abs(share) > _SURE}
