"""Statistics of runs beside those of the base model, and what changed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array

Statistics = tuple[Array, Array]
"""Values, (runs, k), and what each example adds to them, (runs, n, k), see `crossed_parts`; rows as those of the
target."""


def levels(target: ClosedTarget, names: Sequence[str], statistics: Statistics) -> Estimates:
    """The statistics of all runs."""
    places = [place for runs in target.runs for place in runs.places]
    values, influence = statistics
    return Estimates(target.name, tuple(names), target.runs, values[places], influence[places])


def changes(
    target: ClosedTarget, names: Sequence[str], statistics: Statistics, strata: NDArray[np.intp] | None = None
) -> Estimates:
    """The statistics of all runs that have a base model, less its own on the same examples."""
    places, bases = target.against_base()
    values, influence = statistics
    return Estimates(
        target.name,
        tuple(names),
        tuple(target.tuned),
        values[places] - values[bases],
        influence[places] - influence[bases],
        strata,
    )


def beside_base(
    of_levels: Sequence[Estimates],
    of_changes: Sequence[Estimates],
    settings: Sequence[str],
    alpha: float,
    tests: bool = True,
) -> pd.DataFrame:
    """One row per run, or mean over seeds, and statistic.

    Returns
    -------
    DataFrame
        Columns ``source``, ``target``, ``seed``, ``seeds``, ``name``, ``value`` with ``ci_low`` and ``ci_high``,
        ``base``, ``change`` with ``change_low``, ``change_high`` and ``p`` against none, ``n``, and those of the
        settings; ``seeds_half`` and ``change_seeds_half`` as in `crossed_table`. What is about base is NaN in its rows.
    """
    keys = ["source", "target", "seed", "seeds", "name", *settings]
    found = crossed_table(of_levels, settings, alpha, tests=False).drop(columns="p")
    named = {"value": "change", "ci_low": "change_low", "ci_high": "change_high", "seeds_half": "change_seeds_half"}
    changed = crossed_table(of_changes, settings, alpha, tests).drop(columns="n").rename(columns=named)
    table = found.merge(changed.astype(found[keys].dtypes), on=keys, how="left")
    table.insert(table.columns.get_loc("change"), "base", table["value"] - table["change"])
    return table


def of_cells(table: pd.DataFrame, settings: Sequence[str]) -> pd.Series:
    """Whether a row stands for its cell: the mean over seeds where there is one, else the only run."""
    most = table.groupby(["source", "target", *settings], dropna=False)["seeds"].transform("max")
    return (table["seeds"] == most) & (table["seed"].isna() | (table["seeds"] == 1))


def tested(table: pd.DataFrame, settings: Sequence[str], alpha: float) -> pd.DataFrame:
    """Add ``q`` and ``significant`` to the rows that stand for their cells; NaN of single seeds among several.

    Cells off the diagonal are one family, those on it (``home``) another.
    """
    corrected = with_discoveries(table.assign(p=table["p"].where(of_cells(table, settings))), table["home"], alpha)
    return corrected.assign(p=table["p"])
