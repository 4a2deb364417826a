"""Class shares that an adapter's answers point to, by two estimators of the study of shifted class shares.

Both are secondary here: the class shares of the test rows are known, so what is estimated describes the adapter. Each
class k has the share pi[k] of the test rows.

Saerens, Latinne and Decaestecker's EM (2002, "Adjusting the outputs of a classifier to new a priori probabilities: a
simple procedure", doi:10.1162/089976602753284446) takes an adapter's probabilities p for right at the shares pi and
finds the shares of the examples that have the largest likelihood ::

    w[k]  =  mean over e of  (w[k] / pi[k]) p[e, k]  /  sum over j of (w[j] / pi[j]) p[e, j]

Probabilities that are right have w = pi; where w[k] is larger they say that there is more of k than there is.

Black-box shift estimation (Lipton, Wang and Smola 2018, "Detecting and correcting for label shift with black box
predictors", arXiv 1802.03916): with C[j, k] how often base answers j where k is right, and q[j] how often the adapter
answers j, both of valid answers ::

    bbse  =  C^-1 q

are the class shares at which base would answer as the adapter does. What an example adds to it is ::

    C^-1 ((adapter answers e) - q  -  (bbse[g] / pi[g]) ((base answers e) - C[:, g])),      g the gold label of e
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.statistics.variance_parts import Array

_STEPS = 500
_CLOSE = 1e-7


@dataclass(frozen=True)
class Identified:
    """Whether class shares can be told on a target from base's answers."""

    condition: float
    """Condition number of C; infinite where it has no inverse."""
    reason: str
    """Why they cannot; empty where they can."""


def identified(target: ClosedTarget, base: int, largest: float, fewest: int) -> Identified:
    """Whether base's confusion matrix can be inverted, and there are enough rows of every class."""
    condition = float(np.linalg.cond(_confusion(target, base)))
    rows = np.bincount(target.gold, minlength=len(target.labels))
    rarest = int(rows.argmin())
    if rows[rarest] < fewest:
        return Identified(condition, f"{rows[rarest]} test rows of {target.labels[rarest]}, fewer than {fewest}")
    if not condition <= largest:
        return Identified(condition, f"condition number {condition:.3g}, above {largest:g}")
    return Identified(condition, "")


def black_box_shares(target: ClosedTarget) -> Estimates:
    """Class shares at which base would answer as each run does; every class has rows, and C an inverse."""
    n, labels = target.n, len(target.labels)
    member = np.eye(labels)[target.gold]
    values, influence = [], []
    for runs in target.tuned:
        assert runs.base is not None
        confusion = _confusion(target, runs.base)
        inverse = np.linalg.inv(confusion)
        of_base, base_valid = _answered(target, runs.base)
        per_class = member.sum(axis=0) / (member * base_valid[:, None]).sum(axis=0)  # n pi over its valid ones
        of_columns = (of_base - base_valid[:, None] * confusion.T[target.gold]) * per_class[target.gold][:, None]
        for place in runs.places:
            answered, valid = _answered(target, place)
            q = answered.sum(axis=0) / max(valid.sum(), 1)
            shares = inverse @ q
            of_adapter = (answered - valid[:, None] * q) * n / max(valid.sum(), 1)
            weight = (shares / member.mean(axis=0))[target.gold]
            values.append(shares)
            influence.append((of_adapter - weight[:, None] * of_columns) @ inverse.T)
    return Estimates(target.name, target.labels, tuple(target.tuned), np.array(values), np.array(influence))


def expectation_maximization(probabilities: Array, gold: Array) -> Array:
    """Saerens' w of every run, from gold shares on until no share changes by more than 1e-7, or 500 steps.

    Parameters
    ----------
    probabilities : ndarray, shape (runs, n, classes)
        p; examples with a value that is not finite are left out of their run.
    gold : ndarray, shape (classes,)
        pi, each above 0.

    Returns
    -------
    ndarray, shape (runs, classes)
        They sum to 1.
    """
    known: NDArray[np.bool_] = np.asarray(np.isfinite(probabilities).all(axis=2))
    likelihood = np.where(known[:, :, None], probabilities / gold, 0.0)
    counts = known.sum(axis=1)
    shares = np.tile(gold, (len(likelihood), 1))
    active, of_active = np.arange(len(shares)), likelihood
    for _ in range(_STEPS):
        mixed = (of_active @ shares[active, :, None])[:, :, 0]
        each = np.divide(1.0, mixed, out=np.zeros(mixed.shape), where=mixed > 0)
        following = shares[active] * (each[:, None] @ of_active)[:, 0] / counts[active, None]
        moved = np.abs(following - shares[active]).max(axis=1)
        shares[active] = following
        if (moved <= _CLOSE).any():
            active, of_active = active[moved > _CLOSE], of_active[moved > _CLOSE]
        if not len(active):
            break
    return shares


def _confusion(target: ClosedTarget, run: int) -> Array:
    """C of the valid answers of a run, (answered, gold); columns sum to 1, NaN-free: 0 of a class without any."""
    labels = len(target.labels)
    answered, _ = _answered(target, run)
    counts = answered.T @ np.eye(labels)[target.gold]
    confusion: Array = counts / np.maximum(counts.sum(axis=0), 1)
    return confusion


def _answered(target: ClosedTarget, run: int) -> tuple[Array, NDArray[np.bool_]]:
    """Which label a run answers, (n, labels), 0 throughout where none, and whether it answers any."""
    predicted = target.predicted[run]
    answered = (predicted[:, None] == np.arange(len(target.labels))).astype(float)
    return answered, predicted < len(target.labels)
