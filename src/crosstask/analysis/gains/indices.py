"""Indices of the whole matrix: how asymmetric it is, and how much donors and recipients explain of it.

All are ratios of sums of squares, and noise adds its variance to every square: a sum S of gains with errors e has the
noise E S(e), which is taken off numerator and denominator, each by itself. That of donors, recipients and residuals is
the sum of their variances; that of the asymmetry is the mean of S(e*) over bootstrap replicates, e* being their errors.

With the corrected ratio R = A / B, the difference D = A - R B of the two sums is 0, and its variance is that of R over
B^2. Replicates S* = S(gains + e*) have noise twice, once in the gains and once of their own drawing. A quadratic form D
has the variance 4 x' M V M x + 2 tr(MVMV), x being the true gains; over replicates it comes out as that of x with its
errors, which is 4 tr(MVMV) more, twice the variance of D(e*). So ::

    var R  =  (var D*  -  2 var D(e*)  +  2 ((1 - R) noise of A)^2 / df)  /  B^2,    var D* - 2 var D(e*) >= var D(e*)

the last term being that of the noise itself, which several seeds estimate with df degrees of freedom, and the interval
is R plus and minus Student's quantile times its root. Replicates have less of the noise of donors than the sum of their
variances, since a source's seeds lend each other directions (`ScoreMeans.draws`): var D* is raised by as much.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from crosstask.analysis.gains.asymmetry import common_tasks
from crosstask.analysis.gains.structure_columns import INDICES
from crosstask.analysis.matrix.additive_model import AdditiveModel, EffectNoise
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.variance_parts import Array

_AT_ONCE = 50
"""Replicates that are worked on at once."""

Squares = Mapping[str, tuple[Array, Array]]
"""Numerator and denominator of each index, for one matrix or for many."""


def indices(
    gains: pd.DataFrame,
    replicates: np.ndarray | None,
    order: TaskOrder,
    noise: EffectNoise | None,
    inference: Inference,
) -> pd.DataFrame:
    """Indices of the matrix of gains, cells on a source's own task left out.

    With T the gains between tasks, A their antisymmetric part (see `asymmetry`), and m, d, r, e the mean, donors,
    recipients and residuals of the `additive_model` ::

        asymmetry    =  sum of A^2 / sum of T^2
        donors       =  sum of d^2 / sum of (T - mean of T)^2
        recipients   =  sum of r^2 / the same
        interaction  =  sum of e^2 / the same

    The asymmetry is 0 for a symmetric matrix, 1 for an antisymmetric one and 0.5 on average where the two directions of
    a pair are independent with mean 0. The other sums are over the cells fitted.

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        NaN where missing: such cells take no part, nor, for the asymmetry, does the other direction of the pair.
    replicates : ndarray, shape (draws, n_sources, n_targets), optional
        As from `GainEvidence.draws`; without them nothing is corrected.
    order : TaskOrder
        Knows each source's own task.
    noise : EffectNoise, optional
        The additive model with what it takes, where it can be fitted.
    inference : Inference
        Level.

    Returns
    -------
    DataFrame
        Columns ``INDICES``.
    """
    rows: list[tuple[object, ...]] = []
    measures: list[Callable[[np.ndarray], Squares]] = []
    tasks = common_tasks(gains, order)
    if len(tasks) > 1:
        measures.append(lambda matrices: _asymmetry(matrices, gains, tasks))
    if noise is not None:
        measures.append(lambda matrices: _shares(matrices, noise.model))
    known = noise.squares if noise is not None else {}
    quantile = float(stdtrit(noise.df if noise else np.inf, 1 - inference.alpha / 2))
    for measure in measures:
        values = gains.to_numpy()
        drawn = None if replicates is None else _in_batches(measure, replicates)
        errors = None if replicates is None else _in_batches(measure, replicates, values)
        for name, (above, below) in measure(values).items():
            corrected = (float("nan"),) * 3
            if drawn is not None and errors is not None:
                sums = _Sums(float(above), float(below), *drawn[name], *errors[name])
                of_both = (known[name], sum(known.values())) if name in known else None
                corrected = _corrected(sums, of_both, noise.df if noise else np.inf, quantile)
            rows.append((name, float(above / below) if below > 0 else float("nan"), *corrected))
    return pd.DataFrame(rows, columns=column_names(INDICES))


def _in_batches(
    measure: Callable[[np.ndarray], Squares], replicates: np.ndarray, less: np.ndarray | float = 0.0
) -> Squares:
    """The sums of all replicates, some at a time: copies of all in double precision would fill the memory."""
    starts = range(0, len(replicates), _AT_ONCE)
    parts = [measure(replicates[start : start + _AT_ONCE].astype(float) - less) for start in starts]
    sums = {name: [np.stack(part[name]) for part in parts] for name in parts[0]}
    joined = {name: np.concatenate(of, axis=1) for name, of in sums.items()}
    return {name: (above, below) for name, (above, below) in joined.items()}


def _asymmetry(matrices: np.ndarray, gains: pd.DataFrame, tasks: list[tuple[str, str]]) -> Squares:
    """Sums of A^2 and of T^2, over the pairs that have both directions."""
    rows = gains.index.get_indexer([source for _, source in tasks])
    columns = gains.columns.get_indexer([target for target, _ in tasks])
    square = matrices[..., rows[:, None], columns[None, :]]  # tasks x tasks: entry [i, j] is what i gives to j
    square = np.where(np.eye(len(tasks), dtype=bool), np.nan, square)
    transposed = np.swapaxes(square, -1, -2)
    square = np.where(np.isnan(transposed), np.nan, square)  # without its other direction a gain is in neither sum
    return {"asymmetry": (np.nansum(((square - transposed) / 2) ** 2, (-1, -2)), np.nansum(square**2, (-1, -2)))}


def _shares(matrices: np.ndarray, model: AdditiveModel) -> Squares:
    """Sums of squares of donors, of recipients and of residuals, with that of the gains that were fitted.

    Where cells are missing, donors and recipients are not quite orthogonal: what they share counts for neither.
    """
    used, effects = model.used, model.effects(matrices)
    fitted = np.where(used, matrices, 0.0)
    mean = fitted.sum(axis=(-1, -2), keepdims=True) / used.sum()
    total = np.where(used, fitted - mean, 0.0)
    rest = np.where(used, fitted - model.fitted(effects), 0.0)
    total, rest = ((of_cells**2).sum(axis=(-1, -2)) for of_cells in (total, rest))
    donors = effects[..., 1 : 1 + len(used)] ** 2 @ used.sum(axis=1)
    recipients = effects[..., 1 + len(used) :] ** 2 @ used.sum(axis=0)
    return {"donors": (donors, total), "recipients": (recipients, total), "interaction": (rest, total)}


@dataclass(frozen=True)
class _Sums:
    """Numerator and denominator of an index, of the gains, of replicates and of the replicates' errors."""

    above: float
    below: float
    above_drawn: Array
    below_drawn: Array
    above_errors: Array
    below_errors: Array

    def differences(self, ratio: float) -> tuple[Array, Array]:
        """Numerator less so many denominators, of replicates and of their errors."""
        return self.above_drawn - ratio * self.below_drawn, self.above_errors - ratio * self.below_errors


def _corrected(
    sums: _Sums, known: tuple[float, float] | None, df: float, quantile: float
) -> tuple[float, float, float]:
    """The ratio without noise, and the limits of its interval; NaN where noise is all there is."""
    of_replicates = float(sums.above_errors.mean()), float(sums.below_errors.mean())
    noise_above, noise_below = known or of_replicates
    below = sums.below - noise_below
    if not below > 0:
        return (float("nan"),) * 3
    ratio = (sums.above - noise_above) / below
    drawn, errors = sums.differences(ratio)
    variance = max(drawn.var(ddof=1) - 2 * errors.var(ddof=1), errors.var(ddof=1))
    raised = max(noise_above / of_replicates[0], 1.0) if of_replicates[0] > 0 else 1.0
    of_noise = 2 * ((1 - ratio) * noise_above) ** 2 / df
    half = quantile * float(np.sqrt(variance * raised + of_noise)) / below
    return ratio, ratio - half, ratio + half
