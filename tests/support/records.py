"""Records of runs and cells, of which a test says only what it is about."""

from typing import Any

from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import RunRecord


def run_record(run: str = "r", source: str = "goat", **fields: Any) -> RunRecord:
    """A run of one seed on a base model."""
    known: dict[str, Any] = {
        "seed": 0,
        "model": "m",
        "base": "b",
        "data": "d",
        "data_id": "d",
        "settings": "s",
        "group": "g",
    }
    known |= {"adapter": None, "updated": "2026-01-01T00:00:00+00:00", "cells": {}}
    return RunRecord(run=run, source=source, **{**known, **fields})


def cell_score(target: str = "goat", score: float = 0.5, **fields: Any) -> CellScore:
    """A cell of an open target."""
    known: dict[str, Any] = {
        "target_id": "t",
        "metric": "accuracy",
        "metrics": {"score": score, "stderr": 0.1, "n": 4.0},
    }
    known |= {"adapter": "a", "logit_difference": (0.1, 0.2), "labels": ()}
    return CellScore(target=target, **{**known, **fields})
