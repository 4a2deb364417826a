"""Confusion matrices: how often each label is answered where which is right, of adapter and base side by side."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.confusion.columns import CONFUSION
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.proportions import wilson
from crosstask.analysis.statistics.variance_parts import Array

Places = NDArray[np.intp]

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
    of_gold, of_predicted, counts = _counts(target)
    runs = [(place, seed, runs) for runs in target.runs for place, seed in zip(runs.places, runs.seeds, strict=True)]
    who = {
        "source": [of_source.source for _, _, of_source in runs],
        "seed": pd.array([seed for _, seed, _ in runs], dtype="Int64"),
        **{name: [of_source.settings[place] for _, _, of_source in runs] for place, name in enumerate(settings)},
    }
    chosen = counts[[place for place, _, _ in runs]]
    of_base = np.array([-1 if of_source.base is None else of_source.base for _, _, of_source in runs])
    base = np.where((of_base < 0)[:, None], np.nan, counts[of_base])
    n = np.broadcast_to(np.bincount(target.gold)[of_gold], chosen.shape)
    frame = pd.DataFrame({name: pd.Series(values).repeat(len(of_gold)) for name, values in who.items()})
    frame = frame.reset_index(drop=True).assign(
        target=target.name,
        gold=np.tile(np.array(target.labels, dtype=object)[of_gold], len(runs)),
        predicted=np.tile(np.array(target.predictions, dtype=object)[of_predicted], len(runs)),
        count=chosen.ravel(),
        n=n.ravel(),
        **_shares(("share", "ci_low", "ci_high"), chosen / n, n, alpha),
        **_shares(("base_share", "base_low", "base_high"), base / n, n, alpha),
    )
    if len(target.labels) > COMPLETE:
        frame = frame[(frame["count"] > 0) | (frame["base_share"] > 0)]
    return frame[[*column_names(CONFUSION), *settings]].astype({"count": "Int64", "n": "Int64"})


def _counts(target: ClosedTarget) -> tuple[Places, Places, Places]:
    """Gold and predicted label of each pair that is written, by place, and how often each run has it, (runs, pairs)."""
    labels, width = len(target.labels), len(target.labels) + 1
    answered = target.gold * width + target.predicted
    present = np.flatnonzero(np.bincount(target.gold, minlength=labels))
    pairs = np.unique(answered) if labels > COMPLETE else (present[:, None] * width + np.arange(width)).ravel()
    counts = np.stack([np.bincount(np.searchsorted(pairs, of_run), minlength=len(pairs)) for of_run in answered])
    return *np.divmod(pairs, width), counts


def _shares(names: tuple[str, str, str], share: Array, n: Places, alpha: float) -> dict[str, Array]:
    """Shares of n and the limits of Wilson's intervals, as columns."""
    return {name: values.ravel() for name, values in zip(names, (share, *wilson(share, n, alpha)), strict=True)}
