"""Where a trained adapter goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crosstask.storage.store import Store


@dataclass(frozen=True)
class Destination:
    """Where a trained adapter goes, and what is written beside it."""

    store: Store
    recipe: str
    """Its name in the store."""
    provenance: Mapping[str, Any]
    """The name of its sources, and all that made it."""
