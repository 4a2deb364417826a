"""Verdicts of judges beside exact match."""

import pandas as pd

from crosstask.analysis.answer_quality.columns import VERDICTS
from crosstask.analysis.schema import column_names

_METRICS = {
    "score": "judge",
    **{name: name for name in ("exact_match", "agreement", "judge_only", "exact_match_only", "unparsable", "n")},
}
"""Metric of a judged cell -> column."""


def verdict_shares(metrics: pd.DataFrame) -> pd.DataFrame:
    """How the verdicts on each judged cell compare with exact match.

    Parameters
    ----------
    metrics : DataFrame
        Columns ``METRICS``, and those of the settings that rows tell apart. Cells with the metric ``judge_only`` are
        judged.

    Returns
    -------
    DataFrame
        Columns ``VERDICTS`` and those of the settings, in the order of the metrics; empty where nothing is judged.

    Examples
    --------
    >>> values = {"score": 0.75, "exact_match": 0.5, "agreement": 0.75, "judge_only": 0.25, "exact_match_only": 0.0}
    >>> rows = [("goat", "qa", 0, name, value) for name, value in {**values, "unparsable": 0.0, "n": 4.0}.items()]
    >>> metrics = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "value"])
    >>> verdict_shares(metrics)[["judge", "agreement", "n"]].to_numpy().tolist()
    [[0.75, 0.75, 4]]
    """
    keys = [name for name in metrics if name not in ("metric", "value")]
    judged = metrics.loc[metrics["metric"] == "judge_only", keys].drop_duplicates()
    known = metrics[metrics["metric"].isin(list(_METRICS))]
    for metric, column in _METRICS.items():
        values = known.loc[known["metric"] == metric, [*keys, "value"]].rename(columns={"value": column})
        judged = judged.merge(values, on=keys, how="left")
    further = [name for name in keys if name not in column_names(VERDICTS)]
    return judged.astype({"n": "Int64"})[[*column_names(VERDICTS), *further]]
