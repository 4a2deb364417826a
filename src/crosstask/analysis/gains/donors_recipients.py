"""Donors, recipients and residuals: which sources give, which targets receive, and what is particular to a pair.

Gains off the diagonal are fitted by least squares as ::

    gain  =  mean + donor (of the source) + recipient (of the target) + residual

donors and recipients each summing to 0 ("Donors and Recipients", arXiv:2511.13368, has the means alone). A source's own
task is left out of the fit: it gains several times as much as anything else and would make every source look like a
donor.
"""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.gains.columns import DONORS, RESIDUALS_LONG
from crosstask.analysis.gains.effect_parts import EffectParts
from crosstask.analysis.gains.shrinkage import shrunken_effects
from crosstask.analysis.matrix.additive_model import AdditiveModel
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

_CERTAIN = 1e-9
"""Variance of an answer below which a score is 0 or 1, but for rounding."""


def donors(evidence: GainEvidence, parts: EffectParts, inference: Inference) -> pd.DataFrame:
    """Donors and recipients with their intervals and tests.

    Parameters
    ----------
    evidence : GainEvidence
        Gains and what is known of their errors.
    parts : EffectParts
        The additive model with the parts of its variances.
    inference : Inference
        Level.

    Returns
    -------
    DataFrame
        Columns ``DONORS``: donors, then recipients, in the order of the matrix; no recipients without a base model,
        since gains over the mean of a target sum to 0. The intervals take the tasks as given: they are over test rows
        and, with several, seeds.
    """
    gains, model = evidence.gains, parts.model
    effects, rows = model.effects(gains.to_numpy()), len(gains)
    of_sources, of_targets = model.used.sum(axis=1), model.used.sum(axis=0)
    tables = [_role("donor", gains.index, effects[1 : 1 + rows], parts.donors, of_sources, inference.alpha)]
    if evidence.over == "base":
        recipients = effects[1 + rows :]
        tables.append(_role("recipient", gains.columns, recipients, parts.recipients, of_targets, inference.alpha))
    table = pd.concat(tables, ignore_index=True)
    return with_discoveries(table, table["role"], inference.alpha)[column_names(DONORS)]


def _role(
    role: str, names: pd.Index, effects: Array, parts: VarianceParts, cells: NDArray[np.int_], alpha: float
) -> pd.DataFrame:
    """Effects of one role with their intervals, of those that have cells."""
    some = cells > 0
    names, effects, cells = names[some], effects[some], cells[some]
    parts = replace(parts, **{field.name: getattr(parts, field.name)[some] for field in fields(parts)})
    tested = parts.interval_and_test(effects, alpha)
    shrunken = shrunken_effects(effects, parts.standard_error)
    return pd.DataFrame(
        {"role": role, "name": names, "effect": effects, **tested, "shrunken": shrunken, "cells": cells}
    )


def residuals(gains: pd.DataFrame, model: AdditiveModel) -> pd.DataFrame:
    """Gain less mean, donor and recipient, (n_sources, n_targets).

    Also for cells on a source's own task, which were not fitted; NaN without a gain.
    """
    return gains - model.fitted(model.effects(gains.to_numpy()))


def residuals_long(
    evidence: GainEvidence, parts: EffectParts, home: pd.DataFrame, inference: Inference
) -> pd.DataFrame:
    """Every residual with interval and test.

    Parameters
    ----------
    evidence, parts, inference
        As for `donors`.
    home : DataFrame of bool, shape (n_sources, n_targets)
        Cells on a source's own task: a family of tests of their own.

    Returns
    -------
    DataFrame
        Columns ``RESIDUALS_LONG``, row by row of the gains; cells without a gain are left out. The intervals take the
        tasks as given: they are over test rows and, with several, seeds.
    """
    left = residuals(evidence.gains, parts.model)
    values = left.to_numpy()
    of_examples = parts.residuals.examples + _less_by_luck(evidence, parts.leverages, values)
    columns = {
        "residual": values,
        **replace(parts.residuals, examples=of_examples).interval_and_test(values, inference.alpha),
        "home": home.loc[left.index, left.columns].to_numpy(),
    }
    index = pd.MultiIndex.from_product([left.index, left.columns], names=["source", "target"])
    table = pd.DataFrame({name: of_cells.ravel() for name, of_cells in columns.items()}, index)
    table = table[table["residual"].notna()].reset_index()
    return with_discoveries(table, table["home"], inference.alpha)[column_names(RESIDUALS_LONG)]


def _less_by_luck(evidence: GainEvidence, leverages: Array, left: Array) -> Array:
    """What the variance over examples of each residual lacks, (sources, targets), where its cell came out high.

    The variance of a 0/1 score is s (1 - s) / n: a cell that comes to 1 by luck would have none, and its residual be
    certain. So that of a cell is at least what the score that the model expects would have, u = s - residual ::

        lacking  =  w^2 var(s)  max(u (1 - u) / (s (1 - s)) - 1, 0)

    w being the weight of the cell in its own residual; where s is 0 or 1 and has no variance, w^2 u (1 - u) / (n S) for
    S seeds. 0 for other scores.
    """
    means, rows = evidence.means, evidence.source_rows
    score, own = means.mean[rows], means.errors.own()[0][rows]
    expected, found = ((u * (1 - u)).clip(min=0) for u in (np.clip(score - left, 0, 1), np.clip(score, 0, 1)))
    answers = means.n[rows] * np.maximum(means.seeds[rows], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lacking = np.where(found > _CERTAIN, own * np.maximum(expected / found - 1, 0), expected / answers)
    lacking = np.where(means.binary[rows], (1 - leverages) ** 2 * lacking, 0.0)
    return np.nan_to_num(lacking)
