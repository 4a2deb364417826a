"""Rows of the matrix as a table: one row per run and target, for the analysis."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from crosstask.analysis.columns import CELLS, column_names

Row = tuple[dict[str, Any], dict[str, dict[str, Any]]]
"""A row of the matrix, from wherever: its record, and by target the content of ``score.json``."""


def cell_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return every cell of some rows, wherever they were read.

    Parameters
    ----------
    rows
        The rows of the matrix.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.CELLS`; empty where there are no rows.
    """
    cells = []
    for record, scores in rows:
        for target, cell in scores.items():
            values = {name: float("nan") if value is None else value for name, value in cell["metrics"].items()}
            cells.append(
                {
                    **{name: record[name] for name in column_names(CELLS) if name in record},
                    "target": target,
                    "target_id": cell["target_id"],
                    "metric": cell["metric"],
                    "score": values["score"],
                    "stderr": values["stderr"],
                    "n": int(values["n"]),
                    "metrics": values,
                }
            )
    frame = pd.DataFrame(cells, columns=column_names(CELLS))
    return frame.astype({"seed": "Int64", "n": "Int64", "score": float, "stderr": float})


def homes(records: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the home of each source that has exactly one."""
    return {record["source"]: record["home"][0] for record in records if len(record["home"]) == 1}
