"""Do intervals hold over a population of seeds where some cells have several seeds and others one?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.score_means import ScoreMeans
from tests.simulation.matrix import simulate
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table

COLUMNS = ["scores", "gains", "donors", "recipients", "residuals", "asymmetry", "index", "shares", "null", "fdr"]


@dataclass(frozen=True)
class Uneven(Planted):
    """The same with one seed outside of the first so many sources and targets."""

    several_sources: int = 10
    several_targets: int = 10
    base_rows: int = 1
    """Rows of the base model, all with the same answers."""

    def draw(self, generator: np.random.Generator) -> tuple[Answers, np.ndarray, np.ndarray]:
        """As `Planted.draw`."""
        answers, scores, none = super().draw(generator)
        some = {*self.names[0][: self.several_sources], "base"}
        several, found = self.names[1][: self.several_targets], {}
        for target, of_target in answers.targets.items():
            kept = [not run[1] or (run[0] in some and target in several) for run in of_target.rows]
            rows = tuple(run for run, keep in zip(of_target.rows, kept, strict=True) if keep)
            values = of_target.scores[kept]
            if self.base_rows > 1:
                rows = (*(("base", seed) for seed in range(self.base_rows)), *rows[1:])
                values = np.concatenate([np.repeat(values[:1], self.base_rows, axis=0), values[1:]])
            found[target] = replace(of_target, rows=rows, scores=values)
        return Answers(found), scores, none


@dataclass(frozen=True)
class AsIfExact(ScoreMeans):
    """Means whose cells with one seed have no variance between seeds."""

    @cached_property
    def borrows(self) -> NDArray[np.bool_]:
        """Nowhere."""
        return np.zeros(self.mean.shape, dtype=bool)


LAYOUTS = {
    "3 seeds everywhere": {},
    "3 seeds on 3 of 10 targets": {"several_targets": 3},
    "3 seeds on 7 of 10 targets": {"several_targets": 7},
    "3 seeds of 5 of 10 sources": {"several_sources": 5},
    "3 seeds of 3 of 10 sources": {"several_sources": 3},
    "3 seeds of 5 sources on 5 targets": {"several_sources": 5, "several_targets": 5},
}
REPEATED = {
    f"{layout}, base in three equal rows": Uneven(**LAYOUTS[layout], base_rows=3)
    for layout in ("3 seeds everywhere", "3 seeds of 5 of 10 sources", "3 seeds of 3 of 10 sources")
}
SCENARIOS = {
    f"{layout}{name}": Uneven(**options, **seeds)
    for name, seeds in {
        "": {},
        ", far apart": {"between_seeds": 0.5},
        ", unevenly apart": {"between_seeds": 0.3, "uneven": 0.7},
    }.items()
    for layout, options in LAYOUTS.items()
} | REPEATED
"""By name; seeds, where nothing is said, as in the simulation `matrix`."""


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per scenario; two where seeds are uneven and nothing else is special."""
    for name, planted in SCENARIOS.items():
        special = name in (next(iter(LAYOUTS)), *list(SCENARIOS)[len(LAYOUTS) :])
        for how, kind in (("none", AsIfExact), ("borrowed", ScoreMeans))[special:]:
            shares = simulate(planted, draws, kind=kind)
            yield {"": name, "variance of one seed": how} | {column: percent(shares[column]) for column in COLUMNS}


def report(draws: int) -> None:
    """Print the table of docs/statistics/uncertainty.md, "Cells with one seed beside others with several"."""
    print_table(_rows(draws))
