"""What is said of class shifts in a line each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.base_changes import of_cells
from crosstask.analysis.wording import counted


def shift_line(cells: pd.DataFrame, shifts: pd.DataFrame, alpha: float) -> list[str]:
    """In how many cells off the diagonal class intercepts shift, and where most."""
    family = cells[~cells["home"] & cells["q"].notna()]
    if family.empty:
        return []
    found = family[family["significant"].eq(True)]
    line = (
        f"In {len(found)} of {counted(len(family), 'closed cell')} off the diagonal adapters lean towards other labels"
        f" than base, whatever is right (q <= {alpha:g}; {counted(len(family), 'test')})"
    )
    if len(found):
        agreed = int((found["rescaled_q"] <= alpha).sum())
        line += f", in {agreed} of them by more than being sharper or blunter than base explains"
    if found.empty:
        return [f"{line}: that none does cannot be told from this"]
    keys = ["source", "target", "seed", "seeds", "label"]
    most = found.loc[found["shift"].abs().idxmax()]
    row = shifts[(shifts[keys].astype("string").fillna("") == most[keys].astype("string").fillna("")).all(axis=1)].iloc[
        0
    ]
    return [
        f"{line}; most: {row['source']} -> {row['target']}, {row['label'].strip()} {row['value']:+.2f} nats"
        f" ({row['ci_low']:+.2f} to {row['ci_high']:+.2f})"
    ]


def gain_line(cells: pd.DataFrame, settings: Sequence[str]) -> list[str]:
    """How many gains in accuracy are left once the shifts are taken off."""
    away = cells[of_cells(cells, settings) & ~cells["home"] & cells["gain"].notna()]
    gained = away[away["gain_low"] > 0]
    if away.empty:
        return []
    if gained.empty:
        return ["No gain in accuracy on a closed target off the diagonal is told from 0, so none is left to explain"]
    left, made = int((gained["remaining_low"] > 0).sum()), int((gained["by_shift_low"] > 0).sum())
    rescaled = int((gained["rescaled_remaining_low"] > 0).sum())
    gain, *ways = (100 * float(np.mean(gained[name])) for name in ("gain", "remaining", "rescaled_remaining"))
    return [
        f"Of {counted(len(gained), 'gain')} in accuracy off the diagonal whose intervals leave 0 out, {left} still do"
        f" with the shift taken off, {rescaled} with that which being sharper or blunter does not explain, and in"
        f" {made} the shift made some of it (on average {gain:+.1f} points, of which {ways[0]:+.1f} or {ways[1]:+.1f}"
        " are left)"
    ]


def carry_over_line(carried: pd.DataFrame, alpha: float) -> list[str]:
    """Whether adapters lean towards labels that were frequent in training."""
    of_all = carried[carried["target"].isna()].iloc[0]
    if np.isnan(of_all["p"]):
        return [
            "Whether leaning comes from the training shares cannot be told: no two sources with the same label strings"
            " and other shares of them share these with a target"
        ]
    low, high = (f"{of_all[name]:+.2f}" if not np.isnan(of_all[name]) else "" for name in ("ci_low", "ci_high"))
    interval = f"{low or 'no lower limit'} to {high or 'no upper limit'}" if low or high else "no interval can be told"
    line = (
        f"Per nat of its training share adapters lean {of_all['slope']:+.2f} nats more towards a label"
        f" ({interval}; p = {of_all['p']:.3g}, {counted(int(of_all['sources']), 'source')},"
        f" {counted(int(of_all['relabelings']), 'relabeling')})"
    )
    if of_all["p"] <= alpha:
        return [line]
    if of_all["relabelings"] * alpha < 1:
        return [f"{line}: with so few relabelings no p is below {alpha:g}, so whether they do cannot be told"]
    return [f"{line}: whether they do cannot be told from this"]
