"""How the scores of each target are to be read."""

import pandas as pd

from crosstask.analysis.matrix.reference_names import MEAN
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer


def targets(transfer: Transfer) -> pd.DataFrame:
    """Return the unit of each target as it was read, which way is better, what gains are over; ``TARGETS``."""
    names, scales = list(transfer.ceilings), transfer.scales
    units = dict.fromkeys(names, transfer.unit) if scales is None else scales.units
    lower = set() if scales is None else set(scales.lower)
    known = transfer.scores.dropna(subset="metric").groupby("target")["metric"].unique()
    metrics = {name: ", ".join(map(str, of)) for name, of in known.items()}
    return pd.DataFrame(
        {
            "target": names,
            "metric": [metrics.get(name) for name in names],
            "unit": [units[name].name for name in names],
            "whole": pd.array([units[name].full for name in names], "Float64"),
            "is_stated": [not transfer.is_table or name in transfer.stated for name in names],
            "lower_is_better": [name in lower for name in names],
            "gains_over": [transfer.base_names.get(name, BASE) if transfer.has_base else MEAN for name in names],
        }
    )
