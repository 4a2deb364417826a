"""Shift of class intercepts: by how much more an adapter leans towards a label than base, whatever the right one is.

With l[e, k] the log-probability of label k on example e, and the K labels coded to sum to zero ::

    d[e, k]  =  (l_adapter[e, k] - l_base[e, k])  -  mean over labels of the same
    b[k]     =  mean over gold classes g of  the mean over the examples of g of  d[e, k]

in nats. Gold classes weigh alike, so that getting better at a class that most examples have is no lean towards it: what
training does along the right label cancels, b[k] = 0, where it does as much for each. A model whose logits are those of
base plus a constant c[k] has b = c less its mean, exactly and at any class shares. d needs no renormalization: what all
labels have in common cancels. b is linear in the rows, and its variance a sum over the classes, each a stratum.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.statistics.variance_parts import Array


def intercept_shifts(target: ClosedTarget, values: NDArray[np.floating]) -> Estimates:
    """Shifts b of every run that has a base model.

    Parameters
    ----------
    target : ClosedTarget
        What was answered.
    values : ndarray, shape (runs, n, labels)
        l. Examples of which a run or base has a label without a finite value are left out of that run.

    Returns
    -------
    Estimates
        A statistic for each label; NaN where a run has no example of a class that others have.
    """
    places, bases = target.against_base()
    with np.errstate(invalid="ignore"):
        difference = values[places].astype(float) - values[bases]
    known = np.isfinite(difference).all(axis=2)
    difference = np.where(known[:, :, None], difference, 0.0)
    difference -= difference.mean(axis=2, keepdims=True)
    shifts, influence = _of_classes(difference, known, target.gold)
    _, strata = np.unique(target.gold, return_inverse=True)
    return Estimates(target.name, target.labels, tuple(target.tuned), shifts, influence, strata)


def _of_classes(values: Array, known: NDArray[np.bool_], gold: NDArray[np.intp]) -> tuple[Array, Array]:
    """Means of classes that weigh alike, (runs, labels), and what each example adds to them, (runs, n, labels)."""
    member = (gold[:, None] == np.unique(gold)).astype(float)
    counts = known @ member
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.einsum("rek,eg->rgk", values, member, optimize=True) / counts[:, :, None]
        weight = known * ((len(gold) / member.shape[1] / counts) @ member.T)
    influence = weight[:, :, None] * (values - means[:, member.argmax(axis=1)])
    return means.mean(axis=1), np.nan_to_num(influence)
