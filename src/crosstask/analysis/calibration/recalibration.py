"""Slope and intercepts that would make probabilities right: how far they are too bold, and lean to some labels.

A model's log-probabilities log p[e, k] are fitted to the gold labels by maximum likelihood ::

    q[e, k]  ~  exp(intercept[k] + slope log p[e, k])

With two labels this is the logistic recalibration of Cox (1958, "Two further applications of a model for binary
regression", doi:10.1093/biomet/45.3-4.562); with more its multinomial form with one slope (van Hoorde et al. 2014,
"Assessing calibration of multinomial risk prediction models", doi:10.1002/sim.6114; Alexandari et al. 2020, arXiv
1901.06852). Probabilities that are right have slope 1 and intercepts 0; a slope below 1 says that they are too bold.
Intercepts sum to 0, in nats. Labels that no example has for gold are left out.

With s[e] the gradient of the log-likelihood of example e and H the information, an example adds n H^-1 s[e] to the
estimate. Where the labels can be told from the probabilities without a mistake there is no finite estimate: NaN. With
fewer than five examples for each label that is right for some there is none either: as many parameters as labels are
then fitted to chance, and intervals far too short.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

_PER_LABEL = 5
"""Fewest examples, on average, of the labels that examples have."""
_STEPS = 60
_LARGEST = 50.0
"""Slope or intercept above which the likelihood is taken to have no maximum."""
_ARRIVED = 1e-4
"""Largest step that Newton's method may have left."""


def recalibration(logarithms: Array, gold: NDArray[np.intp]) -> tuple[Array, Array]:
    """Slope and intercepts of every run, (runs, 1 + labels), and what each example adds to them, (runs, n, 1 + labels).

    Parameters
    ----------
    logarithms : ndarray, shape (runs, n, labels)
        log p; examples with NaN are left out of their run.
    gold : ndarray of int, shape (n,)
        Gold labels.
    """
    runs, n, labels = logarithms.shape
    present, of_present = np.unique(gold, return_inverse=True)
    values, influence = np.full((runs, 1 + labels), np.nan), np.full((runs, n, 1 + labels), np.nan)
    if len(present) < 2 or n < _PER_LABEL * len(present):
        return values, influence
    known: NDArray[np.bool_] = np.asarray(~np.isnan(logarithms).any(axis=2))
    z = np.where(known[:, :, None], logarithms[:, :, present], 0.0)
    right = (of_present[:, None] == np.arange(len(present))) * known[:, :, None].astype(float)
    fitted = _fitted(z, right, known)
    gradient, information = _derivatives(fitted, z, right, known)
    # Where there is no maximum the gradient vanishes all the same, but Newton's method has still far to go.
    left = np.linalg.pinv(information, rcond=1e-15, hermitian=True) @ gradient.sum(axis=1)[:, :, None]
    told = (np.abs(left[:, :, 0]) <= _ARRIVED).all(axis=1) & (np.abs(fitted) < _LARGEST).all(axis=1)
    if not told.any():
        return values, influence
    inverse = np.linalg.pinv(information[told], hermitian=True)
    columns = np.concatenate([[0], 1 + present])
    coding = _coding(len(present))
    values[np.ix_(told, columns)] = fitted[told] @ coding.T
    influence[np.ix_(told, np.arange(n), columns)] = n * (gradient[told] @ inverse) @ coding.T
    return values, influence


def _fitted(z: Array, right: Array, known: NDArray[np.bool_]) -> Array:
    """Slope, and intercepts of all labels but the first, whose is 0, (runs, labels): Newton's method."""
    fitted = np.zeros((len(z), z.shape[2]))
    fitted[:, 0] = 1.0
    active = np.arange(len(z))
    before = _log_likelihood(fitted, z, right)
    for _ in range(_STEPS):
        gradient, information = _derivatives(fitted[active], z[active], right[active], known[active])
        ridge = 1e-13 * np.eye(z.shape[2]) * z.shape[1]
        step = np.linalg.solve(information + ridge, gradient.sum(axis=1)[:, :, None])[:, :, 0]
        for _ in range(8):  # halve what overshoots
            following = _log_likelihood(fitted[active] + step, z[active], right[active])
            worse = following < before[active] - 1e-12
            if not worse.any():
                break
            step[worse] /= 2
        fitted[active] += step
        before[active] = following
        moving = (np.abs(step).max(axis=1) > 1e-10) & (np.abs(fitted[active]) < _LARGEST).all(axis=1)
        active = active[moving]
        if not len(active):
            break
    return fitted


def _probabilities(fitted: Array, z: Array) -> Array:
    """The q of the module's docstring, (runs, n, labels)."""
    logits = fitted[:, :1, None] * z
    logits[:, :, 1:] += fitted[:, None, 1:]
    logits -= logits.max(axis=2, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=2, keepdims=True)
    return logits


def _log_likelihood(fitted: Array, z: Array, right: Array) -> Array:
    """Of each run, (runs,)."""
    of_gold = (_probabilities(fitted, z) * right).sum(axis=2)
    found: Array = np.log(np.where(right.any(axis=2), np.maximum(of_gold, 1e-300), 1.0)).sum(axis=1)
    return found


def _derivatives(fitted: Array, z: Array, right: Array, known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Gradient of each example, (runs, n, labels), and the information, (runs, labels, labels)."""
    q = _probabilities(fitted, z) * known[:, :, None]
    rest = right - q
    gradient = np.concatenate([(z * rest).sum(axis=2, keepdims=True), rest[:, :, 1:]], axis=2)
    weighted = q * (z - (q * z).sum(axis=2, keepdims=True))
    information = np.empty((len(z), z.shape[2], z.shape[2]))
    information[:, 0, 0] = (weighted * z).sum(axis=(1, 2))
    information[:, 0, 1:] = information[:, 1:, 0] = weighted[:, :, 1:].sum(axis=1)
    others = q[:, :, 1:]
    information[:, 1:, 1:] = -np.einsum("rej,rek->rjk", others, others, optimize=True)
    diagonal = np.arange(1, z.shape[2])
    information[:, diagonal, diagonal] += others.sum(axis=1)
    return gradient, information


def _coding(labels: int) -> Array:
    """From slope and intercepts relative to the first label to slope and intercepts that sum to 0."""
    coding = np.zeros((1 + labels, labels))
    coding[0, 0] = 1
    coding[1:, 1:] = np.eye(labels)[:, 1:] - 1 / labels
    return coding
