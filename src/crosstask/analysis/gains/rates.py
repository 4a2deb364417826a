"""How often a source helps or harms, and how often a target is helped or harmed."""

import pandas as pd

from crosstask.analysis.gains.structure_columns import RATES
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.proportions import wilson


def rates(gains: pd.DataFrame, ceiling: float | pd.Series, alpha: float = 0.05) -> pd.DataFrame:
    """Win and harm rates off the diagonal, as "Donors and Recipients" (arXiv:2511.13368) counts them.

    Over the cells of a source, or of a target, that are not on a source's own task ::

        win rate   =  share of cells with gain > 0
        harm rate  =  share of cells with gain < -0.01 ceiling

    Parameters
    ----------
    gains : DataFrame
        Columns ``GAINS_LONG``; missing cells are in neither count.
    ceiling : float or Series
        Score of a perfect model, or of each target: a percentage point is a hundredth of it. NaN for scores without
        one.
    alpha : float
        1 minus the level of the Wilson intervals, which take the tasks for a sample of tasks.

    Returns
    -------
    DataFrame
        Columns ``RATES``: sources, then targets, in the order of the gains.
    """
    off_diagonal = gains[~gains["home"]]
    sides = [_counts(off_diagonal, side, list(gains[side].unique()), ceiling) for side in ("source", "target")]
    table = pd.concat(sides, ignore_index=True)
    for name in ("win", "harm"):
        low, high = wilson(table[f"{name}_rate"], table["cells"], alpha)
        table[f"{name}_low"], table[f"{name}_high"] = low, high
    return table[column_names(RATES)]


def _counts(cells: pd.DataFrame, side: str, order: list[str], ceiling: float | pd.Series) -> pd.DataFrame:
    """Rates and counts of each source, or of each target."""
    # Without a known ceiling a percentage point is not defined.
    best = (
        cells["target"].map(ceiling).astype(float)
        if isinstance(ceiling, pd.Series)
        else pd.Series(ceiling, cells.index)
    )
    harmed = (cells["gain"] < -0.01 * best).astype(float).where(best.notna())
    significant = cells["significant"]
    marked = cells.assign(
        win_rate=(cells["gain"] > 0).astype(float),
        harm_rate=harmed,
        better=(significant & (cells["gain"] > 0)).mask(significant.isna()).astype("Int64"),
        worse=(significant & (cells["gain"] < 0)).mask(significant.isna()).astype("Int64"),
    )
    groups = marked.groupby(pd.Categorical(marked[side], order), observed=True)
    table = groups[["win_rate", "harm_rate"]].mean()
    counts = groups[["better", "worse"]].sum(min_count=1)  # missing, not 0, where no cell was tested
    return table.join(counts).assign(cells=groups.size(), side=side).rename_axis("name").reset_index()
