"""A small matrix of closed targets with all that is known of the answers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.transfer import Transfer
from tests.simulation.closed_answers import behavior_of_logits

SOURCES = {"pos": 0.8, "neg": 0.2, "mid": 0.5, "few": 0.35}
"""Source -> share of the label l1 in its training rows; the rest is l0."""


def closed_matrix(seeds: int = 2, n: int = 150, base: bool = True, leans: float = 1.0) -> Transfer:
    """Two closed targets of the labels l0 and l1 and an open one; adapters lean as their training shares say."""
    runs: list[tuple[str, int | None]] = [("base", None)] if base else []
    runs += [(source, seed) for source in SOURCES for seed in range(seeds)]
    targets = {name: _behavior(runs, n, leans, place) for place, name in enumerate(("pos", "other"))}
    open_target = TargetBehavior(
        tuple(runs), np.array(["e"], dtype=object), np.ones((len(runs), 1), np.float32), np.ones((len(runs), 1), bool)
    )
    rows = [(source, target, seed) for target in (*targets, "open") for source, seed in runs]
    scores = pd.DataFrame(rows, columns=["source", "target", "seed"]).astype({"seed": "Int64"})
    scores = scores.assign(metric="accuracy", score=0.5, stderr=0.01, n=pd.array([n] * len(rows), "Int64"))
    return Transfer(
        scores,
        behavior=lambda target: targets.get(target, open_target if target == "open" else None),
        data_sets=DataSets(profiles(SOURCES), None),
    )


def _behavior(runs: Sequence[tuple[str, int | None]], n: int, leans: float, seed: int) -> TargetBehavior:
    """Answers of one target."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 2, n)
    common = generator.normal(size=(n, 2))
    common[np.arange(n), gold] += 1
    logits = common + 0.5 * generator.normal(size=(len(runs), n, 2))
    for place, (source, _) in enumerate(runs):
        share = SOURCES.get(source, 0.5)
        logits[place, :, 1] += leans * np.log(share / (1 - share))
    return behavior_of_logits(list(runs), gold, logits)


def profiles(shares: dict[str, float]) -> pd.DataFrame:
    """Profiles of sources with their label shares."""
    rows = []
    for source, share in shares.items():
        rows += [("source", source, "rows", "rows", 1000.0), ("source", source, "label", "l0", 1 - share)]
        rows += [("source", source, "label", "l1", share)]
    return pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])
