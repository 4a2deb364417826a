"""Interventions: runs on a source with one property changed, each beside the run on the source as it is."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from numpy import float32, object_
from numpy.typing import NDArray

from crosstask.analysis.schema import Column

PAIRS = (
    Column("source", "task the model was fine-tuned on", "text"),
    Column("variant", "what was changed, with what that was given: share_wrong 0.25", "text"),
    Column("kind", "what was changed: share_wrong", "text"),
    Column("dose", "how much was changed", "number", "variants of the kind do not differ by that"),
    Column("seed", "random seed of both trainings", "whole number"),
    Column("changed", "share of the rows of the original that are not as they were", "0 to 1"),
    Column("what", "what was done, in words", "text"),
    Column("run", "name of the changed run", "text"),
    Column("original", "name of the run on the source as it is", "text"),
)
"""Pairs of runs with the same seed and settings."""


@dataclass(frozen=True)
class PairedScores:
    """What answers to one target are worth, of changed and original runs, example by example."""

    target: str
    pairs: NDArray[object_]
    """Labels of the rows of ``Interventions.pairs``, shape (pairs,); pairs without both cells are left out."""
    examples: NDArray[object_]
    """Identifiers of the test rows, shape (n,)."""
    changed: NDArray[float32]
    """What each answer of the changed run is worth, 0 to 1, shape (pairs, n)."""
    original: NDArray[float32]
    """The same of the original run."""


@dataclass(frozen=True)
class Interventions:
    """Changed runs whose originals are in the matrix."""

    pairs: pd.DataFrame
    """Columns ``PAIRS``, one row per pair; its index labels them."""
    scores: Callable[[str], PairedScores | None]
    """From a target to the answers of its pairs, read when it is asked for; None where none are kept."""
    profiles: pd.DataFrame
    """What the training rows of changed and original runs look like: columns ``PROFILES``, ``name`` being that of the
    run, ``role`` source."""
    notes: tuple[str, ...] = ()
    """What the reader must know, one line each: changed runs that are left out."""
