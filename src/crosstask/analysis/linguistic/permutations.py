"""p values of features by permutation of the outcomes within strata, corrected for all features of a cell."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.linguistic.odds_ratios import Stake

Array = NDArray[np.float64]
STAGES = (199, 1999)
"""Permutations after which cells whose smallest p is at least `ENOUGH` over their number are left as they are."""
ENOUGH = 20
"""Permutations as extreme that tell a p value well enough."""
AT_ONCE = 2**24
"""Numbers in memory at a time: bounds the memory, not the result."""
SLACK = 1e-4
"""Two statistics that differ by less are the same, but for rounding in single precision."""


def max_t(
    stake: Stake, testable: NDArray[np.bool_], permutations: int, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Return statistics and p values of features, of which the largest statistic of all is compared.

    Within a stratum every example is as likely to have changed as any other if features do not matter. With x and y
    without their means within strata, and V the variance of U over all permutations ::

        T  =  U / sqrt(V),    U = sum over examples of x y

        p  =  (1 + #{max over features of |T*| >= |T|}) / (1 + B)

    (Westfall and Young 1993, "Resampling-based multiple testing"). Where examples come in clusters, whole clusters of
    equal size take each other's outcomes, less the means of the strata; as taking off the means of K strata has made
    the outcomes of n examples smaller, V is then larger by (n - 1) / (n - K). The same permutations serve all sources.
    A
    cell for whose largest statistic 20 permutations are as extreme after 199, or after 1999, has its p values from
    these (after Besag and Clifford 1991, "Sequential Monte Carlo p-values", doi:10.1093/biomet/78.2.301).

    Parameters
    ----------
    stake : Stake
        Examples, features and outcomes.
    testable : ndarray of bool, shape (sources, features)
        The others have no statistic and are not corrected for.
    permutations : int
        Most of them.
    generator : Generator
        Draws them.

    Returns
    -------
    statistics, p : ndarray, shape (sources, features)
        NaN where not testable.
    """
    blocks = exchangeable(stake)
    x = _centered(stake.present.T.astype(float), stake.strata, blocks).T
    y = _centered(stake.changed, stake.strata, blocks)
    spread = np.sqrt(_variance(x, y, blocks))
    testable = testable & (spread > 1e-9)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=testable)
    told = y @ x * scale * _shrinkage(stake)
    observed = np.abs(told)
    p = np.full(testable.shape, np.nan)
    beyond, drawn = np.zeros(testable.shape), 0
    left = np.flatnonzero(testable.any(axis=1))
    for goal in [stage for stage in STAGES if stage < permutations] + [permutations]:
        for orders in _orders(blocks, len(x), goal - drawn, generator, max(1, AT_ONCE // (len(x) * max(1, len(left))))):
            beyond[left] += _beyond(x, y[left], scale[left], observed[left], orders)
        drawn = goal
        p[left] = (1 + beyond[left]) / (1 + drawn)
        best = np.where(testable[left], beyond[left], np.inf).min(axis=1)
        left = left[best < ENOUGH]
        if not len(left):
            break
    return np.where(testable, told, np.nan), np.where(testable, p, np.nan)


def exchangeable(stake: Stake) -> list[NDArray[np.intp]]:
    """Return the blocks within which outcomes are permuted, each of shape (clusters, examples of a cluster).

    Without clusters a block is a stratum; with them, clusters of one size.
    """
    _, number, sizes = np.unique(stake.clusters, return_inverse=True, return_counts=True)
    if sizes.max() == 1:
        return [np.flatnonzero(stake.strata == stratum)[:, None] for stratum in np.unique(stake.strata)]
    order = np.argsort(number, kind="stable")
    starts = np.cumsum(sizes) - sizes
    return [
        order[starts[sizes == size][:, None] + np.arange(size)].astype(np.intp) for size in np.unique(sizes).tolist()
    ]


def _shrinkage(stake: Stake) -> float:
    """Return by how much taking off the means of strata has made outcomes smaller that are permuted across them."""
    n, strata = len(stake.strata), len(np.unique(stake.strata))
    is_clustered = len(np.unique(stake.clusters)) < n
    return float(np.sqrt((n - strata) / (n - 1))) if is_clustered and n > strata else 1.0


def _centered(values: Array, strata: NDArray[np.intp], blocks: list[NDArray[np.intp]]) -> Array:
    """Return values, (rows, n), without their means within strata, and then within places of blocks."""
    found = values.astype(float)
    for stratum in np.unique(strata):
        chosen = strata == stratum
        found[:, chosen] -= found[:, chosen].mean(axis=1, keepdims=True)
    for block in blocks:
        found[:, block] -= found[:, block].mean(axis=1, keepdims=True)
    return found


def _variance(x: Array, y: Array, blocks: list[NDArray[np.intp]]) -> Array:
    """Return the variance of the sum of products over all permutations, (sources, features).

    With X_c and Y_c the vectors of a cluster, of whose block with m clusters the means are 0 ::

        V  =  sum over blocks of  1 / (m - 1)  sum over c, d of (X_c . Y_d)^2
    """
    total = np.zeros((len(y), x.shape[1]))
    for block in blocks:
        if len(block) > 1:
            of_x = np.einsum("caf,cbf->fab", x[block], x[block])
            of_y = np.einsum("sca,scb->sab", y[:, block], y[:, block])
            total += np.einsum("fab,sab->sf", of_x, of_y) / (len(block) - 1)
    return total


def _orders(
    blocks: list[NDArray[np.intp]], n: int, count: int, generator: np.random.Generator, most: int
) -> Iterator[NDArray[np.intp]]:
    """Yield permutations of the examples, in parts of shape (part, n)."""
    for start in range(0, count, most):
        part = min(most, count - start)
        orders = np.tile(np.arange(n), (part, 1))
        for block in blocks:
            places = generator.permuted(np.tile(np.arange(len(block)), (part, 1)), axis=1)
            orders[:, block.ravel()] = block[places].reshape(part, -1)
        yield orders


def _beyond(x: Array, y: Array, scale: Array, observed: Array, orders: NDArray[np.intp]) -> Array:
    """Return how many permutations have a largest statistic at least as large as each one observed."""
    found = np.empty(observed.shape)
    features = x.astype(np.float32)
    for source, outcomes in enumerate(y.astype(np.float32)):
        drawn = np.abs(outcomes[orders] @ features)
        largest = np.sort((drawn * scale[source].astype(np.float32)).max(axis=1))
        found[source] = len(largest) - np.searchsorted(largest, observed[source] * (1 - SLACK))
    return found
