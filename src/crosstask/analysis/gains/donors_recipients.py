"""Donors, recipients and residuals: which sources give, which targets receive, and what is particular to a pair.

Gains off the diagonal are fitted by least squares as ::

    gain  =  mean + donor (of the source) + recipient (of the target) + residual

donors and recipients each summing to 0 ("Donors and Recipients", arXiv:2511.13368, has the means alone). A source's own
task is left out of the fit: it gains several times as much as anything else and would make every source look like a
donor.

Each of these is a weighted sum of all gains, of which `GainEvidence` knows the variance. A residual has one weight for
its own cell and others by which the cells fitted make the mean, its donor and its recipient. What the seeds of an
adapter have in common on all targets is in the donor, and so in no residual.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.gains.columns import DONORS, RESIDUALS_LONG
from crosstask.analysis.gains.shrinkage import shrunken_effects
from crosstask.analysis.matrix.additive_model import AdditiveModel, EffectNoise
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, joined

_AT_ONCE = 4_000_000
"""Weights in memory at a time: those of all donors of thousands of sources would be the square of their number."""
_CERTAIN = 1e-9
"""Variance of an answer below which a score is 0 or 1, but for rounding."""


@dataclass(frozen=True)
class EffectParts:
    """The parts of the variances of what an additive model makes of gains, those between seeds moderated."""

    model: AdditiveModel
    donors: VarianceParts
    """Arrays of shape (n_sources,)."""
    recipients: VarianceParts
    """(n_targets,)."""
    residuals: VarianceParts
    """(n_sources, n_targets)."""
    leverages: Array
    """Weight of each gain in its own fit, (n_sources, n_targets); 0 in cells that are not fitted."""


def effect_parts(evidence: GainEvidence, model: AdditiveModel) -> EffectParts:
    """Work out the parts, which takes a while for large matrices.

    Parameters
    ----------
    evidence : GainEvidence
        Gains and what is known of their errors.
    model : AdditiveModel
        Of the shape of the gains.
    """
    of_mean, by_target, own = model.mean_weights, model.recipient_weights, np.zeros(model.used.shape)
    of_targets, of_sources, of_cells = evidence.plain_sums(by_target), [], []
    for places in _blocks(model.used.shape):
        of_donors = model.donor_weights(places)
        of_sources.append(evidence.sums(of_donors))
        levels = of_mean + of_donors
        of_cells.append(evidence.cells_less(levels, of_targets, places))
        own[places] = levels[np.arange(len(levels)), np.arange(len(own))[places]]
    # One estimate for each source or target: each is a group by itself, in which nothing can be correlated.
    donors = _moderated(evidence, joined(of_sources))
    recipients = _moderated(evidence, evidence.sums(by_target))
    deviations = _own_deviations(evidence.means.deviations[evidence.source_rows], own, by_target)
    residuals = _moderated(evidence, joined(of_cells), deviations)
    sources, targets = np.indices(model.used.shape)
    leverages = own + by_target[targets, sources, targets]
    return EffectParts(model, donors, recipients, residuals, leverages)


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Sources some at a time, but as many as there are targets, so that few of their weights are made at once."""
    sources = shape[0]
    size = max(1, shape[1], _AT_ONCE // max(sources * shape[1], 1))
    return (slice(start, start + size) for start in range(0, sources, size))


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


def effect_noise(evidence: GainEvidence, parts: EffectParts) -> EffectNoise:
    """Sum up the variances of donors, recipients and residuals."""
    used, left = parts.model.used, parts.residuals.standard_error
    of_sources, of_targets = parts.donors.standard_error, parts.recipients.standard_error
    squares = {
        "donors": float((used.sum(axis=1) * of_sources**2).sum()),
        "recipients": float((used.sum(axis=0) * of_targets**2).sum()),
        "interaction": float((left[used] ** 2).sum()),
    }
    df = float(np.maximum(evidence.means.seeds.max(axis=1) - 1, 0).sum())
    return EffectNoise(parts.model, squares, of_sources, left, df if df > 0 else np.inf)


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


def _moderated(evidence: GainEvidence, parts: VarianceParts, deviations: Array | None = None) -> VarianceParts:
    """Parts moderated by each other, unless they are made of variances that cells have moderated already."""
    return parts if evidence.means.borrows.any() else moderated(parts, deviations)


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


def _own_deviations(deviations: Array, own: Array, by_target: Array) -> Array:
    """Deviations of the seeds of a residual's own source in the residual, (sources, seeds, targets).

    They are deviations less what the own source's cells have of the two sums. With f[s] the weights of the sum of
    source s, of which ``own`` are those of its own cells, and g[t] those of target t ::

        delta[s, j, t]  -  sum over u of f[s][s, u] delta[s, j, u]  -  sum over u of g[t][s, u] delta[s, j, u]
    """
    of_source = np.einsum("sjt,st->sj", deviations, own)[:, :, None]
    of_target = np.einsum("sju,tsu->sjt", deviations, by_target, optimize=True)
    left: Array = deviations - of_source - of_target
    return left
