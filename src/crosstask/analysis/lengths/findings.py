"""What lengths say in a terminal, in a line each."""

import pandas as pd

from crosstask.analysis.wording import counted


def lines(table: pd.DataFrame, shifts: pd.DataFrame, carried: pd.DataFrame) -> list[str]:
    """At most three findings: over cells, of cells, of cut answers."""
    return [line for line in (_carried(carried), _nearer(shifts), _cut(table)) if line]


def _carried(carried: pd.DataFrame) -> str:
    """Whether sources with long answers make answers long."""
    if carried.empty:
        return ""
    row = carried.iloc[0]
    line = (
        f"Of the log length ({row['unit']}) of what a source trains on, answers to other tasks take over"
        f" {row['coefficient']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f}; p = {row['p']:.2g},"
        f" {counted(int(row['number']), 'source')})"
    )
    return line if row["ci_low"] > 0 or row["ci_high"] < 0 else f"{line}: whether they take over any cannot be told"


def _nearer(shifts: pd.DataFrame) -> str:
    """In how many cells lengths move to the source's, and how far where that can be told."""
    tested = shifts[shifts["p"].notna()]
    if tested.empty:
        return ""
    found = tested[tested["significant"].fillna(False).astype(bool)]
    to, away = int((found["nearer"] < 0).sum()), int((found["nearer"] > 0).sum())
    line = (
        f"Answers are nearer to the source's lengths than base's in {to} of {counted(len(tested), 'cell')}, further"
        f" from them in {away}"
    )
    told = tested[tested["verdict"] == "identified"]
    if told.empty:
        return f"{line}; lengths of base and source agree too well to tell how far"
    between = int(((told["ci_low"] > 0) & (told["ci_high"] < 1)).sum())
    return (
        f"{line}; of {len(told)} where base and source differ enough {between} lie between both (median coefficient"
        f" {told['coefficient'].median():.2f})"
    )


def _cut(table: pd.DataFrame) -> str:
    """In how many cells too many answers are cut."""
    cells = table.groupby(["source", "target"])["cut"].max()
    many = int((cells > 0.05).sum())
    if not many:
        return ""
    which = f"In {many} of {counted(len(cells), 'cell')} with generated answers"
    return f"{which} more than 5 % of them are cut: no mean length, no coefficient"
