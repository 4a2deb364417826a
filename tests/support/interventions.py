"""Changed runs beside their originals, as a section of the analysis gets them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.interventions import PAIRS, Interventions, PairedScores
from crosstask.analysis.schema import column_names
from crosstask.analysis.transfer import Transfer
from tests.simulation.forgetting import transfer_of

Change = tuple[str, str, float | None]
"""Variant, kind and dose."""


def changed_transfer(
    changes: Mapping[Change, float],
    sources: Sequence[str] = ("a", "b"),
    targets: Sequence[str] = ("a", "c"),
    seeds: int = 2,
    n: int = 60,
    graded: bool = False,
    gain: float = 0.2,
) -> Transfer:
    """A transfer with answers of base, of sources, and of each source with changes that add so much to its scores.

    Answers are drawn; a source named as a target is at home there.
    """
    generator = np.random.default_rng(1)
    runs = [("base", None), *((source, seed) for source in sources for seed in range(seeds))]
    pairs = pd.DataFrame(
        [
            (source, *change, seed, 0.5, "half of it", f"{source} {change[0]} {seed}", f"{source} {seed}")
            for source in sources
            for change in changes
            for seed in range(seeds)
        ],
        columns=column_names(PAIRS),
    ).astype({"seed": "Int64", "dose": float})
    kept, answered = {}, {}
    for target in targets:
        difficulty = generator.uniform(size=n)
        ids = np.array([f"{target}{number}" for number in range(n)], dtype=object)

        rows = pairs.replace({np.nan: None}).itertuples(index=False)
        expected = [0.4 + gain + changes[row[1:4]] for row in rows]
        own = {run: _answers(generator, difficulty, graded, 0.4 if run[0] == "base" else 0.4 + gain) for run in runs}
        changed = [_answers(generator, difficulty, graded, mean) for mean in expected]
        original = [own[row.source, row.seed] for row in pairs.itertuples()]
        answered[target] = TargetAnswers(tuple(runs), ids, np.array([own[run] for run in runs], np.float32))
        labels = np.array(pairs.index, dtype=object)
        kept[target] = PairedScores(target, labels, ids, np.array(changed, np.float32), np.array(original, np.float32))
    transfer = transfer_of(Answers(answered))
    return replace(transfer, interventions=Interventions(pairs, kept.get, profiles(pairs)))


def _answers(generator: np.random.Generator, difficulty: np.ndarray, graded: bool, mean: float) -> np.ndarray:
    """What answers to examples of some difficulty, 0 to 1, are worth."""
    noise = generator.normal(0, 0.1, len(difficulty))
    return np.clip(mean + noise + 0.1 * difficulty, 0, 1) if graded else (difficulty + noise < mean).astype(float)


def profiles(pairs: pd.DataFrame) -> pd.DataFrame:
    """Training rows of which changed runs have more of the label x."""
    rows = []
    for name, share in [(run, 0.5) for run in pairs["original"].unique()] + [(run, 0.9) for run in pairs["run"]]:
        rows += [("source", name, "label", "x", share), ("source", name, "rows", "rows", 100.0)]
        rows += [("source", name, "answer_words", f"row {number}", float(number)) for number in range(3)]
    return pd.DataFrame(rows, columns=["role", "name", "kind", "feature", "value"])
