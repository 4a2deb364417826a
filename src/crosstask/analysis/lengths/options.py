"""Parameters of lengths: the schema of ``analysis.lengths`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """How many relabelings and swaps lengths are tested with."""

    swaps: int = at_least(199, 999)
    """Random swaps of fine-tuned and base answers behind the test of each cell; fewer, but 199, from 500 cells on."""
    relabelings: int = at_least(199, 9999)
    """Random assignments of the sources' lengths to the sources."""
