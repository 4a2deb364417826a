"""Parameters of confusion: there are none besides the level that all sections share."""

from dataclasses import dataclass


@dataclass
class Options:
    """Nothing to choose."""
