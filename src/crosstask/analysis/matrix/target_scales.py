"""One scale for targets of several units, on which more is better; tables are written as the scores were read.

What compares targets, such as donors, takes gains of one unit. So each score is multiplied by a factor of its target ::

    fractions beside percentages              1 and 1 / 100
    perplexity beside any of these            1 / (standard deviation of the target's means over sources, base included)
    less is better                            the same, negative

and tables of scores and gains are divided by it again. Where all targets are of one unit and more is better the
factors are 1, and there is nothing to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.score_unit import FRACTION, SIGNED_FRACTION, STANDARDIZED, ScoreUnit
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.wording import listed

_LEVELS = ("score", "ci_low", "ci_high")
"""Columns of tables of scores that are such."""
_WIDTHS = ("stderr", "seed_sd")
_GAINS = ("gain", "ci_low", "ci_high", "stderr", "shrunken", "second_shrunken")
"""Columns of tables of gains that are such."""

_NAMED = 4
"""Targets that a title names."""


@dataclass(frozen=True)
class TargetScales:
    """How the scores of each target are brought onto one scale."""

    units: Mapping[str, ScoreUnit]
    """Unit of each target as read."""
    factors: Mapping[str, float]
    """By which its scores are multiplied; below 0 where less is better."""
    unit: ScoreUnit
    """Of all on the common scale."""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to do: all targets are of one unit, and more is better."""
        return len(set(self.units.values())) == 1 and set(self.factors.values()) == {1.0}

    @property
    def lower(self) -> list[str]:
        """Targets of which less is better."""
        return [name for name, factor in self.factors.items() if factor < 0]

    @property
    def orientation(self) -> list[str]:
        """On which targets less is better, for titles; nothing where it is on none."""
        lower = self.lower
        which = "all targets" if len(lower) == len(self.factors) else listed(lower, _NAMED)
        return [f"lower is better on {which}, + is an improvement"] if lower else []

    def common(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Scores as read, columns ``SCORES`` -> on the common scale."""
        factors = scores["target"].map(self.factors).astype(float)
        return scores.assign(score=scores["score"] * factors, stderr=scores["stderr"] * factors.abs())

    def ceilings(self, targets: Iterable[str]) -> Array:
        """Score of a perfect model on the common scale, (targets,); NaN where there is none."""
        found = [self.units[name].ceiling * self.factors[name] for name in targets]
        return np.array([ceiling if ceiling > 0 else np.nan for ceiling in found])

    def scores_as_read(self, table: pd.DataFrame) -> pd.DataFrame:
        """A long table of scores, or a matrix, from the common scale back."""
        if "target" not in table:
            return table / self._of(table.columns)
        factors = self._of(table["target"]).to_numpy()
        found = _scaled(_scaled(table, _LEVELS, 1 / factors), _WIDTHS, 1 / np.abs(factors))
        if "ci_low" not in found:
            return found
        turned = factors < 0
        low, high = found["ci_low"], found["ci_high"]
        return found.assign(ci_low=low.mask(turned, high), ci_high=high.mask(turned, low))

    def gains_as_read(self, table: pd.DataFrame) -> pd.DataFrame:
        """A long table or a matrix of gains back in the units that were read; above 0 is better still."""
        if "target" not in table:
            return table / self._of(table.columns).abs()
        factors = self._of(table["target"]).to_numpy()
        found = _scaled(table, _GAINS, 1 / np.abs(factors))
        return _scaled(found, ("relative",), np.sign(factors))  # over the base score as read

    def shown(self, matrix: pd.DataFrame) -> pd.DataFrame:
        """A matrix of scores as each target's unit is shown."""
        shown = pd.Series({name: unit.factor for name, unit in self.units.items()})
        return self.scores_as_read(matrix) * shown.reindex(matrix.columns)

    def decimals(self, scores: pd.DataFrame) -> int:
        """Decimals of scores on the common scale, columns ``SCORES``, where each is shown in the unit of its target."""
        usual = _deviations(scores).abs().groupby(scores["target"])
        return max(
            self.units[str(name)].with_decimals(of / abs(self.factors[str(name)])).decimals for name, of in usual
        )

    def _of(self, targets: Iterable[str]) -> pd.Series:
        """Factors of some targets."""
        return pd.Series([self.factors[name] for name in targets], index=list(targets), dtype=float)


def target_scales(scores: pd.DataFrame, units: Mapping[str, ScoreUnit], lower: Iterable[str] = ()) -> TargetScales:
    """Return what brings targets of some units onto one scale.

    Parameters
    ----------
    scores : DataFrame
        Columns ``source``, ``target`` and ``score``, as read.
    units : mapping of str to ScoreUnit
        Of each target.
    lower : iterable of str
        Targets of which less is better.

    Examples
    --------
    >>> from crosstask.analysis.matrix.score_unit import OTHER
    >>> scores = pd.DataFrame({"source": ["a", "b"] * 2, "target": ["x", "x", "y", "y"], "score": [1.0, 3.0, 9.0, 5.0]})
    >>> target_scales(scores, {"x": OTHER, "y": OTHER}, ["y"]).factors
    {'x': 1.0, 'y': -1.0}
    """
    full = {unit.full for unit in units.values()}
    lower = set(lower)
    if len(full) == 1:
        sizes, unit = dict.fromkeys(units, 1.0), _widest(units.values())
    elif None not in full:
        sizes = {name: 1 / (found.full or 1) for name, found in units.items()}
        unit = SIGNED_FRACTION if any(np.isnan(found.ceiling) for found in units.values()) else FRACTION
    else:
        means = scores.groupby(["target", "source"])["score"].mean().groupby("target").std()
        sizes = {name: 1 / means[name] if means[name] > 0 else 1.0 for name in units}
        unit = STANDARDIZED
    shown = unit.with_decimals(_deviations(scores) * scores["target"].map(sizes).astype(float))
    return TargetScales(dict(units), {name: -size if name in lower else size for name, size in sizes.items()}, shown)


def _deviations(scores: pd.DataFrame) -> pd.Series:
    """How far each score is from the mean of its target."""
    return scores["score"] - scores.groupby("target")["score"].transform("mean")


def unit_notes(scores: pd.DataFrame, scales: TargetScales) -> list[str]:
    """Lines on what scores as read are taken for, unless all are fractions."""
    units = dict.fromkeys(scales.units.values())
    notes = [] if not scales.lower else [f"lower is better on {', '.join(scales.lower)}: gains are improvements"]
    if len(units) > 1:
        named = (f"{', '.join(t for t, of in scales.units.items() if of == unit)}: {unit.name}" for unit in units)
        return [
            *notes,
            f"units differ ({'; '.join(named)}): what compares targets is in {scales.unit.gain_label};"
            " runs.units={target: fraction, percent or number} says others",
        ]
    low, high = scores["score"].min(), scores["score"].max()
    if FRACTION in units or (scales.lower and low >= 0):
        return notes
    notes.append(f"scores run from {low:g} to {high:g}: taken as {scales.unit.name}, written as they stand")
    return notes


def _widest(units: Iterable[ScoreUnit]) -> ScoreUnit:
    """The unit that all of one scale are of: that with numbers below 0, where some are of it."""
    return max(units, key=lambda unit: np.isnan(unit.ceiling))


def _scaled(table: pd.DataFrame, columns: Iterable[str], by: Array) -> pd.DataFrame:
    """A table some of whose columns are multiplied, row by row."""
    return table.assign(**{name: table[name] * by for name in columns if name in table})
