"""What a variant did to the training rows of a source, as records have it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VariantUse:
    """What a row of the matrix is a variant of, and what was changed."""

    kind: str
    """What was changed, as ``variant.kind`` names it."""
    name: str
    """The kind with what it was given."""
    dose: float | None
    """How much was changed, where variants of the kind differ by that."""
    original: str
    """Name of the adapter of the same source, seed and settings with nothing changed."""
    changed: float
    """Share of the original rows that are not as they were, 0 to 1: another answer or prompt, or left out."""
    what: str
    """In words."""
