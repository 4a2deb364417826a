"""Where generation stops."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class StopTokens:
    """The tokens that generation stops at and the one that fills up a batch."""

    ends: tuple[int, ...]
    pad: int

    def first_end(self, tokens: Sequence[int]) -> int | None:
        """Return the place of the first end token, None if there is none."""
        return next((place for place, token in enumerate(tokens) if token in self.ends), None)
