"""What was written before records had a schema version, made of what is written today."""

import json
from pathlib import Path
from typing import Any

ADDED = ("schema", "labels", "decide")
"""What was not written then."""


def make_old(store: Path) -> None:
    """Rewrite the records, scores and adapters of a store."""
    for pattern in ("records/*.json", "cells/*/*/score.json", "adapters/*/adapter.json"):
        paths = list(store.glob(pattern))
        assert paths
        for path in paths:
            path.write_text(json.dumps(without_schema(json.loads(path.read_text())), indent=1, sort_keys=True) + "\n")


def without_schema(content: dict[str, Any]) -> dict[str, Any]:
    """The same without what was added since."""
    return {key: value for key, value in content.items() if key not in ADDED}
