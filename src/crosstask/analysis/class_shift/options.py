"""Parameters of class shifts: the schema of ``analysis.class_shift`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """How nulls are drawn, and when class shares are not told."""

    swaps: int = at_least(100, 999)
    """Draws of the null of total variation: answers of adapter and base swapped row by row."""
    relabelings: int = at_least(100, 4999)
    """Random assignments of training data to sources behind the p value of carry-over, besides the true one."""
    condition: float = at_least(1.0, 10.0)
    """Largest condition number of base's confusion matrix from which class shares are estimated."""
    fewest: int = at_least(2, 20)
    """Fewest test rows of a class from which they are."""
