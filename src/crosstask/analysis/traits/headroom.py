"""Gains as shares of what the base model leaves to the best score there can be."""

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.row_keys import base_rows, own_base_rows, row_labels
from crosstask.errors import UserError


def share_of_headroom(matrix: pd.DataFrame, ceiling: float) -> pd.DataFrame:
    """Gain divided by what the base model leaves to the ceiling.

    With score s and the score b of the row's own base model ::

        share  =  (s - b) / (ceiling - b)

    which is the normalized gain of Hake (1998, "Interactive-engagement versus traditional methods",
    doi:10.1119/1.18809).

    Parameters
    ----------
    matrix : DataFrame, shape (n_rows, n_targets)
        As from `transfer_matrix`. With rows of several base models each row is compared with that of its own.
    ceiling : float
        The best score there can be, in the unit of the scores.

    Returns
    -------
    DataFrame
        Of the same shape; 0 for base models, 1 at the ceiling; NaN where a score is missing, the base model's included.

    Raises
    ------
    UserError
        If there is no base model, or one that leaves nothing.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([["base", "goat"], ["large", "small"]])
    >>> share_of_headroom(pd.DataFrame({"imdb": [0.5, 0.25, 0.75, 0.25]}, index=rows), ceiling=1)["imdb"].tolist()
    [0.0, 0.0, 0.5, 0.0]
    """
    own = _own_bases(matrix, ceiling)
    return (matrix - own) / (ceiling - own)


def headroom(matrix: pd.DataFrame, ceiling: float) -> pd.DataFrame:
    """What the base model of each row leaves to the ceiling; parameters and errors are those of `share_of_headroom`."""
    return ceiling - _own_bases(matrix, ceiling)


def _own_bases(matrix: pd.DataFrame, ceiling: float) -> pd.DataFrame:
    """Scores of each row's own base model, which all leave something to the ceiling; NaN where there is none."""
    is_base = base_rows(matrix.index)
    if not is_base.any():
        raise UserError("analysis.traits.scale=headroom: needs a row of the base model; there is none")
    scores = matrix.to_numpy(float)
    full = np.argwhere(is_base[:, None] & (scores >= ceiling))
    if len(full):
        row, column = full[0]
        name = "the base model" if is_base.sum() == 1 else row_labels(matrix.index)[row]
        raise UserError(
            f"analysis.traits.scale=headroom: {name} scores {scores[row, column]:g} on {matrix.columns[column]},"
            f" which leaves nothing to the ceiling of {ceiling:g} (analysis.traits.ceiling)"
        )
    own = own_base_rows(matrix.index)
    return pd.DataFrame(np.where((own >= 0)[:, None], scores[own], np.nan), matrix.index, matrix.columns)
