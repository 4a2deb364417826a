"""Brings the answers of changed runs, their originals and the base model into one order, target by target."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.matrix.interventions import Interventions, PairedScores
from crosstask.analysis.matrix.reference_names import PLAIN
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer

_KEYS = ["source", "variant", "seed"]


def paired_runs(transfer: Transfer, interventions: Interventions) -> Iterator[PairedRuns]:
    """Read one target after the other, in their order; those without any pair of answers are left out."""
    for target in transfer.order.targets(transfer.scores["target"].unique()):
        found = interventions.scores(target)
        if found is None or not len(found.pairs) or not len(found.examples):
            continue
        yield _in_order(found, interventions.pairs, _base(transfer, target, found.examples))


def _in_order(found: PairedScores, pairs: pd.DataFrame, base: Array | None) -> PairedRuns:
    """Pairs of one target; of those that only settings tell apart, such as base models, the mean."""
    named = pairs.loc[list(found.pairs)].reset_index(drop=True)
    named = named.assign(seed=named["seed"].fillna(-1).astype(int))
    groups = list(named.groupby(_KEYS, sort=False).indices.values())
    changed, original = (
        np.stack([scores[places].mean(axis=0, dtype=float) for places in groups])
        for scores in (found.changed, found.original)
    )
    binary = bool(np.isin(found.changed, (0, 1)).all() and np.isin(found.original, (0, 1)).all())
    first = named.loc[[places[0] for places in groups], ["source", "variant", "kind", "dose", "seed"]]
    return PairedRuns(found.target, first.reset_index(drop=True), changed, original, base, binary)


def _base(transfer: Transfer, target: str, examples: NDArray[np.object_]) -> Array | None:
    """Answers of the base model, in the order of the examples."""
    answers = transfer.answers_per_run
    known = answers.targets.get(target) if answers else None
    if known is None or transfer.conventions.reference != PLAIN:
        return None
    row = next((place for place, run in enumerate(known.rows) if run[0] == BASE), None)
    places = {example: place for place, example in enumerate(known.examples)}
    if row is None or not all(example in places for example in examples):
        return None
    return np.asarray(known.scores[row], float)[[places[example] for example in examples]]
