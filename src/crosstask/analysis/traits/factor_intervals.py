"""Stability of common factors: bootstrap intervals from the resampled matrices that have a factor solution as well."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.alignment import alignment
from crosstask.analysis.traits.factor_columns import FACTOR_PATTERN_INTERVALS, FACTOR_SCORES_INTERVALS
from crosstask.analysis.traits.factors import FactorAnalysis, Factors
from crosstask.analysis.traits.intervals import Resampled, interval_table
from crosstask.analysis.traits.observations import Observations
from crosstask.errors import UserError

_ENOUGH = 0.5  # of the resampled matrices must have a solution: fewer say more of themselves than of the matrix


@dataclass(frozen=True)
class FactorIntervals:
    """Intervals of factor loadings and scores."""

    pattern: pd.DataFrame
    """Columns ``FACTOR_PATTERN_INTERVALS``."""
    scores: pd.DataFrame
    """Columns ``FACTOR_SCORES_INTERVALS``."""
    solved: int
    """Resampled matrices with a solution: the others were refused, and are not in the intervals."""
    draws: int
    """Resampled matrices in all."""


def factor_intervals(
    reference: Factors,
    analysis: FactorAnalysis,
    data: Observations,
    resampled: Resampled,
    draws: int,
    alpha: float = 0.05,
) -> FactorIntervals:
    """Factor resampled matrices and say within which bounds loadings and scores lie.

    Factors are brought into the order and the signs of those reported. With the reported value v and its aligned values
    v*[b] in the B resampled matrices that have a proper solution ::

        v  +-  z sqrt(sum over b of (v*[b] - v)^2 / B)

    as for components (`bootstrap`).

    Parameters
    ----------
    reference : Factors
        The solution reported.
    analysis : FactorAnalysis
        What gave it.
    data : Observations
        What it was given.
    resampled : callable
        Draw number -> a matrix with the rows and columns of the one that was analyzed.
    draws : int
        Resampled matrices.
    alpha : float
        The intervals have level 1 - alpha.

    Raises
    ------
    UserError
        If half of the resampled matrices or more have no proper solution.
    """
    pattern, scores = reference.pattern.to_numpy(), reference.scores.to_numpy()
    squares, score_squares, solved = np.zeros(pattern.shape), np.zeros(scores.shape), 0
    for number in range(draws):
        values, _ = data.redrawn(resampled(number))
        # Gaps are filled in each draw anew, as they were in the matrix itself.
        again = replace(data, values=pd.DataFrame(values, data.values.index, data.values.columns).mask(data.gaps))
        try:
            found = analysis(again)
        except UserError:  # a Heywood case, or no convergence: a draw without factors has no values
            continue
        turn = alignment(found.pattern.to_numpy(), pattern)
        squares += (found.pattern.to_numpy() @ turn - pattern) ** 2
        score_squares += (found.scores.to_numpy() @ turn - scores) ** 2
        solved += 1
    if solved <= _ENOUGH * draws:
        raise UserError(f"only {solved} of {draws} resampled matrices have a proper solution")
    return FactorIntervals(
        interval_table(reference.pattern, np.sqrt(squares / solved), column_names(FACTOR_PATTERN_INTERVALS), alpha),
        interval_table(reference.scores, np.sqrt(score_squares / solved), column_names(FACTOR_SCORES_INTERVALS), alpha),
        solved,
        draws,
    )
