"""What the tests of features say, in lines."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from crosstask.analysis.linguistic.cell_families import CELL
from crosstask.analysis.wording import counted

CLEAREST, SHOWN = 2, 3
"""Most cells of which a line names the clearest feature; most features that it names where nothing was tested."""


def finding_lines(tests: pd.DataFrame, alpha: float) -> tuple[str, ...]:
    """Return what stands, with its interval; what cannot be told; and what a placebo finds.

    Parameters
    ----------
    tests : DataFrame
        Columns of ``FEATURE_TESTS``, and ``row``.
    alpha : float
        The level.
    """
    found = tests[tests["significant"].fillna(False).astype(bool)]
    tested = tests[tests["p"].notna()]
    cells, all_cells = (part.drop_duplicates(CELL) for part in (found, tests))
    lines = []
    if len(found):
        of = f"in {len(cells)} of {counted(len(all_cells), 'cell')} ({counted(len(tested), 'test')})"
        shown = found.assign(easy=found["ease_p"] <= alpha).sort_values(["easy", "q", "p"], kind="stable")
        clearest = "; ".join(_one(row) for row in shown.drop_duplicates(CELL).head(CLEAREST).to_dict("records"))
        lines.append(f"Examples that an adapter wins or loses differ in a feature {of}: {clearest}")
    without = len(tests) - len(tested)
    rare = f"; {without} of {counted(len(tests), 'test')} cannot be made, on too few examples" if without else ""
    untold = len(all_cells) - len(cells)
    names = _rare(tests[tests["p"].isna()]) if not len(tested) else ""
    lines.append(
        f"Whether features matter cannot be told in {untold} of {counted(len(all_cells), 'cell')}{rare}{names}"
    )
    if (placebo := tests[tests["placebo_p"].notna()]).size:
        least = placebo.groupby(["row", "target"], sort=False)["placebo_p"].min()
        hits = int((least <= alpha).sum())
        lines.append(
            "Placebo, which of two seeds of a source is right where they differ: a feature tells it at"
            f" p <= {alpha:g} in {hits} of {counted(len(least), 'pair')} of source and target ({100 * alpha:g} % are"
            " expected by chance)"
        )
    return tuple(lines)


def _one(row: dict[Hashable, Any]) -> str:
    """Say what one test found."""
    verb = {"won": "wins", "lost": "loses"}[str(row["outcome"])]
    more = "more" if row["verdict"] == "more" else "less"
    ratio, low, high = (f"{row[name]:.2g}" for name in ("odds_ratio", "ci_low", "ci_high"))
    limits = f"{ratio} ({low} to {high})" if pd.notna(row["ci_low"]) else "infinite" if more == "more" else "0"
    f1 = f", parser's F1 {row['f1']:.2f}" if row["f1"] == row["f1"] else ""
    easy = ", but so does one seed over another" if row["easy"] else ""
    above = f" above {row['above']:.3g}" if row["above"] else ""
    counts = f"{row['changed_with']:.3g} of {row['with']} with, {row['changed']:.3g} of {row['n']} in all"
    return (
        f"{row['source']} {verb} {more} on {row['target']} with {row['feature']}{above}, odds ratio"
        f" {limits}; {counts}{f1}{easy}"
    )


def _rare(tests: pd.DataFrame) -> str:
    """Name the features that changed most often where nothing can be tested."""
    most = tests.sort_values("changed_with", ascending=False, kind="stable").head(SHOWN)
    shown = ", ".join(f"{row['feature']} {row['changed_with']:.3g} of {row['with']}" for row in most.to_dict("records"))
    return f" (changed most often: {shown})" if shown else ""
