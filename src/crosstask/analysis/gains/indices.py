"""Indices of the whole matrix: how asymmetric it is, and how much donors and recipients explain of it.

All are ratios of sums of squares, and noise adds its variance to every square. How much it adds is estimated from
bootstrap replicates, whose sums S* exceed the sum S of the gains by about as much as S exceeds that of the true
gains ::

    noise      =  mean of S*  -  S
    corrected  =  S  -  noise
    replicate  =  S*  -  2 noise

(the bootstrap estimate of bias, Efron 1979, "Bootstrap methods: another look at the jackknife",
doi:10.1214/aos/1176344552). A replicate has noise twice, that of the gains and that of its own drawing, so that 2 noise
brings the replicates to the corrected value. Numerator and denominator are corrected each by itself; the percentiles of
the ratio of the replicates are the interval.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from crosstask.analysis.gains.asymmetry import common_tasks
from crosstask.analysis.gains.columns import INDICES
from crosstask.analysis.matrix.additive_model import AdditiveModel
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
    model: AdditiveModel | None,
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
    model : AdditiveModel, optional
        Where it can be fitted.
    inference : Inference
        Level.

    Returns
    -------
    DataFrame
        Columns ``INDICES``.
    """
    rows = []
    measures: list[Callable[[np.ndarray], Squares]] = []
    tasks = common_tasks(gains, order)
    if len(tasks) > 1:
        measures.append(lambda matrices: _asymmetry(matrices, gains, tasks))
    if model is not None:
        measures.append(lambda matrices: _shares(matrices, model))
    for measure in measures:
        drawn = None if replicates is None else _in_batches(measure, replicates)
        for name, (above, below) in measure(gains.to_numpy()).items():
            corrected = (
                (float("nan"),) * 3 if drawn is None else _corrected(above, below, *drawn[name], inference.alpha)
            )
            rows.append((name, float(above / below) if below > 0 else float("nan"), *corrected))
    return pd.DataFrame(rows, columns=column_names(INDICES))


def _in_batches(measure: Callable[[np.ndarray], Squares], replicates: np.ndarray) -> Squares:
    """The sums of all replicates, some at a time: copies of all in double precision would fill the memory."""
    starts = range(0, len(replicates), _AT_ONCE)
    parts = [measure(replicates[start : start + _AT_ONCE].astype(float)) for start in starts]
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
    effects = model.effects(matrices)
    sources, used = model.used.shape[0], matrices[..., model.used]
    total = ((used - used.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    rest = ((used - model.fitted(effects)[..., model.used]) ** 2).sum(axis=-1)
    row, column = np.nonzero(model.used)  # in the order in which `used` flattens the cells
    donors = (effects[..., 1 : 1 + sources][..., row] ** 2).sum(axis=-1)
    recipients = (effects[..., 1 + sources :][..., column] ** 2).sum(axis=-1)
    return {"donors": (donors, total), "recipients": (recipients, total), "interaction": (rest, total)}


def _corrected(
    above: Array, below: Array, above_drawn: Array, below_drawn: Array, alpha: float
) -> tuple[float, float, float]:
    """The ratio without noise, and the limits of its interval; NaN where noise is all there is."""
    # Noise below that is as large as the sum itself leaves no denominator. A single replicate may have none either: its
    # ratio then runs to an extreme, where a negative denominator would turn its sign.
    noise_above, noise_below = above_drawn.mean() - above, below_drawn.mean() - below
    if not below > noise_below:
        return (float("nan"),) * 3
    ratios = (above_drawn - 2 * noise_above) / np.maximum(below_drawn - 2 * noise_below, 1e-12)
    low, high = np.percentile(ratios, [100 * alpha / 2, 100 * (1 - alpha / 2)])
    return float((above - noise_above) / (below - noise_below)), float(low), float(high)
