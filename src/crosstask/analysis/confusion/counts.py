"""Confusion matrices: how often each label is answered where which is right, of adapter and base side by side."""

import numpy as np
import pandas as pd

from crosstask.analysis.confusion.columns import CONFUSION
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.proportions import wilson

COMPLETE = 30
"""Labels up to which pairs that nobody answered are written as well: with 150 labels they are 22,000 rows of a run."""


def confusion_table(target: ClosedTarget, settings: tuple[str, ...], alpha: float) -> pd.DataFrame:
    """Counts and shares of every run of a target.

    Parameters
    ----------
    target : ClosedTarget
        What was answered.
    settings : tuple of str
        Names of the settings that tell rows apart besides source and seed.
    alpha : float
        1 minus the level of Wilson's intervals.

    Returns
    -------
    DataFrame
        Columns ``CONFUSION`` and those of the settings: of every run and gold label that examples have, every label and
        ``invalid``; with more than ``COMPLETE`` labels only those pairs that the run or base has.
    """
    labels, width = len(target.labels), len(target.labels) + 1
    pairs = target.gold * width + target.predicted
    rows = np.bincount(target.gold, minlength=labels)
    present = np.flatnonzero(rows)
    kinds = np.unique(pairs) if labels > COMPLETE else (present[:, None] * width + np.arange(width)).ravel()
    of_gold, of_predicted = np.divmod(kinds, width)
    counts = np.stack([np.bincount(np.searchsorted(kinds, of_run), minlength=len(kinds)) for of_run in pairs])
    runs = [(place, seed, runs) for runs in target.runs for place, seed in zip(runs.places, runs.seeds, strict=True)]
    chosen = counts[[place for place, _, _ in runs]]
    of_base = np.array([-1 if of_source.base is None else of_source.base for _, _, of_source in runs])
    base = np.where((of_base < 0)[:, None], np.nan, counts[of_base] / rows[of_gold])
    n = np.broadcast_to(rows[of_gold], chosen.shape)
    share = chosen / n
    low, high = wilson(share, n, alpha)
    base_low, base_high = wilson(base, n, alpha)
    frame = pd.DataFrame(
        {
            "target": target.name,
            "gold": np.tile(np.array(target.labels, dtype=object)[of_gold], len(runs)),
            "predicted": np.tile(np.array(target.predictions, dtype=object)[of_predicted], len(runs)),
            "count": chosen.ravel(),
            **{
                name: values.ravel()
                for name, values in {
                    "share": share,
                    "ci_low": low,
                    "ci_high": high,
                    "base_share": base,
                    "base_low": base_low,
                    "base_high": base_high,
                    "n": n,
                }.items()
            },
        }
    )
    each = len(kinds)
    frame["source"] = np.repeat(np.array([of_source.source for _, _, of_source in runs], dtype=object), each)
    frame["seed"] = pd.array([seed for _, seed, _ in runs], dtype="Int64").repeat(each)
    for place, name in enumerate(settings):
        frame[name] = np.repeat(np.array([of_source.settings[place] for _, _, of_source in runs], dtype=object), each)
    if labels > COMPLETE:
        frame = frame[(frame["count"] > 0) | (frame["base_share"] > 0)]
    return frame[[*column_names(CONFUSION), *settings]].astype({"count": "Int64", "n": "Int64"})
