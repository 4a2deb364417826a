"""Are answers nearer to a source's lengths than base's are, or is that how two samples of one model differ?

The distance between two samples is above 0 even where both are of one distribution. So the difference of the distances
of a fine-tuned model and of base from a source is compared with what it is once their answers are swapped, row by row:
without any effect an answer may as well be of the one as of the other. With several seeds, base's answer to a row
changes places with that of one of them, or with none, each as likely; the answers of each row are then as exchangeable
as they are without an effect.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

POINTS = 64
"""Most values at which distribution functions are compared: lengths between two count as the upper one."""


def swapped_p(
    tuned: Sequence[Array], base: Array, sources: Sequence[Array], swaps: int, generator: np.random.Generator
) -> Array:
    """P values of the differences of the Wasserstein distances, two-sided, (sources,).

    Parameters
    ----------
    tuned : sequence of ndarray, shapes (seeds, n)
        Of each source the logs of the lengths of its answers.
    base : ndarray, shape (n,)
        The same of base's.
    sources : sequence of ndarray
        Of each source the logs of the lengths that it trains on.
    swaps : int
        Random swaps.
    generator : Generator
        Of the swaps.
    """
    points = _points([base, *map(np.ravel, tuned)], sources)
    steps = np.diff(points).astype(np.float32)
    of_base = _at_most(base, points)
    chosen: dict[int, NDArray[np.int8]] = {}
    found = np.empty(len(tuned))
    for place, (values, source) in enumerate(zip(tuned, sources, strict=True)):
        seeds = len(values)
        if seeds not in chosen:
            chosen[seeds] = generator.integers(0, seeds + 1, (swaps, len(base)), dtype=np.int8)
        reference = (np.searchsorted(np.sort(source), points[:-1], side="right") / len(source)).astype(np.float32)
        differences = _differences(_at_most(values, points), of_base, reference, chosen[seeds], steps)
        as_far = np.abs(differences[1:]) >= np.abs(differences[0]) - 1e-6
        found[place] = (1 + as_far.sum()) / (1 + swaps)
    return found


def _points(samples: Sequence[Array], sources: Sequence[Array]) -> Array:
    """Values at which functions are compared: all, or quantiles of answers and sources."""
    every = np.unique(np.concatenate([*samples, *map(np.unique, sources)]))
    if len(every) <= POINTS:
        return every
    pooled = np.concatenate(samples)
    inner = np.quantile(pooled, np.linspace(0, 1, POINTS // 2), method="inverted_cdf")
    return np.unique(np.concatenate([inner, np.linspace(every[0], every[-1], POINTS // 2)]))


def _at_most(values: Array, points: Array) -> NDArray[np.float32]:
    """Whether each value is at most each of the points but the last, (..., points - 1)."""
    return (values[..., None] <= points[:-1] + 1e-12).astype(np.float32)


def _differences(
    tuned: NDArray[np.float32],
    base: NDArray[np.float32],
    reference: NDArray[np.float32],
    chosen: NDArray[np.int8],
    steps: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Difference of the distances as it is, and after each swap, (1 + swaps,)."""
    n = len(base)
    of_base = np.repeat(base.mean(axis=0)[None], len(chosen) + 1, axis=0)
    total = np.zeros(len(of_base), np.float32)
    for seed, of_seed in enumerate(tuned):
        moved = (chosen == seed + 1).astype(np.float32) @ (of_seed - base) / n
        function = np.repeat(of_seed.mean(axis=0)[None], len(of_base), axis=0)
        function[1:] -= moved
        of_base[1:] += moved
        total += np.abs(function - reference) @ steps
    return (total / len(tuned) - np.abs(of_base - reference) @ steps).astype(np.float32)
