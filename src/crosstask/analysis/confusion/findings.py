"""What is said of confusion in a line each."""

import pandas as pd

from crosstask.analysis.wording import counted


def homogeneity_line(tests: pd.DataFrame, shares: pd.DataFrame, alpha: float) -> list[str]:
    """In how many cells off the diagonal labels are predicted more or less often than by base, and where most."""
    family = tests[~tests["home"] & tests["q"].notna()]
    if family.empty:
        return []
    found = family[family["significant"].eq(True)]
    line = (
        f"In {len(found)} of {counted(len(family), 'closed cell')} off the diagonal the labels are not predicted as"
        f" often as by base (q <= {alpha:g}; {counted(len(family), 'test')})"
    )
    if found.empty:
        return [f"{line}: that nothing changes cannot be told from this"]
    keys = ["source", "target", "seed", "seeds", "predicted"]
    most = found.loc[found["change"].abs().idxmax()]
    row = shares[(shares[keys].fillna(-1) == most[keys].fillna(-1)).all(axis=1)].iloc[0]
    where = f"{most['source']} -> {most['target']}"
    # Where one always answers a label and the other never does, no example says anything of a variance.
    limits = f" ({100 * row['change_low']:+.0f} to {100 * row['change_high']:+.0f})"
    points = f"{most['predicted'].strip()} {100 * row['change']:+.0f} points"
    return [f"{line}; most: {where}, {points}{limits if pd.notna(row['change_low']) else ''}"]


def ranking_line(rankings: pd.DataFrame, pairs: int) -> list[str]:
    """How many pairs of adapters accuracy and macro-F1 rank differently, and one of which it is sure."""
    if not pairs:
        return []
    line = f"Accuracy and macro-F1 rank {len(rankings)} of {counted(pairs, 'pair')} of adapters on a target differently"
    if rankings.empty:
        return [line]
    told = rankings[rankings["told"]]
    distance = (rankings["accuracy"] - rankings["other_accuracy"]) * (rankings["other_macro_f1"] - rankings["macro_f1"])
    one = rankings.loc[distance[told.index if len(told) else rankings.index].idxmax()]
    example = (
        f"on {one['target']} {one['source']} has accuracy {one['accuracy']:.3f} and macro-F1 {one['macro_f1']:.3f},"
        f" {one['other']} {one['other_accuracy']:.3f} and {one['other_macro_f1']:.3f}"
    )
    sure = (
        f"in {len(told)} of them both intervals leave 0 out" if len(told) else "in none of them can both be told from 0"
    )
    return [f"{line}; {sure}: {example}"]
