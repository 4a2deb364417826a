"""Parameters of calibration: the schema of ``analysis.calibration`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """Bins of probabilities, and draws of the null."""

    bins: int = at_least(2, 10, below=1001)
    """Bins with equally many rows; a target with fewer than five rows for each has no binned measures."""
    redraws: int = at_least(100, 200)
    """Draws of the null of the expected calibration error: labels drawn from the probabilities themselves."""
