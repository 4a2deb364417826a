"""What each row keeps of base's abilities on all other targets together, and backward transfer: kept.csv."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crosstask.analysis.forgetting.columns import KEPT
from crosstask.analysis.forgetting.example_errors import example_parts, of_level
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.ratios import RatioPart, ratio_interval
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts
from crosstask.analysis.transfer import Transfer

ABOVE = 3.0
"""Standard errors that base must be above the level, on the other half of the test rows, for a target to count."""


@dataclass(frozen=True)
class Abilities:
    """The gains on targets on which base has an ability."""

    evidence: GainEvidence
    levels: Array
    """Score without any ability, (targets,)."""
    weights: Array
    """Of each cell in its row, (sources, targets): the share of the target's test rows that count; 0 for cells on an
    own task or without a gain."""
    variances: Array
    """Of the levels over test rows, (targets,), see `of_level`."""

    def kept(self, alpha: float) -> dict[str, Array]:
        """Columns targets to ``all_high`` of ``KEPT``.

        With weights w, levels c, scores x of a row and base's b, over the targets ::

            kept  =  sum of w (x - c)  /  sum of w (b - c)

        with `ratio_interval`; ``all_*`` has level 1 - alpha / rows, after Bonferroni.
        """
        above, ability = self._sums
        rows = int((self.weights.sum(axis=1) > 0).sum())
        limits = {
            name: ratio_interval(above, ability, self._parts, of)
            for name, of in (("ci", alpha), ("all", alpha / max(rows, 1)))
        }
        told = ~np.isnan(limits["ci"][0]) & (ability > 0)
        columns = {"targets": (self.weights > 0).sum(axis=1)}
        columns["kept"] = np.divide(above, ability, out=np.full(above.shape, np.nan), where=told)
        for name, ends in limits.items():
            columns |= {
                f"{name}_{end}": np.where(told, limit, np.nan) for end, limit in zip(("low", "high"), ends, strict=True)
            }
        return columns

    @cached_property
    def _sums(self) -> tuple[Array, Array]:
        """Sums of scores above the level, and of base's, (sources,)."""
        means = self.evidence.means
        score, base = means.mean[self.evidence.source_rows], means.mean[means.sources.index(BASE)]
        above, ability = (np.nansum(self.weights * (values - self.levels), axis=1) for values in (score, base))
        return above, ability

    @cached_property
    def _parts(self) -> tuple[RatioPart, ...]:
        """Parts of the variances of these sums: those of examples in full, the others those of the change."""
        found = example_parts(self.evidence.means)
        rows = self.evidence.source_rows
        of_rows = replace(found, **{name: getattr(found, name)[rows] for name in ("score", "both", "base", "df")})
        change = change_parts(self.evidence, self.weights)
        return (
            of_rows.summed(self.weights),
            RatioPart(change.between_seeds, 0.0, 0.0, change.seeds_df),
            RatioPart(change.prompts, 0.0, 0.0, change.prompts_df),
            of_level(self.weights**2 @ self.variances),
        )


def change_parts(evidence: GainEvidence, weights: Array) -> VarianceParts:
    """The parts of the variance of each row's weighted sum of gains, those between seeds moderated, (sources,)."""
    sources = len(weights)
    of_rows = np.zeros((sources, *weights.shape))
    of_rows[np.arange(sources), np.arange(sources)] = weights
    parts = evidence.sums(of_rows)
    return parts if evidence.means.borrows.any() else moderated(parts)


def abilities(transfer: Transfer, levels: Array, variances: ArrayLike = 0.0) -> Abilities | None:
    """Return the targets on which base has an ability; None where there are none.

    Where single answers are known, each half of a target's test rows counts if base is above the level on the other
    half: chosen by the very rows that are then averaged, base would come out too good and every row seem to forget.

    Parameters
    ----------
    transfer : Transfer
        The matrix, which has a base.
    levels : ndarray, shape (targets,)
        NaN for targets that do not count.
    variances : array_like, shape (targets,)
        Of these over test rows, see `of_level`.
    """
    variances = np.broadcast_to(np.asarray(variances, float), levels.shape)
    answers, matrix = transfer.answers_per_run, transfer.matrix
    if answers is None:
        return _weighted(transfer, transfer.evidence, levels, (~np.isnan(levels)).astype(float), variances)
    chosen, shares = {}, {}
    for place, target in enumerate(matrix.columns):
        found = answers.targets.get(target)
        if found is None or np.isnan(levels[place]):
            continue
        rows = rows_that_count(found, float(levels[place]))
        if rows.any():
            chosen[target], shares[target] = _of_rows(found, rows), float(rows.mean())
    if not chosen:
        return None
    kept = [name for name in matrix.columns if name in chosen]
    evidence = GainEvidence(means_of_answers(Answers(chosen), matrix[kept]), "base")
    places = [matrix.columns.get_loc(name) for name in kept]
    weights = np.array([shares[name] for name in kept])
    return _weighted(transfer, evidence, levels[places], weights, variances[places])


def rows_that_count(answers: TargetAnswers, level: float) -> NDArray[np.bool_]:
    """Which test rows count: those on whose other half base is above the level by `ABOVE` standard errors, (n,)."""
    base = [row for row, run in enumerate(answers.rows) if run[0] == BASE]
    even = np.arange(len(answers.examples)) % 2 == 0
    found = np.zeros(len(even), bool)
    if not base:
        return found
    scores = answers.scores[base].mean(axis=0, dtype=float)
    for half in (even, ~even):
        others = scores[~half]
        if len(others) > 1 and half.any():
            # One answer more that is right and one that is wrong, so that equal ones are not taken for certain.
            spread = np.append(others, (0.0, 1.0)).std(ddof=1)
            found[half] = others.mean() - level > ABOVE * spread / len(others) ** 0.5
    return found


def _of_rows(answers: TargetAnswers, rows: NDArray[np.bool_]) -> TargetAnswers:
    """The answers to some test rows."""
    prompts = None if answers.by_prompt is None else answers.by_prompt[:, :, rows]
    return replace(answers, examples=answers.examples[rows], scores=answers.scores[:, rows], by_prompt=prompts)


def _weighted(
    transfer: Transfer, evidence: GainEvidence, levels: Array, shares: Array, variances: Array
) -> Abilities | None:
    """Weights of the cells off the diagonal that have a gain."""
    home = transfer.home.loc[evidence.gains.index, evidence.gains.columns].to_numpy()
    counted = evidence.gains.notna().to_numpy() & ~home & ~np.isnan(levels)
    weights = counted * shares
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros(weights.shape), where=total > 0)
    return Abilities(evidence, levels, weights, variances) if counted.any() else None


def kept(transfer: Transfer, levels: Array, found: Abilities | None) -> pd.DataFrame:
    """What each row keeps, and its backward transfer.

    Backward transfer is the mean change of all targets other than the own, which is that of Lopez-Paz and Ranzato
    (2017, "Gradient episodic memory for continual learning", arXiv:1706.08840) after one step of fine-tuning: the mean
    over earlier tasks of the score after it less the score before.

    Parameters
    ----------
    transfer, levels
        As for `abilities`.
    found : Abilities, optional
        As from `abilities`.

    Returns
    -------
    DataFrame
        Columns ``KEPT``, in the order of the matrix.
    """
    evidence, alpha = transfer.evidence, transfer.conventions.alpha
    counted = evidence.gains.notna().to_numpy() & ~transfer.home.to_numpy() & ~np.isnan(levels)
    number = counted.sum(axis=1, keepdims=True)
    weights = counted / np.maximum(number, 1)
    change = np.where(number[:, 0] > 0, np.nansum(weights * evidence.gains.to_numpy(), axis=1), np.nan)
    half = change_parts(evidence, weights).half_width(alpha)
    seeds = evidence.means.seeds[evidence.source_rows].max(axis=1)
    frame = pd.DataFrame({"source": evidence.gains.index, "backward": change, "seeds": seeds})
    frame = frame.assign(backward_low=change - half, backward_high=change + half)
    columns = [name for name in column_names(KEPT) if name not in frame]
    nothing = {"targets": np.zeros(len(frame), int)} | {name: np.full(len(frame), np.nan) for name in columns[1:]}
    frame = frame.assign(**(found.kept(alpha) if found else nothing))
    return frame.loc[number[:, 0] > 0, column_names(KEPT)].reset_index(drop=True)
