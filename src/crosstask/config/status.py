"""One look at a sweep."""

from dataclasses import dataclass

from crosstask.limits import not_empty


@dataclass
class StatusConfig:
    """One look at a sweep."""

    store: str = not_empty("runs")
    """The store that train.py and evaluate.py write."""
    sweep: str | None = None
    """Name of a folder in ``<store>/logs``; null is the most recent sweep."""
