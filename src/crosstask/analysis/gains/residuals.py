"""Residuals: what donors and recipients leave of each gain, which is particular to the pair of source and target.

A residual is a weighted sum of all gains, one weight for its own cell and others by which the cells fitted make the
mean, its donor and its recipient; its interval follows from them as any other's. What the seeds of an adapter have in
common on all targets is in the donor, and so in no residual.
"""

import numpy as np
import pandas as pd

from crosstask.analysis.gains.additive_model import AdditiveModel
from crosstask.analysis.gains.columns import RESIDUALS_LONG
from crosstask.analysis.gains.gain_evidence import GainEvidence
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import moderated, squared_correlation
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


def residuals(gains: pd.DataFrame, model: AdditiveModel) -> pd.DataFrame:
    """Gain less mean, donor and recipient, (n_sources, n_targets).

    Also for home cells, which were not fitted; NaN without a gain.
    """
    return gains - model.fitted(model.effects(gains.to_numpy()))


def residuals_long(
    evidence: GainEvidence, model: AdditiveModel, home: pd.DataFrame, inference: Inference
) -> pd.DataFrame:
    """Every residual with interval and test.

    Parameters
    ----------
    evidence, model, inference
        As for `donors`.
    home : DataFrame of bool, shape (n_sources, n_targets)
        Cells on a source's own task: a family of tests of their own.

    Returns
    -------
    DataFrame
        Columns ``RESIDUALS_LONG``, row by row of the gains; cells without a gain are left out. The intervals take the
        tasks as given: they are over test rows and, with several, seeds.
    """
    left = residuals(evidence.gains, model)
    values, parts = left.to_numpy(), _parts(evidence, model)
    half = parts.half_width(inference.alpha)
    columns = {
        "residual": values,
        "ci_low": values - half,
        "ci_high": values + half,
        "p": parts.p_value(values),
        "home": home.loc[left.index, left.columns].to_numpy(),
    }
    index = pd.MultiIndex.from_product([left.index, left.columns], names=["source", "target"])
    table = pd.DataFrame({name: of_cells.ravel() for name, of_cells in columns.items()}, index)
    table = table[table["residual"].notna()].reset_index()
    return with_discoveries(table, table["home"], inference.alpha)[column_names(RESIDUALS_LONG)]


def _parts(evidence: GainEvidence, model: AdditiveModel) -> VarianceParts:
    """The parts of the variance of each residual, those between seeds moderated by each other."""
    by_source, by_target = model.mean_weights + model.donor_weights, model.recipient_weights
    parts = evidence.cells_less(by_source, by_target)
    means = evidence.means
    deviations = means.deviations[[means.sources.index(name) for name in evidence.sources]]
    deviations = _own_deviations(deviations, by_source, by_target)
    scale = np.sqrt(np.where(parts.examples > 0, parts.examples, np.inf))[:, None, :]
    return moderated(parts, squared_correlation(deviations / scale))


def _own_deviations(deviations: Array, by_source: Array, by_target: Array) -> Array:
    """How far the seeds of a residual's own source are apart in it, (sources, seeds, targets)."""
    of_source = np.einsum("sjt,sst->sj", deviations, by_source)[:, :, None]
    of_target = np.einsum("sju,tsu->sjt", deviations, by_target, optimize=True)
    left: Array = deviations - of_source - of_target
    return left
