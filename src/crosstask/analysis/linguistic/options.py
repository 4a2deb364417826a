"""Parameters of the linguistic features: the schema of ``analysis.linguistic`` in the config."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.limits import at_least


class Clusters(StrEnum):
    """Which examples depend on each other."""

    examples = "examples"
    """None: every example is its own cluster."""
    documents = "documents"
    """Those with the same longest line in their prompt: several questions about one passage."""


@dataclass
class Options:
    """How features of examples are compared with what an adapter wins and loses."""

    occurrences: int = at_least(1, 20)
    """A feature is tested only where at least so many of the examples at stake have it, and as many have it not."""
    expected: float = at_least(0.0, 5.0)
    """And where at least so many of either would have changed, and not changed, if the feature did not matter."""
    permutations: int = at_least(199, 4999)
    """Permutations of the outcomes behind the smallest p values."""
    clusters: Clusters = Clusters.examples
    """What is resampled as a whole: every example, or examples of one document."""
