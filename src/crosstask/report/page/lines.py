"""A number of the matrix in words: with its interval, its test and what it is over."""

from dataclasses import dataclass

from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted
from crosstask.report.page.numbers import is_missing, level, number, with_interval
from crosstask.report.page.over import Over
from crosstask.report.page.tables import Row
from crosstask.report.page.units import Units

TESTS = {
    "mcnemar": "McNemar's test",
    "sign_flip": "sign flips",
    "crossed_t": "t test, seeds x rows",
    "seeds_t": "t test between seeds",
    "unpaired_z": "unpaired z test",
    "unpaired_t": "unpaired t test",
}
"""What the tests of gains are called."""


@dataclass(frozen=True)
class Lines:
    """Writes lines about cells."""

    units: Units
    """How numbers are written."""
    over: Over
    """What gains are over."""

    def gain(self, row: Row) -> str:
        """A gain, row of ``gains_long``."""
        scale = self.units.of(row["target"])
        parts = [f"gain {with_interval(row['gain'], row['ci_low'], row['ci_high'], *scale, sign=True)}"]
        base = self.over.name(row["target"])
        for name, percent in (("relative", f"of {base}'s score"), ("headroom", of_room(row["gain"], base))):
            if not is_missing(row[name]):
                parts.append(f"{number(row[name], 100, sign=True)} % {percent}")
        return ", ".join([*parts, _tested(row), *_counts(row)])

    def score(self, row: Row) -> str:
        """A score, row of ``matrix_long``."""
        limits = row["score"], row["ci_low"], row["ci_high"]
        return ", ".join([f"score {with_interval(*limits, *self.units.of(row['target']))}", *_counts(row)])

    def residual(self, row: Row) -> str:
        """What donor and recipient leave, row of ``residuals_long``."""
        value = with_interval(row["residual"], row["ci_low"], row["ci_high"], *self.units.common, sign=True)
        return f"residual {value}, {_tested(row)}"


def of_room(gain: float, base: str) -> str:
    """Of what a gain, or a loss, over something is a share."""
    return "of the headroom" if gain >= 0 else f"of what {base} had to lose"


def _tested(row: Row) -> str:
    """What the test says."""
    return "not tested" if is_missing(row["q"]) else f"q = {level(row['q'])}"


def _counts(row: Row) -> list[str]:
    """Test rows and seeds."""
    n = [] if is_missing(row["n"]) else [f"n = {row['n']}"]
    seeds = [] if is_missing(row["seeds"]) or row["source"] == BASE else [counted(int(row["seeds"]), "seed")]
    return [*n, *seeds]
