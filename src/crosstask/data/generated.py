"""Which data sets the miniature generates."""

from crosstask.miniature.rows import GENERATORS


def is_generated(data_set: str) -> bool:
    """Tell whether the miniature has a generator for a data set, by its name."""
    return data_set in GENERATORS
