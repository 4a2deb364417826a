"""Does fine-tuning move lengths from base's to the source's? The table of length_shifts.csv."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.lengths.columns import LENGTH_SHIFTS
from crosstask.analysis.lengths.interpolation import interpolation
from crosstask.analysis.lengths.known import OpenTarget, logs
from crosstask.analysis.lengths.nearer import nearer
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array

LARGE = 500
"""Cells from on which fewer swaps are drawn."""
FEWEST_SWAPS = 199


@dataclass(frozen=True)
class KnownLengths:
    """Lengths in one unit."""

    unit: str
    targets: Mapping[str, OpenTarget]
    """Those whose answers are known in it."""
    sources: Mapping[str, Array]
    """Sorted lengths of what sources train on, where they are known."""
    names: tuple[str, ...]
    """Sources of the matrix in its order, base included."""

    def evidence(self) -> GainEvidence | None:
        """Shifts of log lengths over base, with their errors; None where no target has a base that is not cut."""
        kept = {name: found for name, target in self.targets.items() if (found := self.uncut(target))}
        if not kept:
            return None
        matrix = pd.DataFrame(index=list(self.names), columns=list(kept), dtype=float)
        return GainEvidence(means_of_answers(Answers(kept), matrix), "base")

    def uncut(self, target: OpenTarget) -> TargetAnswers | None:
        """Logs of the lengths of the sources none of whose runs is cut; None where base is, or there is none."""
        cut = {run[0] for run, is_cut in zip(target.rows, target.is_cut, strict=True) if is_cut}
        if BASE in cut or not target.base:
            return None
        rows = [place for place, run in enumerate(target.rows) if run[0] not in cut]
        values = logs(target.lengths[self.unit][rows]).astype(np.float32)
        return TargetAnswers(tuple(target.rows[row] for row in rows), target.examples, values)


def shifts(
    known: KnownLengths, home: pd.DataFrame, swaps: int, alpha: float, generator: np.random.Generator
) -> pd.DataFrame:
    """Shift, coefficient and distances of every cell off the diagonal.

    Parameters
    ----------
    known : KnownLengths
        In one unit.
    home : DataFrame of bool, shape (sources, targets)
        Cells on an own task, which are left out.
    swaps : int
        Of fine-tuned and base answers; fewer for large matrices.
    alpha : float
        1 minus the level.
    generator : Generator
        Of the swaps.

    Returns
    -------
    DataFrame
        Columns ``LENGTH_SHIFTS``, source by source; without rows where there is no base.
    """
    evidence = known.evidence()
    if evidence is None:
        return pd.DataFrame(columns=column_names(LENGTH_SHIFTS))
    of_sources = {name: logs(values) for name, values in known.sources.items()}
    columns = interpolation(evidence, of_sources, alpha)
    cells = pd.MultiIndex.from_product([evidence.gains.index, evidence.gains.columns], names=["source", "target"])
    table = pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, cells)
    ran = np.ravel(
        [[_runs(known.targets[target], source) for target in evidence.gains] for source in evidence.gains.index]
    )
    table = table.assign(seeds=ran, unit=known.unit)
    away = (
        ~home.reindex(index=evidence.gains.index, columns=evidence.gains.columns, fill_value=False).to_numpy().ravel()
    )
    table = table[away & (table["seeds"] > 0).to_numpy()]
    fewer = max(FEWEST_SWAPS, swaps * LARGE // max(len(table), LARGE))
    found = {target: known.uncut(known.targets[target]) for target in evidence.means.targets}
    answers = {target: of_target for target, of_target in found.items() if of_target is not None}
    table = table.join(nearer(answers, of_sources, fewer, alpha, generator)).reset_index()
    table["verdict"] = _verdicts(table)
    table = with_discoveries(table, pd.Series("cells", table.index), alpha)
    return table[column_names(LENGTH_SHIFTS)].astype({"seeds": "Int64", "significant": "boolean"})


def _runs(target: OpenTarget, source: str) -> int:
    """Number of runs of a source."""
    return sum(run[0] == source for run in target.rows)


def _verdicts(table: pd.DataFrame) -> list[str]:
    """What can be said of the coefficient of each cell."""
    words = []
    for shift, distance, told in zip(table["shift"], table["distance"], table["identified"], strict=True):
        if np.isnan(shift):
            words.append("cut")
        elif np.isnan(distance):
            words.append("source not known")
        else:
            words.append("identified" if told else "lengths agree: not identified")
    return words
