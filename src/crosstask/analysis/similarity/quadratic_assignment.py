"""Do similarities explain transfer? Correlations of matrices, tested by permuting the names of data sets.

The cells of a matrix are not independent: each source and each target is in many of them. So the null distribution
comes from giving the data sets each other's names (the quadratic assignment procedure; Hubert & Schultz 1976, Mantel
1967), which leaves every dependence within a matrix as it is. Partial correlations are tested by double semi-partialing
(Dekker, Krackhardt & Snijders 2007): what the other measures say of a measure is taken off it before its names are
permuted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from crosstask.analysis.schema import column_names
from crosstask.analysis.similarity.columns import SIMILARITY_TESTS
from crosstask.analysis.statistics.multiple_testing import at_most, false_discovery_rates, with_discoveries
from crosstask.errors import UserError

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]
Renaming = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Order of the rows and order of the columns."""
FEWEST_CELLS, FEWEST_NAMES = 8, 3
"""Below these a correlation, or a permutation of names, says nothing."""
RANK = 1e-9
"""Relative size of what counts as rounding."""
_WORK, _ENOUGH = 20_000_000, 499
"""Cells, in all permutations, beyond which there are fewer of them; and how many there are in any case."""


@dataclass(frozen=True)
class SimilarityTest:
    """Rank correlation of each measure of similarity with the gains, alone and given all other measures.

    Home cells take no part. Where every target is the home of one source, sources and targets are renamed together
    (they are the same data sets), otherwise each by themselves. p-values are two-sided and count the observed
    arrangement among the permuted ones, so that none is 0; q-values are Benjamini and Hochberg's over the measures.

    Parameters
    ----------
    homes : mapping of str to str
        Home of each source whose own target has another name.
    draws : int
        Permutations. Of large matrices there are fewer, never fewer than 499 for that.
    alpha : float
        A correlation is significant if its q-value is at most alpha.
    seed : int
        Seed of the generator.
    """

    homes: Mapping[str, str]
    draws: int = 4999
    alpha: float = 0.05
    seed: int = 0

    def __call__(self, similarities: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
        """Test every measure.

        Parameters
        ----------
        similarities : DataFrame
            Columns ``SIMILARITIES``.
        gains : DataFrame, shape (n_sources, n_targets)
            As from `transfer_matrix.gains`; NaN where missing, which leaves the cell out.

        Returns
        -------
        DataFrame
            Columns ``SIMILARITY_TESTS``, one row per measure in their order. A measure that is defined in fewer than 8
            cells away from home, or the same in all of them, has NaN everywhere. The partial correlation is given the
            other measures that are defined everywhere; NaN for one that is not.

        Raises
        ------
        UserError
            If there are fewer than 3 sources or targets, whose names could hardly be permuted.
        """
        if min(gains.shape) < FEWEST_NAMES:
            raise UserError(
                f"similarity against transfer needs {FEWEST_NAMES} sources and {FEWEST_NAMES} targets; there are"
                f" {gains.shape[0]} and {gains.shape[1]}"
            )
        ranks = {str(name): _ranks(_matrix(rows, gains)) for name, rows in similarities.groupby("measure", sort=False)}
        cells = _away(gains, self.homes) & gains.notna().to_numpy()
        draws = min(self.draws, max(_ENOUGH, _WORK // gains.size))
        renamings = _renamings(gains, self.homes, draws, self.seed)
        y = _ranks(gains.to_numpy(float))
        rows = []
        for name, x in ranks.items():
            others = [other for key, other in ranks.items() if key != name and np.isfinite(other).all()]
            rows.append(
                {"measure": name, **_marginal(x, y, cells, renamings), **_partial(x, others, y, cells, renamings)}
            )
        frame = pd.DataFrame(rows)
        frame = with_discoveries(frame, pd.Series(0, frame.index), self.alpha)
        partial_q = pd.Series(false_discovery_rates(frame["partial_p"]), frame.index)
        frame = frame.assign(partial_q=partial_q, partial_significant=at_most(partial_q, self.alpha))
        return frame[column_names(SIMILARITY_TESTS)]


def _marginal(x: Vector, y: Vector, cells: Mask, renamings: Sequence[Renaming]) -> dict[str, float]:
    """Return the correlation of two matrices of ranks, what renaming makes of it, and its p-value."""
    found = {"cells": float((cells & np.isfinite(x)).sum())}
    if not _varies(x, cells):
        return found | dict.fromkeys(("correlation", "null_low", "null_high", "p"), float("nan"))
    observed = _correlation(x, y, cells)
    null = np.array([_correlation(x[np.ix_(*renaming)], y, cells) for renaming in renamings])
    low, high = np.percentile(null, [2.5, 97.5])
    return found | {"correlation": observed, "null_low": low, "null_high": high, "p": _p_value(observed, null)}


def _partial(
    x: Vector, others: Sequence[Vector], y: Vector, cells: Mask, renamings: Sequence[Renaming]
) -> dict[str, float]:
    """Return the correlation of what the other measures leave of both matrices, and its p-value."""
    if not others or not np.isfinite(x).all() or not _varies(x, cells):
        return {"partial": float("nan"), "partial_p": float("nan")}
    everywhere = np.stack([np.ones_like(x), *others], axis=-1)
    basis = np.linalg.svd(everywhere[cells], full_matrices=False)
    spanned = basis.U[:, RANK * basis.S[0] < basis.S]
    own = x - everywhere @ np.linalg.lstsq(everywhere[cells], x[cells], rcond=RANK)[0]
    left_of_y = _without(y[cells], spanned)
    if own[cells].std() <= RANK * x[cells].std():  # the others say all of it
        return {"partial": float("nan"), "partial_p": float("nan")}
    observed = _pearson(own[cells], left_of_y)
    null = [_pearson(_without(own[np.ix_(*renaming)][cells], spanned), left_of_y) for renaming in renamings]
    return {"partial": observed, "partial_p": _p_value(observed, np.array(null))}


def _matrix(rows: pd.DataFrame, gains: pd.DataFrame) -> Vector:
    """Return one measure in the shape of the gains."""
    return rows.pivot(index="source", columns="target", values="similarity").reindex_like(gains).to_numpy(float)


def _ranks(matrix: Vector) -> Vector:
    """Return the ranks of a matrix's entries among all of them; NaN stays."""
    return rankdata(matrix, nan_policy="omit").reshape(matrix.shape)


def _away(gains: pd.DataFrame, homes: Mapping[str, str]) -> Mask:
    """Return which cells are not a source on its own task."""
    return np.array([[homes.get(s, s) != t for t in gains.columns] for s in gains.index])


def _renamings(gains: pd.DataFrame, homes: Mapping[str, str], draws: int, seed: int) -> list[Renaming]:
    """Return orders of rows and columns; those of the columns follow the rows where they are the same data sets."""
    own = [homes.get(source, source) for source in gains.index]
    paired = sorted(own) == sorted(gains.columns)
    place = np.array([gains.columns.get_loc(name) for name in own]) if paired else None
    chance = np.random.default_rng(seed)
    renamings = []
    for _ in range(draws):
        rows = chance.permutation(gains.shape[0])
        columns = chance.permutation(gains.shape[1]) if place is None else place[rows][np.argsort(place)]
        renamings.append((rows, columns))
    return renamings


def _varies(x: Vector, cells: Mask) -> bool:
    """Tell whether a measure has enough different values to be correlated with anything."""
    values = x[cells & np.isfinite(x)]
    return len(values) >= FEWEST_CELLS and values.std() > 0


def _correlation(x: Vector, y: Vector, cells: Mask) -> float:
    """Return the correlation over those cells where x has a value."""
    defined = cells & np.isfinite(x)
    return _pearson(x[defined], y[defined])


def _pearson(x: Vector, y: Vector) -> float:
    """Return the correlation of two vectors; 0 where one does not vary."""
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else 0.0


def _without(values: Vector, spanned: Vector) -> Vector:
    """Return what an orthonormal basis leaves of values."""
    return values - spanned @ (spanned.T @ values)


def _p_value(observed: float, null: Vector) -> float:
    """Return the share of arrangements at least as extreme as the observed one, which is one of them."""
    return float((1 + (np.abs(null) >= abs(observed) - 1e-12).sum()) / (1 + len(null)))
