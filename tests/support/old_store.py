"""What was written before records had a schema version, made of what is written today."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

ADDED = ("schema", "labels", "decide", "cell")
"""What was not written then."""


def make_old(store: Path) -> None:
    """Rewrite the records, scores and adapters of a store."""
    for pattern in ("records/*.json", "cells/*/*/score.json", "adapters/*/adapter.json"):
        paths = list(store.glob(pattern))
        assert paths
        for path in paths:
            path.write_text(json.dumps(without_schema(json.loads(path.read_text())), indent=1, sort_keys=True) + "\n")


def make_unnamed(store: Path) -> None:
    """Rewrite scores and outputs of a store as they were before they said which cell they are of."""
    for path in store.glob("cells/*/*/score.json"):
        content = json.loads(path.read_text())
        del content["cell"]
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    for path in store.glob("cells/*/outputs.parquet"):
        pd.read_parquet(path).to_parquet(path, index=False)


def without_schema(content: dict[str, Any]) -> dict[str, Any]:
    """The same without what was added since."""
    return {key: value for key, value in content.items() if key not in ADDED}
