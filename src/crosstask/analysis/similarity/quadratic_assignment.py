"""Do similarities explain transfer? Correlations of what is particular to pairs, tested by renaming data sets.

A source that helps everything and is like everything makes similarity and gains agree without any pair that does. So
effects of sources and of targets are taken off both, and pairs are left. With X the ranks of a similarity, Y the gains
with sources and targets at one spread (`even_residuals`), M x the residual of x after the additive model (`additive`),
and permutations pi of the rows and sigma of the columns ::

    r       =  corr(M X, M Y)                          over the cells off the diagonal
    r*      =  corr(M (M X)[pi(i), sigma(j)], M Y)     over the same cells
    p       =  (1 + #{|r*| >= |r|})  /  (1 + permutations)

The cells of a matrix are not independent: each source and each target is in many of them. Permuting the labels of the
data sets leaves every dependence within a matrix as it is (the Mantel test or quadratic assignment procedure, QAP:
Mantel 1967, "The detection of disease clustering and a generalized regression approach"; Hubert and Schultz 1976,
"Quadratic assignment as a general data analysis strategy"). The observed arrangement is one of those counted, so that
no p is 0. A pair of which a measure says nothing counts as one of which effects of source and target say all.

Partial correlations are tested by double semi-partialing: M takes off the other measures as well. Only what they leave
of a measure is permuted, and they are taken off again: permuting all of it would break its relation to them, and a
relation of theirs to Y alone could pass for one of X (Dekker, Krackhardt and Snijders 2007, "Sensitivity of MRQAP tests
to collinearity and autocorrelation conditions", doi:10.1007/s11336-007-9016-1; effects of sources and targets are
taken off in the same way and for the same reason).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.even_residuals import even_residuals
from crosstask.analysis.matrix.pairs import Mask, Pairs, label_orders, own_pairs, varies
from crosstask.analysis.schema import column_names
from crosstask.analysis.similarity.columns import SIMILARITY_TESTS
from crosstask.analysis.statistics.multiple_testing import at_most, false_discovery_rates, with_discoveries
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.errors import UserError

FEWEST_CELLS, FEWEST_LABELS = 8, 3
"""Below these a correlation, or a permutation of labels, says nothing."""
_TESTED, _PARTIAL = ("correlation", "null_low", "null_high", "p"), ("partial", "partial_p")
_CELL_BUDGET, _FEWEST_PERMUTATIONS = 20_000_000, 499
"""Cells, in all permutations, beyond which there are fewer of them; and how many there are in any case."""


@dataclass(frozen=True)
class SimilarityTest:
    """Correlation of each measure of similarity with the gains, pair by pair, alone and given all other measures.

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
        cells = _off_diagonal(gains, self.homes) & gains.notna().to_numpy()
        try:
            model = additive_model(cells)
        except UserError:  # the notes on gains say why; here the same words would come again
            raise UserError("similarity is not tested: donors and recipients must come off first, see above") from None
        orders, paired = label_orders(gains, self.homes, self._count(gains.size), self.seed)
        even = even_residuals(gains.to_numpy(float), cells, slopes=False)
        pairs = Pairs(model, model.left(even.values), orders)
        # Where both are renamed together the diagonal stays the diagonal.
        reached = cells if paired else np.ones(cells.shape, bool)
        measured = {str(name): _matrix(rows, gains) for name, rows in similarities.groupby("measure", sort=False)}
        own = {name: own_pairs(matrix, reached) for name, matrix in measured.items()}
        rows = []
        for name, matrix in measured.items():
            known = float((cells & np.isfinite(matrix)).sum())
            row: dict[str, object] = {"measure": name, "cells": known}
            if known < FEWEST_CELLS or not varies(own[name], cells):
                rows.append(row)
                continue
            others = [own[key] for key, other in measured.items() if key != name and np.isfinite(other[reached]).all()]
            rows.append(row | self._tested(own[name], pairs))
            if others and np.isfinite(matrix[reached]).all():
                rows[-1] |= self._partial(own[name], np.stack(others), pairs)
        frame = pd.DataFrame(rows, columns=["measure", "cells", *_TESTED, *_PARTIAL])
        frame = with_discoveries(frame, pd.Series(0, frame.index), self.alpha)
        partial_q = pd.Series(false_discovery_rates(frame["partial_p"]), frame.index)
        frame = frame.assign(partial_q=partial_q, partial_significant=at_most(partial_q, self.alpha))
        return frame[column_names(SIMILARITY_TESTS)]

    def _count(self, cells: int) -> int:
        """Permutations: fewer of large matrices."""
        return min(self.permutations, max(_FEWEST_PERMUTATIONS, _CELL_BUDGET // cells))

    def _tested(self, x: Array, pairs: "Pairs") -> dict[str, object]:
        """Return the correlation, what permutations give of it, and its p-value."""
        observed, null = pairs.correlations(x, np.zeros((0, *x.shape)))
        low, high = np.percentile(null, [50 * self.alpha, 100 - 50 * self.alpha])
        return dict(zip(_TESTED, (observed, float(low), float(high), _p_value(observed, null)), strict=True))

    @staticmethod
    def _partial(x: Array, others: Array, pairs: "Pairs") -> dict[str, object]:
        """Return the correlation of what the other measures leave, and its p-value; nothing where they say all."""
        observed, null = pairs.correlations(x, others)
        return {} if np.isnan(observed) else {"partial": observed, "partial_p": _p_value(observed, null)}


def _matrix(rows: pd.DataFrame, gains: pd.DataFrame) -> Array:
    """Return one measure in the shape of the gains."""
    return rows.pivot(index="source", columns="target", values="similarity").reindex_like(gains).to_numpy(float)


def _off_diagonal(gains: pd.DataFrame, homes: Mapping[str, str]) -> Mask:
    """Return which cells are not a source on its own task."""
    return np.array([[homes.get(s, s) != t for t in gains.columns] for s in gains.index])


def _p_value(observed: float, null: Array) -> float:
    """Return the share of arrangements at least as extreme as the observed one, which is one of them."""
    # A permutation that leaves all as it is, or an equivalent one, differs by rounding and must count.
    return float((1 + (np.abs(null) >= abs(observed) - 1e-12).sum()) / (1 + len(null)))
