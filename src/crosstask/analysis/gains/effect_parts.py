"""The parts of the variances of donors, recipients and residuals.

Each of these is a weighted sum of all gains, of which `GainEvidence` knows the variance. A residual has one weight for
its own cell and others by which the cells fitted make the mean, its donor and its recipient. What the seeds of an
adapter have in common on all targets is in the donor, and so in no residual.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from crosstask.analysis.matrix.additive_model import AdditiveModel, EffectNoise
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, joined, satterthwaite

_AT_ONCE = 1_000_000
"""Weights in memory at a time: those of all donors of thousands of sources would be the square of their number, and
what stays in a processor's cache is faster."""


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
    unvaried = unvaried_among_sources(evidence)
    for places in _blocks(model.used.shape):
        of_donors = model.donor_weights(places)
        of_sources.append(_with_unvaried(unvaried, of_donors, evidence.sums(of_donors)))
        levels = of_mean + of_donors
        of_cells.append(evidence.cells_less(levels, of_targets, places))
        own[places] = levels[np.arange(len(levels)), np.arange(len(own))[places]]
    # One estimate for each source or target: each is a group by itself, in which nothing can be correlated.
    donors = _moderated(evidence, joined(of_sources))
    recipients = _moderated(evidence, _with_unvaried(unvaried_gains(evidence), by_target, evidence.sums(by_target)))
    deviations = _own_deviations(evidence.means.deviations[evidence.source_rows], own, by_target)
    residuals = _moderated(evidence, joined(of_cells), deviations)
    sources, targets = np.indices(model.used.shape)
    leverages = own + by_target[targets, sources, targets]
    return EffectParts(model, donors, recipients, residuals, leverages)


def unvaried_gains(evidence: GainEvidence) -> VarianceParts:
    """The parts of the gains' variances whose ``examples`` are 0 but for 0/1 gains that are the same on every example.

    No answer happened to differ from the reference's by another amount, which is no proof that none would: what such
    gains add to the variance of a sum is at least what the interval of the cell itself has, see `GainEvidence.cells`.
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


def _with_unvaried(of_cells: VarianceParts, weights: Array, parts: VarianceParts) -> VarianceParts:
    """Parts of sums of gains with what gains that are the same on every example add to the variance over examples."""
    if not of_cells.examples.any():
        return parts
    added = weights**2 * of_cells.examples
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.nan_to_num(parts.examples**2 / parts.examples_df) + np.nansum(
            np.where(added > 0, added**2 / of_cells.examples_df, 0), axis=(1, 2)
        )
    examples = parts.examples + added.sum(axis=(1, 2))
    return replace(parts, examples=examples, examples_df=satterthwaite(examples, squares))


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Sources some at a time, but as many as there are targets, so that few of their weights are made at once."""
    sources = shape[0]
    size = max(1, shape[1], _AT_ONCE // max(sources * shape[1], 1))
    return (slice(start, start + size) for start in range(0, sources, size))


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


def _moderated(evidence: GainEvidence, parts: VarianceParts, deviations: Array | None = None) -> VarianceParts:
    """Parts moderated by each other, unless they are made of variances that cells have moderated already."""
    return parts if evidence.means.borrows.any() else moderated(parts, deviations)


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
