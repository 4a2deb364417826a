"""The store as a table: one row per run and target, for the analysis."""

import pandas as pd

from crosstask.analysis.columns import CELLS, column_names
from crosstask.store import Store, read_json


def cell_table(store: Store) -> pd.DataFrame:
    """Return every cell that a run record of the store stands for.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.CELLS`; empty for a store without runs. A cell whose files
        were deleted is left out, so that it counts as missing.
    """
    rows = []
    for record in store.records():
        for target, (outputs, scoring) in record["cells"].items():
            path = store.cell(outputs, scoring) / "score.json"
            if not path.exists():
                continue
            cell = read_json(path)
            values = {name: float("nan") if value is None else value for name, value in cell["metrics"].items()}
            rows.append(
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
    frame = pd.DataFrame(rows, columns=column_names(CELLS))
    return frame.astype({"seed": "Int64", "n": "Int64", "score": float, "stderr": float})


def homes(store: Store) -> dict[str, str]:
    """Return the home of each source of the store that has exactly one."""
    return {record["source"]: record["home"][0] for record in store.records() if len(record["home"]) == 1}
