"""Shift of class intercepts: by how much more an adapter leans towards a label than base, whatever the right one is.

With l[e, k] the log-probability of label k on example e, and the K labels coded to sum to zero ::

    d[e, k]  =  (l_adapter[e, k] - l_base[e, k])  -  mean over labels of the same
    b[k]     =  mean over gold classes g of  the mean over the examples of g of  d[e, k]

in nats. Gold classes weigh alike, so that getting better at a class that most examples have is no lean towards it: what
training does along the right label cancels, b[k] = 0, where it does as much for each. Where it does more by m nats for
one of the K, b of that label is m (K - 1) / K^2. A model whose logits are those of base plus a constant c[k] has b = c
less its mean, exactly and at any class shares. d needs no renormalization: what all labels have in common cancels. b is
linear in the rows, and its variance a sum over the classes, each a stratum.

b is in nats, so that it is not 0 where an adapter is merely sharper than a base that leans already. With a[k] what b is
of a single model, its lean, an adapter whose logits are those of base times t has b = (t - 1) a_base, though it answers
as base does. The spread of logits within the gold classes tells t, and what is left with base brought to it ::

    t     =  s_adapter / s_base,      s^2  =  mean over gold classes, examples and labels of (l[e, k] - class mean)^2
    c[k]  =  a_adapter[k]  -  t a_base[k]

is 0 for that adapter, and b for one that is base plus constants. Neither is the right one in every case: what is
learned of the target makes logits spread as well, and then a lean of t times base's is none that anything speaks for.
What b and c agree on is a lean whichever it is.
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
    shifts, influence, _ = _of_classes(difference, known, target.gold)
    _, strata = np.unique(target.gold, return_inverse=True)
    return Estimates(target.name, target.labels, tuple(target.tuned), shifts, influence, strata)


def rescaled_shifts(target: ClosedTarget, values: NDArray[np.floating]) -> tuple[Estimates, Array]:
    """Shifts c of every run, with base brought to its spread, and t, (runs,), that base is multiplied by.

    Parameters as those of `intercept_shifts`. Both are NaN where all examples of each class are alike for base.
    """
    places, bases = target.against_base()
    both = [values[places].astype(float), values[bases].astype(float)]
    known = np.isfinite(both[0]).all(axis=2) & np.isfinite(both[1]).all(axis=2)
    (own, u_own, square, u_square), (base, u_base, of_base, u_of_base) = (
        _leans(each, known, target.gold) for each in both
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(of_base > 0, np.sqrt(square / of_base), np.nan)[:, None]
        # Of log t, half the difference of those of the logarithms of both squares.
        u_factor = factor * (u_square / square[:, None] - u_of_base / of_base[:, None]) / 2
    influence = u_own - factor[:, :, None] * u_base - u_factor[:, :, None] * base[:, None]
    _, strata = np.unique(target.gold, return_inverse=True)
    return Estimates(
        target.name, target.labels, tuple(target.tuned), own - factor * base, np.nan_to_num(influence), strata
    ), factor[:, 0]


def _leans(values: Array, known: NDArray[np.bool_], gold: NDArray[np.intp]) -> tuple[Array, Array, Array, Array]:
    """Leans a, (runs, labels), the squares s^2, (runs,), and after each what an example adds to it."""
    values = np.where(known[:, :, None], values, 0.0)
    values -= values.mean(axis=2, keepdims=True)
    means, influence, within = _of_classes(values, known, gold)
    square, of_square, _ = _of_classes((within**2).mean(axis=2, keepdims=True), known, gold)
    return means, influence, square[:, 0], of_square[:, :, 0]


def _of_classes(values: Array, known: NDArray[np.bool_], gold: NDArray[np.intp]) -> tuple[Array, Array, Array]:
    """Means of classes that weigh alike, (runs, k), what each example adds to them, and how far it is from its class,
    (runs, n, k); 0 for an example that is left out.
    """
    member = (gold[:, None] == np.unique(gold)).astype(float)
    counts = known @ member
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.einsum("rek,eg->rgk", values, member, optimize=True) / counts[:, :, None]
        weight = known * ((len(gold) / member.shape[1] / counts) @ member.T)
    within = np.where(known[:, :, None], values - means[:, member.argmax(axis=1)], 0.0)
    return means.mean(axis=1), np.nan_to_num(weight[:, :, None] * within), within
