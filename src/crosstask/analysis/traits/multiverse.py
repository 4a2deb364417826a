"""The same question under other choices: how many components each way through the analysis retains.

Home cells in or out, the base model in or out, residuals with slopes of targets, with bends or without either, or
scores, one scale or another, one statistic or another: a trait that is there under one choice only is a trait of that
choice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import MULTIVERSE
from crosstask.analysis.traits.noise_tests import noise_tests_by
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.options import BaseRow, Matrix, Missing, Scale
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.sequential_tests import dispersion_then_share, share_of_rest
from crosstask.errors import UserError

STATISTICS = {"dispersion": dispersion_then_share, "largest share": share_of_rest}
"""What PC1 is tested by; those after it are tested by the largest share in any case."""
EVEN = "one spread"
"""Rows and columns alike."""
_RESPONSES: Mapping[str, Callable[[Residuals], Residuals]] = {
    "residuals with bends": lambda data: data.bending,
    "residuals without slopes": lambda data: replace(data, slopes=False),
}
_FEWEST_AT_MOST = 9_999
"""Draws of noise that a level may need: for one in a million they would take days."""
Choice = tuple[str, str, str, str, str]
"""Matrix, home, base, scale, statistic."""
_WORK = 8e5  # multiplications, about, for the noise of one component, after which there is less of it


def multiverse(
    matrix: pd.DataFrame,
    home: pd.DataFrame,
    alpha: float,
    most: int = 99,
    seeds: pd.DataFrame | None = None,
    counted_with: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Count the components that every combination of choices retains.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`, a row for each source and one for the base model if there is one.
    home : DataFrame of bool
        As from `home_cells`, of the same shape.
    alpha : float
        Level of the tests.
    most : int
        Matrices of noise per component, of each null; fewer for large matrices.
    seeds : DataFrame, optional
        As from `seed_scores`: what rows are means over; without it rows are taken to be exact.
    counted_with : mapping of str to str, optional
        Source that takes no part -> the one that stands for it, as of `find_twins`.

    Returns
    -------
    DataFrame
        Columns ``MULTIVERSE``; a combination that cannot be analyzed retains nothing that is known.
    """
    work, fewest = matrix.size * min(matrix.shape), np.ceil(1 / alpha - 1e-9) - 1
    draws = int(max(fewest, min(most, _WORK / work)))
    rows: list[tuple[object, ...]] = []
    for choices, data in _combinations(matrix, home, seeds, dict(counted_with or {})):
        if data is None or fewest > _FEWEST_AT_MOST:
            rows += [(*choices, name, None) for name in STATISTICS]
            continue
        every = noise_tests_by(data, draws, alpha, list(STATISTICS.values()))
        for name, tests in zip(STATISTICS, every, strict=True):
            rows.append((*choices, name, min(test.retained for test in tests.values())))
    return pd.DataFrame(rows, columns=column_names(MULTIVERSE)).astype({"retained": "Int64"})


def _combinations(
    matrix: pd.DataFrame, home: pd.DataFrame, seeds: pd.DataFrame | None, counted_with: Mapping[str, str]
) -> Iterator[tuple[tuple[str, str, str, str], Observations | Residuals | None]]:
    """Every combination of choices, the statistic aside, and what it decomposes; None where it has nothing to."""
    nowhere = pd.DataFrame(False, matrix.index, matrix.columns)
    for where, cells in (("out", home), ("in", nowhere)):
        by_scale = [
            (scale, _residuals(matrix, cells, seeds, scale == EVEN, counted_with)) for scale in (EVEN, "targets alone")
        ]
        for scale, data in by_scale:
            yield (Matrix.residuals.value, where, "out", scale), data
        for name, respond in _RESPONSES.items() if where == "out" else ():
            for scale, data in by_scale:
                yield (name, where, "out", scale), None if data is None else respond(data)
    scored = matrix.drop(index=list(counted_with))
    for where in ("in", "out"):
        scores = scored if where == "in" else scored.mask(home.drop(index=list(counted_with)))
        for base in (BaseRow.included, BaseRow.excluded):
            for scale in (Scale.zscore, Scale.none):
                named = Matrix.scores.value, where, "in" if base == BaseRow.included else "out", scale.value
                yield named, _scores(scores, base, scale, seeds)


def _residuals(
    matrix: pd.DataFrame,
    home: pd.DataFrame,
    seeds: pd.DataFrame | None,
    even_rows: bool,
    counted_with: Mapping[str, str],
) -> Residuals | None:
    try:
        return residuals(matrix, home, seeds, even_rows, counted_with)
    except UserError:
        return None


def _scores(matrix: pd.DataFrame, base: BaseRow, scale: Scale, seeds: pd.DataFrame | None) -> Observations | None:
    missing = Missing.impute if matrix.isna().to_numpy().any() else Missing.drop
    try:
        return observations(matrix, scale, base, missing, seeds=seeds)
    except UserError:
        return None


def with_verdict(table: pd.DataFrame, chosen: Choice, retained: int) -> pd.DataFrame:
    """The table with the number of components that the analysis itself retains, by more draws, where it is a row."""
    same = np.logical_and.reduce(
        [table[name] == value for name, value in zip(column_names(MULTIVERSE)[:-1], chosen, strict=True)]
    )
    return table.assign(retained=table["retained"].mask(pd.Series(same, table.index), retained))


def multiverse_lines(table: pd.DataFrame) -> list[str]:
    """The table in a few lines: a row for each matrix, home cells and base, the scales and statistics beside it.

    None where no residuals have components: of so small a table scores say nothing either.
    """
    if table.loc[table["matrix"] != Matrix.scores.value, "retained"].isna().all():
        return []
    lines = ["components by other choices, PC1 tested by dispersion/largest share of fewer draws:"]
    for (matrix, home, base), rows in table.groupby(["matrix", "home", "base"], sort=False):
        if rows["retained"].isna().all():
            continue
        by_scale = [
            f"{scale} {'/'.join('-' if pd.isna(count) else str(count) for count in found['retained'])}"
            for scale, found in rows.groupby("scale", sort=False)
        ]
        lines.append(f"  {matrix}, home cells {home}, base {base}: {', '.join(by_scale)}")
    return lines
