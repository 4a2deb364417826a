"""Components of a matrix in one step."""

from typing import Any

import pandas as pd

from crosstask.analysis.traits.components import Components, principal_components
from crosstask.analysis.traits.preparation import observations


def components_of(matrix: pd.DataFrame, count: int | None = None, **treatment: Any) -> Components:
    """Components of a matrix whose rows and columns are chosen and treated as `observations` has it."""
    return principal_components(observations(matrix, **treatment), count)
