"""Rows and columns of the matrix that are worth less than they look."""

import pandas as pd

from crosstask.analysis.gains.columns import ALARMS
from crosstask.analysis.gains.gain_evidence import Over
from crosstask.analysis.schema import column_names


def alarms(
    gains: pd.DataFrame, references: pd.DataFrame, over: Over = "base", refused: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Sources without effect, targets that nothing moves, and targets where the majority class scores better.

    Parameters
    ----------
    gains : DataFrame
        Columns ``GAINS_LONG``; cells that were not tested do not count.
    references : DataFrame
        Columns ``REFERENCES``.
    over : {"base", "mean"}
        What the gains are over.
    refused : DataFrame, optional
        Columns ``REFUSED``.

    Returns
    -------
    DataFrame
        Columns ``ALARMS``; empty when all is well.
    """
    other = "base" if over == "base" else "the mean"
    rows = [*_still(gains, "source", other), *_still(gains, "target", other), *_below_majority(references)]
    if refused is not None:
        rows += [
            ("refused", row["source"], f"{row['source']} -> {row['target']} is not tested: {row['reason']}")
            for row in refused.to_dict("records")
        ]
    return pd.DataFrame(rows, columns=column_names(ALARMS))


def _still(gains: pd.DataFrame, side: str, other: str) -> list[tuple[str, str, str]]:
    """Rows, or columns, without a single significant cell, and how large a gain the intervals still allow."""
    tested = gains[gains["p"].notna()]
    found = []
    for name, cells in tested.groupby(side, sort=False):
        if cells["significant"].any():
            continue
        if side == "source":
            kind, what = "no_effect", f"{name} cannot be told from {other} on any of {len(cells)} targets"
        else:
            kind, what = "nothing_moves", f"none of {len(cells)} sources can be told from {other} on {name}"
        low, high = cells["ci_low"].min(), cells["ci_high"].max()
        found.append((kind, str(name), f"{what}; the intervals reach from {low:+.3g} to {high:+.3g}"))
    return found


def _below_majority(references: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Targets on which base, or the target's own adapter, is not above the majority class."""
    found = []
    for target, rows in references.groupby("target", sort=False):
        majority = rows.loc[rows["reference"] == "majority", "score"]
        if majority.empty:
            continue
        models = rows[rows["reference"].isin(["base", "home"]) & (rows["score"] <= majority.iloc[0])]
        if not models.empty:
            scores = " and ".join(f"{row['name']} ({row['score']:.3g})" for row in models.to_dict("records"))
            line = f"on {target} always the commonest class scores {majority.iloc[0]:.3g}, no less than {scores}"
            found.append(("below_majority", str(target), line))
    return found
