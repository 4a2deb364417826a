"""Parameters of the gains: the schema of ``analysis.gains`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """Intervals and tests of scores and gains."""

    resamples: int = at_least(100, 1000)
    """Bootstrap replicates."""
