"""0/1 gains that are the same on every example, in which no variance is seen.

No answer happened to differ from the reference's by another amount, which is no proof that none would: what such gains
add to the variance of a sum is at least what the interval of the cell itself has, see `GainEvidence.cells`.
"""

from dataclasses import replace

import numpy as np

from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


def unvaried_gains(evidence: GainEvidence) -> VarianceParts:
    """The parts of the gains' variances whose ``examples`` are 0 but for gains that are the same on every example.

    Arrays of shape (n_sources, n_targets).
    """
    _, parts = evidence.cells()
    return _where_unvaried(evidence, parts, evidence.reference)


def unvaried_among_sources(evidence: GainEvidence) -> VarianceParts:
    """The same for differences from each target's mean over the sources, which are what donors are made of: the base
    model's answers cancel in them. Of gains that `unvaried_gains` has, what it has.
    """
    own, kept, rows = unvaried_gains(evidence), evidence.source_rows, np.zeros(evidence.reference.shape)
    rows[kept] = evidence.gains.notna()
    reference = rows / np.maximum(rows.sum(axis=0), 1)
    _, examples, df = evidence.means.errors.differences(reference)
    among = _where_unvaried(evidence, replace(own, examples=examples[kept], examples_df=df[kept]), reference)
    has = own.examples > 0
    return replace(
        own,
        examples=np.where(has, own.examples, among.examples),
        examples_df=np.where(has, own.examples_df, among.examples_df),
    )


def _where_unvaried(evidence: GainEvidence, parts: VarianceParts, reference: Array) -> VarianceParts:
    """Parts with ``examples`` of 0 but for 0/1 scores that differ from a reference by the same on every example."""
    chosen = (evidence.means.errors.unvaried(reference) & evidence.means.binary)[evidence.source_rows]
    return replace(parts, examples=np.where(chosen, np.nan_to_num(parts.examples), 0.0))
