"""Donors and recipients: which sources give, which targets receive, and what is left that is particular to a pair.

Gains off home are fitted by least squares as

    gain = mean + donor (of the source) + recipient (of the target) + residual,

donors and recipients each summing to 0 (Tukey's two-way decomposition by means; "Donors and Recipients", arXiv
2511.13368, has the means alone). A source's own task is left out of the fit: it gains several times as much as
anything else and would make every source look like a donor.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.columns import DONORS, column_names
from crosstask.analysis.gain_tests import with_discoveries
from crosstask.analysis.inference import Inference
from crosstask.analysis.moderation import moderated
from crosstask.analysis.score_means import GainEvidence
from crosstask.analysis.variance_parts import Array, VarianceParts
from crosstask.errors import UserError


@dataclass(frozen=True)
class AdditiveModel:
    """The least-squares fit of one shape of matrix: it depends on which cells there are, not on their gains."""

    used: Array
    """Which cells are fitted, bool, (sources, targets)."""
    effects_of: Array
    """(1 + sources + targets, fitted cells): mean, donors and recipients as weighted sums of the gains."""

    def effects(self, gains: Array) -> Array:
        """Mean, donors, recipients of gains (..., sources, targets); shape (..., 1 + sources + targets)."""
        result: Array = gains[..., self.used] @ self.effects_of.T.astype(gains.dtype)
        return result

    def fitted(self, effects: Array) -> Array:
        """Mean + donor + recipient of every cell, also of those left out; shape (..., sources, targets)."""
        sources = self.used.shape[0]
        donors, recipients = effects[..., 1 : 1 + sources], effects[..., 1 + sources :]
        fit: Array = effects[..., :1, None] + donors[..., :, None] + recipients[..., None, :]
        return fit


def additive_model(used: Array) -> AdditiveModel:
    """The fit to the cells that are True.

    Raises
    ------
    UserError
        If donors and recipients cannot be told apart from these cells.

    Examples
    --------
    >>> model = additive_model(np.ones((2, 2), bool))
    >>> model.effects(np.array([[5.0, 3.0], [1.0, -1.0]])).tolist()
    [2.0, 2.0, -2.0, 1.0, -1.0]
    """
    (rows, columns), (row, column) = used.shape, np.nonzero(used)
    if min(rows, columns) > 1:
        expand = _sum_to_zero(rows, columns)
        design = expand[0] + expand[1 + row] + expand[1 + rows + column]
        squares = design.T @ design
        if np.linalg.matrix_rank(squares, hermitian=True) == len(squares):
            return AdditiveModel(used, expand @ np.linalg.solve(squares, design.T))
    raise UserError(f"{len(row)} gains of {rows} sources on {columns} targets do not tell donors from recipients")


def _sum_to_zero(rows: int, columns: int) -> Array:
    """All effects from the free ones: the last donor and the last recipient are minus the sum of the others."""
    expand = np.zeros((1 + rows + columns, rows + columns - 1))
    expand[0, 0] = 1
    expand[1:rows, 1:rows], expand[rows, 1:rows] = np.eye(rows - 1), -1
    expand[1 + rows : rows + columns, rows:], expand[rows + columns, rows:] = np.eye(columns - 1), -1
    return expand


def donors(evidence: GainEvidence, model: AdditiveModel, inference: Inference) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effects with their intervals, and what they leave.

    Parameters
    ----------
    evidence : GainEvidence
        Gains and what is known of their errors.
    model : AdditiveModel
        Of the shape of the gains.
    inference : Inference
        Level.

    Returns
    -------
    effects : DataFrame
        Columns ``DONORS``: donors, then recipients, in the order of the matrix. The intervals take the tasks as given:
        they are over test rows and, with several, seeds.
    residuals : DataFrame, shape (n_sources, n_targets)
        Gain less mean, donor and recipient; also for home cells, which were not fitted; NaN without a gain.
    """
    gains = evidence.gains
    values = np.nan_to_num(gains.to_numpy())
    effects = model.effects(values)
    weights = np.zeros((len(effects) - 1, *model.used.shape))
    weights[:, model.used] = model.effects_of[1:]
    rows = len(gains)
    tables = [
        _role("donor", gains.index, effects[1 : 1 + rows], evidence.sums(weights[:rows]), inference.alpha),
        _role("recipient", gains.columns, effects[1 + rows :], evidence.sums(weights[rows:]), inference.alpha),
    ]
    cells = np.concatenate([model.used.sum(axis=1), model.used.sum(axis=0)])
    table = pd.concat(tables, ignore_index=True).assign(cells=cells)
    residuals = gains - model.fitted(effects)
    return with_discoveries(table, table["role"], inference.alpha)[column_names(DONORS)], residuals


def _role(role: str, names: pd.Index, effects: Array, parts: VarianceParts, alpha: float) -> pd.DataFrame:
    """Effects of one role with their intervals, the variances between seeds moderated by each other."""
    parts = moderated(parts)
    half = parts.half_width(alpha)
    columns = {"effect": effects, "ci_low": effects - half, "ci_high": effects + half, "p": parts.p_value(effects)}
    return pd.DataFrame({"role": role, "name": names, **columns})
