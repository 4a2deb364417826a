"""W&B's filters on runs: MongoDB query operators over a run's fields, its config and its summary."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
    "$in": lambda value, wanted: bool(set(value) & set(wanted)) if isinstance(value, list) else value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
    "$exists": lambda value, wanted: (value is not None) == wanted,
    "$regex": lambda value, wanted: re.search(wanted, str(value)) is not None,
}
FIELDS = (
    "name",
    "displayName",
    "group",
    "jobType",
    "state",
    "tags",
    "createdAt",
    "heartbeatAt",
)


def matches(run: Any, query: Mapping[str, Any]) -> bool:
    """Tell whether a run passes a filter.

    Raises
    ------
    ValueError
        For an operator or a field that W&B does not know.
    """
    return all(_holds(run, key, wanted) for key, wanted in query.items())


def _holds(run: Any, key: str, wanted: Any) -> bool:
    """One condition of a filter."""
    if key == "$and":
        return all(matches(run, part) for part in wanted)
    if key == "$or":
        return any(matches(run, part) for part in wanted)
    if key == "$nor":
        return not any(matches(run, part) for part in wanted)
    conditions = wanted if isinstance(wanted, dict) else {"$eq": wanted}
    if unknown := conditions.keys() - OPERATORS.keys():
        raise ValueError(f"unknown operators {sorted(unknown)}")
    value = _value(run, key)
    return all(OPERATORS[operator](value, operand) for operator, operand in conditions.items())


def _value(run: Any, key: str) -> Any:
    """What a run has under a key of a filter; None if nothing."""
    kind, _, rest = key.partition(".")
    if kind == "config":
        entry = json.loads(run.config).get(rest.removesuffix(".value"), {})
        return entry.get("value") if isinstance(entry, dict) else entry
    if kind == "summary_metrics":
        return json.loads(run.summaryMetrics).get(rest)
    if key not in FIELDS:
        raise ValueError(f"unknown field {key}")
    return getattr(run, key)
