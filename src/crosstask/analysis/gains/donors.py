"""Donors and recipients: which sources give and which targets receive.

Gains off home are fitted by least squares as

    gain = mean + donor (of the source) + recipient (of the target) + residual,

donors and recipients each summing to 0 ("Donors and Recipients", arXiv 2511.13368, has the means alone). A source's own
task is left out of the fit: it gains several times as much as anything else and would make every source look like a
donor.
"""

import numpy as np
import pandas as pd

from crosstask.analysis.gains.additive_model import AdditiveModel
from crosstask.analysis.gains.columns import DONORS
from crosstask.analysis.gains.gain_evidence import GainEvidence
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


def donors(evidence: GainEvidence, model: AdditiveModel, inference: Inference) -> pd.DataFrame:
    """Donors and recipients with their intervals.

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
    DataFrame
        Columns ``DONORS``: donors, then recipients, in the order of the matrix. The intervals take the tasks as given:
        they are over test rows and, with several, seeds.
    """
    gains = evidence.gains
    effects, rows = model.effects(gains.to_numpy()), len(gains)
    tables = [
        _role("donor", gains.index, effects[1 : 1 + rows], evidence.sums(model.donor_weights), inference.alpha),
        _role("recipient", gains.columns, effects[1 + rows :], evidence.sums(model.recipient_weights), inference.alpha),
    ]
    cells = np.concatenate([model.used.sum(axis=1), model.used.sum(axis=0)])
    table = pd.concat(tables, ignore_index=True).assign(cells=cells)
    return with_discoveries(table, table["role"], inference.alpha)[column_names(DONORS)]


def _role(role: str, names: pd.Index, effects: Array, parts: VarianceParts, alpha: float) -> pd.DataFrame:
    """Effects of one role with their intervals, the variances between seeds moderated by each other."""
    parts = moderated(parts)
    half = parts.half_width(alpha)
    columns = {"effect": effects, "ci_low": effects - half, "ci_high": effects + half, "p": parts.p_value(effects)}
    return pd.DataFrame({"role": role, "name": names, **columns})
