"""Parameters of interventions: the schema of ``analysis.interventions`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """What counts as no effect."""

    margin: float = at_least(1e-6, 0.02)
    """Largest effect, in the unit of the scores, that counts as none in tests of equivalence: 0.02 is 2 percentage
    points. Set it before you look at the results."""
