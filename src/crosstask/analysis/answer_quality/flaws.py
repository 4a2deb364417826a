"""Shares of answers that are invalid, cut or empty, or answer a cut prompt."""

import numpy as np
import pandas as pd

from crosstask.analysis.answer_quality.columns import ANSWER_QUALITY
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.proportions import wilson

FLAWS = ("invalid", "cut", "empty", "prompt_cut")
"""In the order of the table."""
_METRICS = {"invalid": "invalid", "stopped": "cut", "empty": "empty", "prompts_cut": "prompt_cut"}
"""Metric -> the flaw that it is the share of, or with "stopped" the share without."""


def flaw_shares(metrics: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Share of each cell's answers with each flaw, with Wilson's interval.

    Parameters
    ----------
    metrics : DataFrame
        Columns ``METRICS``, and those of the settings that rows tell apart: of every cell ``n`` and as many of
        ``invalid``, ``stopped``, ``empty`` and ``prompts_cut`` as it has.
    alpha : float
        1 minus the level of the intervals.

    Returns
    -------
    DataFrame
        Columns ``ANSWER_QUALITY`` and those of the settings, cell by cell in the order of the metrics. A flaw that is
        not known of a cell has no row.

    Examples
    --------
    >>> rows = [("goat", "imdb", 0, "n", 4.0), ("goat", "imdb", 0, "stopped", 0.75)]
    >>> metrics = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "value"])
    >>> flaw_shares(metrics, 0.05)[["flaw", "share", "n"]].to_numpy().tolist()
    [['cut', 0.25, 4]]
    """
    keys = [name for name in metrics if name not in ("metric", "value")]
    numbers = metrics.loc[metrics["metric"] == "n", [*keys, "value"]].rename(columns={"value": "n"})
    flaws = metrics[metrics["metric"].isin(list(_METRICS)) & metrics["value"].notna()]
    is_stopped = flaws["metric"] == "stopped"
    flaws = flaws.assign(flaw=flaws["metric"].map(_METRICS), share=flaws["value"].mask(is_stopped, 1 - flaws["value"]))
    # Merging keeps the order of the left side: cells stay where they are, and their flaws come in the order of FLAWS.
    cells = numbers.merge(pd.DataFrame({"flaw": FLAWS}), how="cross")
    table = cells.merge(flaws[[*keys, "flaw", "share"]], on=[*keys, "flaw"])
    low, high = wilson(table["share"].to_numpy(float), table["n"].to_numpy(float), alpha)
    table = table.assign(ci_low=low, ci_high=high).astype({"n": "Int64"})
    further = [name for name in keys if name not in column_names(ANSWER_QUALITY)]
    return table[[*column_names(ANSWER_QUALITY), *further]]


def worst_shares(shares: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The largest share of any flaw, mean over seeds, in the shape of a matrix; NaN where none is known."""
    means = shares.groupby(["source", "target", "flaw"])["share"].mean()
    return means.groupby(level=["source", "target"]).max().unstack("target").reindex_like(like).astype(np.float64)
