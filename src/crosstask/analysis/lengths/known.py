"""What is known of lengths: of answers target by target, and of what the sources train on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Run
from crosstask.analysis.matrix.behavior import UNITS, TargetBehavior
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer

_KINDS = {"words": "answer_words", "characters": "answer_length"}
"""Unit -> kind of a data set's profile; tokens are not in one, since it is of no model."""
MOST_CUT = 0.05
"""Share of cut answers above which a mean says nothing."""


@dataclass(frozen=True)
class OpenTarget:
    """Lengths of the answers to one target with generated text."""

    rows: tuple[Run, ...]
    examples: NDArray[np.object_]
    cut: NDArray[np.bool_]
    """(rows, n)."""
    lengths: Mapping[str, NDArray[np.int32]]
    """By unit, (rows, n)."""
    gold: Mapping[str, NDArray[np.int32]]
    """By unit, (n,)."""

    @property
    def base(self) -> list[int]:
        """Rows of the base model."""
        return [place for place, run in enumerate(self.rows) if run[0] == BASE]

    @property
    def is_cut(self) -> NDArray[np.bool_]:
        """Rows more than `MOST_CUT` of whose answers are cut, (rows,)."""
        return self.cut.mean(axis=1) > MOST_CUT


def open_targets(transfer: Transfer) -> dict[str, OpenTarget]:
    """Return the targets whose answers are generated text and kept, in the order of the matrix."""
    found = {}
    for target in map(str, transfer.matrix.columns):
        behavior = transfer.behavior(target) if transfer.behavior else None
        if behavior is not None and behavior.cut is not None and behavior.lengths and not behavior.labels:
            found[target] = _open_target(behavior, behavior.cut)
    return found


def _open_target(behavior: TargetBehavior, cut: NDArray[np.bool_]) -> OpenTarget:
    """Return what of a behavior is about lengths."""
    return OpenTarget(behavior.rows, behavior.examples, cut, dict(behavior.lengths), dict(behavior.gold_lengths))


def source_lengths(transfer: Transfer) -> dict[str, dict[str, Array]]:
    """Return the lengths of what sources train on, sorted, by unit and source; empty units where nothing is known."""
    found: dict[str, dict[str, Array]] = {unit: {} for unit in UNITS}
    profiles = transfer.data_sets.profiles if transfer.data_sets else None
    if profiles is None or profiles.empty:
        return found
    rows = profiles[(profiles["role"] == "source") & profiles["kind"].isin(list(_KINDS.values()))]
    for (kind, source), values in rows.groupby(["kind", "name"], sort=False)["value"]:
        unit = next(unit for unit, of in _KINDS.items() if of == kind)
        found[unit][str(source)] = np.sort(values.to_numpy(float))
    return found


def best_unit(targets: Mapping[str, OpenTarget], sources: Mapping[str, Mapping[str, Array]]) -> str:
    """Return the unit in which most is known: of most sources, then of most targets, of these the first of `UNITS`."""

    def known(unit: str) -> tuple[int, int]:
        return len(sources[unit]), sum(unit in target.lengths for target in targets.values())

    return max(UNITS, key=known)


def logs(lengths: pd.Series | Array | NDArray[np.int32]) -> Array:
    """Return log(1 + length)."""
    found: Array = np.log1p(np.asarray(lengths, float))
    return found
