"""Do similarities explain transfer? Correlations of matrices, tested by permuting the labels of data sets.

The cells of a matrix are not independent: each source and each target is in many of them. So the null distribution
comes from permuting the labels of the data sets, which leaves every dependence within a matrix as it is. With X the
ranks of a similarity, Y those of the gains, and permutations pi of the rows and sigma of the columns ::

    r       =  corr(X[i, j], Y[i, j])                  over the cells off the diagonal
    r*      =  corr(X[pi(i), sigma(j)], Y[i, j])       over the same cells
    p       =  (1 + #{|r*| >= |r|})  /  (1 + permutations)

(the Mantel test or quadratic assignment procedure, QAP: Mantel 1967, "The detection of disease clustering and a
generalized regression approach"; Hubert and Schultz 1976, "Quadratic assignment as a general data analysis strategy").
The observed arrangement is one of those counted, so that no p is 0.

Partial correlations are tested by double semi-partialing. With Z the other measures, and the residuals of least-squares
fits to Z over the cells ::

    E        =  X  -  fit of X to Z
    partial  =  corr(E, Y - fit of Y to Z)
    null     =  corr(P - fit of P to Z, Y - fit of Y to Z),      P  =  E[pi(i), sigma(j)]

(Dekker, Krackhardt and Snijders 2007, "Sensitivity of MRQAP tests to collinearity and autocorrelation conditions",
doi:10.1007/s11336-007-9016-1). Only what the others leave of a measure is permuted: permuting all of it would break its
relation to Z as well, and a relation of Z to Y alone could pass for one of X. Their statistic is Student's t of the
regression, of which the partial correlation is a monotone function.
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
Permutation = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Order of the rows and order of the columns."""
FEWEST_CELLS, FEWEST_LABELS = 8, 3
"""Below these a correlation, or a permutation of labels, says nothing."""
RANK = 1e-9
"""Relative size of what counts as rounding."""
_CELL_BUDGET, _FEWEST_PERMUTATIONS = 20_000_000, 499
"""Cells, in all permutations, beyond which there are fewer of them; and how many there are in any case."""


@dataclass(frozen=True)
class SimilarityTest:
    """Rank correlation of each measure of similarity with the gains, alone and given all other measures.

    Cells on a source's own task take no part. Where every target is the own task of one source, the labels of sources
    and targets are permuted together (they are the same data sets), otherwise each by themselves. p-values are
    two-sided; q-values are Benjamini and Hochberg's over the measures.

    Parameters
    ----------
    homes : mapping of str to str
        Own task of each source whose task has another name.
    permutations : int
        Label permutations. Of large matrices there are fewer, never fewer than 499 for that.
    alpha : float
        A correlation is significant if its q-value is at most alpha.
    seed : int
        Seed of the generator.
    """

    homes: Mapping[str, str]
    permutations: int = 4999
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
            cells off the diagonal, or the same in all of them, has NaN everywhere. The partial correlation is given the
            other measures that are defined everywhere; NaN for one that is not.

        Raises
        ------
        UserError
            If there are fewer than 3 sources or targets, whose labels could hardly be permuted.
        """
        if min(gains.shape) < FEWEST_LABELS:
            raise UserError(
                f"similarity against transfer needs {FEWEST_LABELS} sources and {FEWEST_LABELS} targets; there are"
                f" {gains.shape[0]} and {gains.shape[1]}"
            )
        ranks = {str(name): _ranks(_matrix(rows, gains)) for name, rows in similarities.groupby("measure", sort=False)}
        cells = _off_diagonal(gains, self.homes) & gains.notna().to_numpy()
        count = min(self.permutations, max(_FEWEST_PERMUTATIONS, _CELL_BUDGET // gains.size))
        permutations = _label_permutations(gains, self.homes, count, self.seed)
        y = _ranks(gains.to_numpy(float))
        rows = []
        for name, x in ranks.items():
            others = [other for key, other in ranks.items() if key != name and np.isfinite(other).all()]
            rows.append(
                {"measure": name, **_marginal(x, y, cells, permutations), **_partial(x, others, y, cells, permutations)}
            )
        frame = pd.DataFrame(rows)
        frame = with_discoveries(frame, pd.Series(0, frame.index), self.alpha)
        partial_q = pd.Series(false_discovery_rates(frame["partial_p"]), frame.index)
        frame = frame.assign(partial_q=partial_q, partial_significant=at_most(partial_q, self.alpha))
        return frame[column_names(SIMILARITY_TESTS)]


def _marginal(x: Vector, y: Vector, cells: Mask, permutations: Sequence[Permutation]) -> dict[str, float]:
    """Return the correlation of two matrices of ranks, 95 % of its null distribution, and its p-value."""
    found = {"cells": float((cells & np.isfinite(x)).sum())}
    if not _varies(x, cells):
        return found | dict.fromkeys(("correlation", "null_low", "null_high", "p"), float("nan"))
    observed = _correlation(x, y, cells)
    # The cells are those of the gains and stay where they are; where labels are permuted each by themselves, a
    # similarity of the diagonal may come into one of them, and one that is not defined leaves it out.
    null = np.array([_correlation(x[np.ix_(*permutation)], y, cells) for permutation in permutations])
    low, high = np.percentile(null, [2.5, 97.5])
    return found | {"correlation": observed, "null_low": low, "null_high": high, "p": _p_value(observed, null)}


def _partial(
    x: Vector, others: Sequence[Vector], y: Vector, cells: Mask, permutations: Sequence[Permutation]
) -> dict[str, float]:
    """Return the correlation of what the other measures leave of both matrices, and its p-value."""
    if not others or not np.isfinite(x).all() or not _varies(x, cells):
        return {"partial": float("nan"), "partial_p": float("nan")}
    everywhere = np.stack([np.ones_like(x), *others], axis=-1)  # Z with a constant, (sources, targets, 1 + others)
    # An orthonormal basis of what Z spans over the cells makes each of the thousands of fits two products; directions
    # that are nothing but rounding, of measures that say the same, are left out.
    basis = np.linalg.svd(everywhere[cells], full_matrices=False)
    spanned = basis.U[:, RANK * basis.S[0] < basis.S]
    # Fitted over the cells but taken off everywhere: a permutation may bring any entry into a cell.
    own = x - everywhere @ np.linalg.lstsq(everywhere[cells], x[cells], rcond=RANK)[0]
    left_of_y = _residual(y[cells], spanned)
    if own[cells].std() <= RANK * x[cells].std():  # the others say all of it
        return {"partial": float("nan"), "partial_p": float("nan")}
    observed = _pearson(own[cells], left_of_y)
    permuted = (own[np.ix_(*permutation)][cells] for permutation in permutations)
    null = [_pearson(_residual(values, spanned), left_of_y) for values in permuted]
    return {"partial": observed, "partial_p": _p_value(observed, np.array(null))}


def _matrix(rows: pd.DataFrame, gains: pd.DataFrame) -> Vector:
    """Return one measure in the shape of the gains."""
    return rows.pivot(index="source", columns="target", values="similarity").reindex_like(gains).to_numpy(float)


def _ranks(matrix: Vector) -> Vector:
    """Return the ranks of a matrix's entries among all of them; NaN stays."""
    return rankdata(matrix, nan_policy="omit").reshape(matrix.shape)


def _off_diagonal(gains: pd.DataFrame, homes: Mapping[str, str]) -> Mask:
    """Return which cells are not a source on its own task."""
    return np.array([[homes.get(s, s) != t for t in gains.columns] for s in gains.index])


def _label_permutations(gains: pd.DataFrame, homes: Mapping[str, str], count: int, seed: int) -> list[Permutation]:
    """Return orders of rows and columns; those of the columns follow the rows where they are the same data sets."""
    own = [homes.get(source, source) for source in gains.index]
    paired = sorted(own) == sorted(gains.columns)
    place = np.array([gains.columns.get_loc(name) for name in own]) if paired else None
    generator = np.random.default_rng(seed)
    permutations = []
    for _ in range(count):
        rows = generator.permutation(gains.shape[0])
        # place[i] is the column of the own task of row i. If row i gets row pi(i), column place[i] must get column
        # place[pi(i)]; argsort inverts a permutation, and puts these in the order of the columns.
        columns = generator.permutation(gains.shape[1]) if place is None else place[rows][np.argsort(place)]
        permutations.append((rows, columns))
    return permutations


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


def _residual(values: Vector, spanned: Vector) -> Vector:
    """Return the residual of values after projection on an orthonormal basis."""
    return values - spanned @ (spanned.T @ values)


def _p_value(observed: float, null: Vector) -> float:
    """Return the share of arrangements at least as extreme as the observed one, which is one of them."""
    # A permutation that leaves all as it is, or an equivalent one, differs by rounding and must count.
    return float((1 + (np.abs(null) >= abs(observed) - 1e-12).sum()) / (1 + len(null)))
