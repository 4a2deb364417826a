"""What is expected of effects that were measured with errors, where a few may be far larger than the others.

Effects x are taken to be spread around 0 as a mixture of normal distributions of several spreads u, and measured with
known standard errors s (adaptive shrinkage: Stephens 2017, "False discovery rates: a new deal",
doi:10.1093/biostatistics/kxw041). The weights of the spreads, which are found by maximum likelihood (EM), are of all
effects, and of one effect they say from which spread it probably is ::

    x[i]  ~  sum over k of  w[k] N(0, u[k]^2 + s[i]^2)
    expected[i]  =  x[i]  sum over k of  p[k | x[i]]  u[k]^2 / (u[k]^2 + s[i]^2)

u being 0 and steps of 2^(1/2) from a tenth of the smallest error to twice the largest effect beyond its error. With a
single spread this is the estimate of Efron and Morris (1975, doi:10.1080/01621459.1975.10479864), which shrinks a few
large effects too much and, as their squares decide its one spread, all others too little.
"""

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array

_STEP = 2**0.5
_ITERATIONS, _TOLERANCE = 500, 1e-6  # of EM; change of the weights


def expected_effects(effects: Array, errors: Array) -> Array:
    """Return what to expect of each effect, between 0 and what was measured.

    Parameters
    ----------
    effects : array, shape (n,)
        Measured effects, without NaN.
    errors : array, shape (n,)
        Their standard errors, above 0.

    Returns
    -------
    array, shape (n,)
        In the unit of the effects.

    Examples
    --------
    >>> small, large = np.tile([0.5, -0.5], 50), np.array([20.0])
    >>> expected_effects(np.concatenate([small, large]), np.ones(101))[[0, -1]].round(1).tolist()
    [0.0, 19.9]
    """
    if not effects.size:
        return effects
    squares = _spreads(effects, errors) ** 2
    variances = squares + errors[:, None] ** 2
    logs = -(effects[:, None] ** 2 / variances + np.log(variances)) / 2
    densities = np.exp(logs - logs.max(axis=1, keepdims=True))  # up to a factor of each effect
    weights = np.full(len(squares), 1 / len(squares))
    for _ in range(_ITERATIONS):
        found = _shares(weights, densities).mean(axis=0)
        change, weights = np.abs(found - weights).max(), found
        if change <= _TOLERANCE:
            break
    expected: Array = effects * (_shares(weights, densities) * squares / variances).sum(axis=1)
    return expected


def _spreads(effects: Array, errors: Array) -> Array:
    """Spreads of the mixture: 0, and others in steps."""
    least = errors.min() / 10
    largest = 2 * np.sqrt(max(float((effects**2 - errors**2).max()), 0.0))
    steps = int(np.ceil(np.log(largest / least) / np.log(_STEP))) if largest > least else -1
    return np.concatenate([[0.0], least * _STEP ** np.arange(steps + 1)])


def _shares(weights: Array, densities: Array) -> Array:
    """How probably each effect is of each spread, (n, n_spreads)."""
    of_spreads = weights * densities
    shares: Array = of_spreads / of_spreads.sum(axis=1, keepdims=True)
    return shares
