"""What forgetting says in a terminal, in a line each."""

import pandas as pd

from crosstask.analysis.wording import counted, listed

UNKNOWN = "errors of scores over test rows are not known, which takes n or stderr"
"""Why nothing is told of a table without them."""


def lines(kept: pd.DataFrame, cells: pd.DataFrame, bits: pd.DataFrame, errors_known: bool = True) -> list[str]:
    """At most three findings: of rows, of cells, of plain texts; with errors of scores, or where none are known."""
    return [line for line in (_of_rows(kept, errors_known), _of_cells(cells, errors_known), _of_texts(bits)) if line]


def _of_rows(kept: pd.DataFrame, errors_known: bool) -> str:
    """How many rows forget, and which keeps least."""
    told = kept.dropna(subset=["kept", "all_high"])
    if told.empty:
        near = "on no other target is base so far above a score that takes no ability as a mean over targets needs"
        why = near if errors_known else UNKNOWN
        return f"What a source keeps of base's abilities in all cannot be told: {why}" if len(kept) else ""
    least = told.loc[told["kept"].idxmin()]
    less = int((told["all_high"] < 1).sum())
    rows = counted(len(told), "source")
    whole = int((told["ci_low"] >= 0.95).sum())
    return (
        f"Less than all of base's abilities is kept by {less} of {rows}, all intervals together; surely at least 95 %"
        f" by {whole}, each by itself. {least['source']} keeps least: {_share(least)}"
        f" on {counted(int(least['targets']), 'target')}"
    )


def _of_cells(cells: pd.DataFrame, errors_known: bool) -> str:
    """In how many cells less is kept, the worst, and where it cannot be told."""
    tested = cells[cells["significant"].notna()]
    if tested.empty:
        return ""
    told = tested[tested["kept"].notna()]
    if told.empty:
        return ""
    less = told[told["significant"] & (told["score"] < told["base"])]
    unknown = sorted(set(tested["target"]) - set(told["target"]))
    line = (
        f"Cell by cell, less is kept in {len(less)} of {len(told)} off the diagonal where base is above a score that"
        f" takes no ability (of {counted(len(tested), 'cell')}, each with a test)"
    )
    if len(less):
        worst = less.loc[less["ci_high"].idxmin()]  # shares near 0 have limits far below
        line += f", least on {worst['source']} -> {worst['target']}: {_share(worst)}"
    if unknown:
        why = "base is too near to a score that takes no ability" if errors_known else UNKNOWN
        line += f"; not told on {listed(unknown, 4)}: {why}"
    return line


def _of_texts(bits: pd.DataFrame) -> str:
    """The largest change of bits per byte."""
    tested = bits[bits["significant"].notna()]
    if tested.empty:
        return ""
    worse = tested[tested["significant"] & (tested["change"] > 0)]
    most = tested.loc[tested["change"].idxmax()]
    limits = f"{most['ci_low']:+z.3f} to {most['ci_high']:+z.3f}"
    return (
        f"Plain texts take more bits per byte in {len(worse)} of {counted(len(tested), 'cell')}, most"
        f" {most['source']} -> {most['target']}: {most['change']:+z.3f} ({limits})"
    )


def _share(row: pd.Series) -> str:
    """71 % (64 to 78); 6 % (at most 64) where more may be lost than there was."""
    low, high = 100 * row["ci_low"], 100 * row["ci_high"]
    return f"{100 * row['kept']:.0f} % " + (f"(at most {high:.0f})" if low < -100 else f"({low:.0f} to {high:.0f})")
