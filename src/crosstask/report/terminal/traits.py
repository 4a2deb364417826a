"""The components in the terminal, each beside what noise gives, 100 columns wide."""

import pandas as pd
from rich.console import Console
from rich.table import Table

from crosstask.analysis.blocks import ComponentsBlock
from crosstask.report.terminal.plain_text import plain
from crosstask.report.terminal.tables import WIDTH, print_lines

_NUMBERS = ("explained_variance_ratio", "null_mean", "null_p95", "threshold")
_MOST = 10  # components printed besides those that are retained


def print_components(console: Console, block: ComponentsBlock) -> None:
    """Print first whether there is anything, then each component's share beside noise's, and names proposed."""
    console.print(plain(block.title, style="bold"), soft_wrap=True)
    for line in block.below:
        console.print(plain(line), soft_wrap=True)
    console.print(plain(f"Principal components: {block.caption}", style="bold"), soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("share", "noise", "95th", "needed", "p", "sum", "noise"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("largest loadings", no_wrap=True)
    rows = block.components.assign(sum=block.components["explained_variance_ratio"].cumsum())
    room = min(console.width, WIDTH) - len("PC10*  100.0  100.0  100.0  100.0  0.0005  100.0  100.0  ")
    shown = max(_MOST, int(rows["retained"].sum()))
    for row in rows.head(shown).to_dict("records"):
        numbers = [_percent(row[name]) for name in _NUMBERS]
        p = "" if pd.isna(row["p"]) else f"{row['p']:.2g}"
        name = row["component"] + ("*" if row["retained"] else "")
        largest = plain(_largest(block.loadings, row["component"], room))
        table.add_row(name, *numbers, p, _percent(row["sum"]), _percent(row["null_cumulative_mean"]), largest)
    console.print(table)
    print_lines(console, _lines(block, len(rows) - shown))


def _lines(block: ComponentsBlock, more: int) -> list[str]:
    """What the columns mean, the other rules, and the names proposed."""
    lines = [f"and {more} more in components.csv"] if more > 0 else []
    lines += [
        "share, sum: % of the variance; noise, 95th: mean and 95th percentile for noise of the same shape;",
        "needed, p: given the components before it; * distinguishable from noise",
        "components by rule: " + ", ".join(f"{row.rule} {row.retained}" for row in block.rules.itertuples()),
    ]
    for row in block.names[block.names["retained"]].itertuples():
        strongest = row.strongest or "no loading distinguishable from 0"
        lines.append(f"{row.component}, strongest: {strongest}; proposed name: {row.proposed or 'none'}")
    return [*lines, *block.lines]


def _percent(share: float) -> str:
    """One decimal, nothing for NaN."""
    return "" if pd.isna(share) else f"{100 * share:z.1f}"


def _largest(loadings: pd.DataFrame, component: str, room: int) -> str:
    """As many of the largest loadings as there is room for, e.g. ``+0.58 imdb, -0.24 gsm8k``."""
    if component not in loadings:
        return ""
    column = loadings[component]
    places = column.abs().to_numpy().argsort(kind="stable")[::-1][:4]
    parts = [f"{column.iloc[place]:+z.2f} {column.index[place]}" for place in places]
    while len(parts) > 1 and len(", ".join(parts)) > room:
        parts.pop()
    return ", ".join(parts)[:room]
