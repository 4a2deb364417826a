"""What it does to moderate variances between seeds source by source, rather than all cells as one lot."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import VarianceParts
from tests.simulation.matrix import SCENARIOS, simulate
from tests.simulation.tables import percent, print_table

COMPARED = [
    "10 x 10, 3 seeds",
    "10 x 10, 3 seeds, far apart",
    "10 x 10, 3 seeds, very unevenly apart",
    "10 x 10, 3 seeds, cells very unevenly apart",
    "10 x 10, 3 seeds, no gain, very unevenly apart",
    "10 x 10, 3 seeds, no gain, cells very unevenly apart",
    "10 x 10, 5 seeds, no gain, very unevenly apart",
]
COLUMNS = ["gains", "asymmetry", "null", "fdr", "power"]


@dataclass(frozen=True)
class OneLot(ScoreMeans):
    """Means whose cells lend each other strength regardless of their source (Smyth 2004)."""

    @cached_property
    def parts(self) -> VarianceParts:
        """The parts of the variance of each mean."""
        plain = self.plain_parts
        found = moderated(VarianceParts(*(getattr(plain, field.name).ravel() for field in fields(plain))))
        return VarianceParts(*(getattr(found, field.name).reshape(self.mean.shape) for field in fields(found)))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """Two rows per scenario."""
    for name in COMPARED:
        before, after = (simulate(SCENARIOS[name], draws, kind=kind) for kind in (OneLot, ScoreMeans))
        for how, shares in (("as one lot", before), ("source by source", after)):
            yield {"": name, "moderated": how} | {column: percent(shares[column]) for column in COLUMNS}


def report(draws: int) -> None:
    """Print the table of docs/statistics/uncertainty.md, "Where intervals are weakest"."""
    print_table(_rows(draws))
