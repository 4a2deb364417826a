"""The gate of an analysis: does every source keep as much of base's abilities as a pipeline asks for?"""

import pandas as pd

from crosstask.analysis.wording import counted, listed

PASSED, LESS, CANNOT_TELL = 0, 1, 3
"""Exit statuses; 2 is that of an error."""
_NAMED = 6
"""Sources that a line names."""


def verdict(kept: pd.DataFrame | None, least: float) -> tuple[int, list[str]]:
    """Return the exit status, and the lines that say why.

    - 1 where a source keeps less: its interval lies below ``least``. The intervals hold for all sources together (level
      1 - alpha / sources), so a matrix in which nothing is lost gets this in at most a share alpha of repetitions.
    - 0 where every source keeps as much: the lower limit of its interval of level 1 - alpha is at least ``least``.
      As all must, no correction is needed.
    - 3 where it cannot be told.

    Parameters
    ----------
    kept : DataFrame, optional
        Columns ``KEPT`` of the analysis; None where there is no base model, or no other target.
    least : float
        The share that must be kept, above 0, at most 1.

    Examples
    --------
    >>> limits = {"ci_low": 0.6, "ci_high": 0.8, "all_low": 0.55, "all_high": 0.85}
    >>> verdict(pd.DataFrame([{"source": "goat", "kept": 0.7, **limits}]), 0.9)
    (1, ['gate.kept=0.9: less is kept by 1 of 1 source: goat 70 % (55 to 85); exit status 1'])
    """
    asked = f"gate.kept={least:g}"
    if kept is None or kept.empty:
        return CANNOT_TELL, [f"{asked}: cannot be told, no scores of a base model and of another target; exit status 3"]
    less = kept[kept["all_high"] < least].sort_values("kept")
    sources = counted(len(kept), "source")
    if len(less):
        return LESS, [f"{asked}: less is kept by {len(less)} of {sources}: {_named(less, 'all')}; exit status 1"]
    open_ones = kept[~(kept["ci_low"] >= least)].sort_values("ci_low", na_position="first")
    if open_ones.empty:
        return PASSED, [f"{asked}: kept by {sources}; least sure of {_named(kept.nsmallest(1, 'ci_low'), 'ci')}"]
    unknown = f"cannot be told of {len(open_ones)} of {sources}: {_named(open_ones, 'ci')}"
    return CANNOT_TELL, [f"{asked}: {unknown}; exit status 3"]


def _named(rows: pd.DataFrame, interval: str) -> str:
    """Sources with what they keep."""
    return listed([_share(row, interval) for row in rows.to_dict("records")], _NAMED)


def _share(row: dict[str, object], interval: str) -> str:
    """Goat 71 % (64 to 78), or that base has nothing to lose."""
    if pd.isna(row["kept"]):
        why = "on no other target is base clearly above a score that takes no ability"
        if row.get("targets"):
            why = "base is too near to a score that takes no ability, or errors are not known"
        return f"{row['source']} ({why})"
    kept, low, high = (100 * float(str(row[name])) for name in ("kept", f"{interval}_low", f"{interval}_high"))
    return f"{row['source']} {kept:.0f} % ({low:.0f} to {high:.0f})"
