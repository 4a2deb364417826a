"""Standard errors that a table states, held against its scores and its numbers of test rows.

The mean of n scores between 0 and c has, with the mean s, a standard error of at most ::

    sqrt(s (c - s) / (n - 1))

which is that of scores of 0 and c alone. So each stated error says with how many test rows it would be the largest
possible. Fewer than there are is a contradiction, unless the error is not that of a mean over rows; very many more are
possible for graded scores that hardly differ, but as a rule a mistake of the unit.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.last_decimal import half_unit
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.wording import counted

_SLACK = 1.1
"""Factor by which an error may be larger than the bound: the bound is for means, and a bootstrap has its own error."""
_TOO_MANY = 1000
"""Times the test rows there are that errors may stand for: that of graded scores with a thirtieth of the spread."""
_UNLIKELY = 100_000
"""Test rows that errors may stand for where it is not known how many there are."""
_TOO_FEW = 3
"""Test rows that they must stand for then."""


def doubtful_errors(scores: pd.DataFrame, ceiling: float) -> list[tuple[str, str, str]]:
    """Rows of alarms on standard errors that do not go with scores or numbers of test rows.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``.
    ceiling : float
        Score of a perfect model, 1 or 100; NaN for scores without one, of which nothing can be said.

    Returns
    -------
    list of (str, str, str)
        As columns ``ALARMS``: the kind, the source of the cell that is named, and the message.
    """
    known = scores.dropna(subset="stderr").astype({"n": "float64"})
    if known.empty or np.isnan(ceiling):
        return []
    within = known[(known["score"] > 0) & (known["score"] < ceiling)]
    exact, varied = within[within["stderr"] == 0], within[within["stderr"] > 0]
    alarms = []
    large = known[_exceeds(known, ceiling)]
    if len(large):
        rows = float(_implied_rows(large, ceiling)[0])
        alarms.append(
            _alarm(large, f"would be that of at most {rows:,.0f} test rows, not of n = {large['n'].iloc[0]:.0f}")
        )
    if len(exact):
        alarms.append(_alarm(exact, "says that nothing is left to chance: leave it empty where it is not known"))
    if len(varied):
        implied = _implied_rows(varied, ceiling)
        rows, times = float(np.median(implied)), float(np.median(implied / varied["n"].fillna(np.inf)))
        unknown = bool(varied["n"].isna().all())
        few = unknown and rows < _TOO_FEW
        if few or times > _TOO_MANY or (unknown and rows > _UNLIKELY):
            line = f"would be that of {'at most ' * few}{implied[0]:,.0f} test rows of 0/1 scores"
            alarms.append(
                _alarm(varied, f"{line}: are score and stderr of one unit, both fractions or both percentages?")
            )
    return alarms


def _exceeds(known: pd.DataFrame, ceiling: float) -> NDArray[np.bool_]:
    """Whether each error is larger than n allows, whatever was rounded; never where n is not known, or 1."""
    score, stderr, n = (known[name].to_numpy(float) for name in ("score", "stderr", "n"))
    score = score + np.clip(ceiling / 2 - score, -half_unit(score), half_unit(score))  # towards where errors are large
    bound = np.sqrt(score * (ceiling - score) / np.where(n > 1, n - 1, np.nan))
    return stderr - half_unit(stderr) > _SLACK * bound


def _implied_rows(known: pd.DataFrame, ceiling: float) -> Array:
    """Number of test rows with which each error would be the largest possible."""
    score = known["score"].to_numpy(float)
    rows: Array = score * (ceiling - score) / known["stderr"].to_numpy(float) ** 2 + 1
    return rows


def _alarm(cells: pd.DataFrame, what: str) -> tuple[str, str, str]:
    """A row on the first of some cells."""
    first, others = cells.iloc[0], len(cells) - 1
    more = f" (and {counted(others, 'other')})" if others else ""
    cell = f"{first['source']} -> {first['target']}, stderr {first['stderr']:.3g} of a score of {first['score']:.3g}"
    return ("stderr", str(first["source"]), f"{cell}{more}, {what}")
