"""What is said of calibration in a line each."""

from collections.abc import Sequence

import pandas as pd

from crosstask.analysis.matrix.base_changes import of_cells
from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted


def loss_line(table: pd.DataFrame, alpha: float) -> list[str]:
    """In how many cells off the diagonal the probabilities are better or worse than base's."""
    family = table[~table["home"] & table["q"].notna()]
    if family.empty:
        return []
    of_logs = family[family["measure"] == "log_loss"]
    found = of_logs[of_logs["significant"].eq(True)]
    worse, better = int((found["change"] > 0).sum()), int((found["change"] < 0).sum())
    line = (
        f"Probabilities of labels have a larger log loss than base's in {worse} of"
        f" {counted(len(of_logs), 'closed cell')} off the diagonal, a smaller one in {better} (q <= {alpha:g};"
        f" {counted(len(family), 'test')}, with those of the Brier score)"
    )
    if found.empty:
        return [f"{line}: that nothing changes cannot be told from this"]
    most = found.loc[found["change"].abs().idxmax()]
    return [
        f"{line}; most: {most['source']} -> {most['target']} {most['change']:+.2f} nats"
        f" ({most['change_low']:+.2f} to {most['change_high']:+.2f})"
    ]


def slope_line(table: pd.DataFrame, settings: Sequence[str]) -> list[str]:
    """In how many cells off the diagonal probabilities are too bold, or too timid."""
    slopes = table[table["measure"].eq("slope") & of_cells(table, settings) & ~table["home"] & table["source"].ne(BASE)]
    told = slopes[slopes["ci_low"].notna()]
    if told.empty:
        return []
    bold, timid = int((told["ci_high"] < 1).sum()), int((told["ci_low"] > 1).sum())
    return [
        f"The interval of the slope of recalibration lies below 1 (probabilities too bold) in {bold} of"
        f" {counted(len(told), 'closed cell')} off the diagonal, above 1 (too timid) in {timid};"
        f" in {len(told) - bold - timid} it cannot be told"
    ]
