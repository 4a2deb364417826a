"""In which unit, and with how many decimals, the numbers of each target are written."""

from collections.abc import Iterable

import pandas as pd

from crosstask.analysis.matrix.score_unit import OTHER, ScoreUnit
from crosstask.analysis.matrix.target_scales import TargetScales
from crosstask.report.page.numbers import Scale


class Units:
    """How scores and gains are written: those of each target, and what compares targets.

    Parts of a whole are written in percent, to one decimal unless usual gains are below 0.1 points. Others, such as
    bits per byte, have the decimals that make two digits of a usual gain.

    Parameters
    ----------
    unit : ScoreUnit
        Of what compares targets.
    scales : TargetScales or None
        What brought targets of several units onto that.
    usual : DataFrame
        Usual gains, targets being its columns, on that scale.
    """

    def __init__(self, unit: ScoreUnit, scales: TargetScales | None, usual: pd.DataFrame) -> None:
        self.common = _scale(unit, usual.to_numpy().flat)
        """Of what compares targets, such as donors and residuals."""
        self._units = {} if scales is None else dict(scales.units)
        self._sizes = (
            {} if scales is None else {target: abs(float(factor)) for target, factor in scales.factors.items()}
        )
        self._of_targets = {
            name: _scale(of, usual.get(name, pd.Series(dtype=float)) / self._sizes[name])
            for name, of in self._units.items()
        }
        self.common_label = _after_number(unit)
        """Unit of what compares targets, as it follows a number."""
        label = unit.score_label
        self.score_label = label if label == OTHER.score_label else f"in {label}"
        """Unit of a score, as it follows the word."""

    @property
    def is_common(self) -> bool:
        """Whether all targets are of one unit."""
        return len(set(self._units.values())) < 2

    @property
    def drawn_in(self) -> list[str]:
        """In what gains on several targets are drawn beside each other, where that is not the unit of each."""
        return [] if self.is_common else [f"drawn in {self.common_label}"]

    def of(self, target: str) -> Scale:
        """How scores and gains on a target are written."""
        return self._of_targets.get(target, self.common)

    def label(self, target: str) -> str:
        """Unit of a gain on a target, as it follows a number."""
        return _after_number(self._units[target]) if target in self._units else self.common_label

    def size(self, target: str) -> float:
        """What a gain on a target, as tables have it, is multiplied by to be held against those on others."""
        return self._sizes.get(target, 1.0)


def _after_number(unit: ScoreUnit) -> str:
    """The unit of a gain as it follows a number."""
    return f"in {unit.gain_label}" if unit.gain_label == OTHER.gain_label else unit.gain_label


def _scale(unit: ScoreUnit, usual: Iterable[float]) -> Scale:
    """How numbers of a unit are written, given usual ones as tables have them."""
    return Scale(unit.factor, unit.with_decimals(usual).decimals)
