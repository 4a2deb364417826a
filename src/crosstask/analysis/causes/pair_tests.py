"""Pair features against what donors and recipients leave of the gains, by semi-partial relabeling.

With M x what effects of sources and of targets leave of x (`additive_model`), Y the gains and X a feature ::

    b   =  <M X, M Y> / <M X, M X>            over the cells off the diagonal
    r*  =  <M (M X)*, M Y> / |M (M X)*|       (M X)* being M X with sources and targets renamed
    p   =  share of renamings, the observed one among them, with |r*| >= |r|

as for similarity (`pairs`), but in the unit of the gains and not of ranks. The interval has every slope that the same
test does not refuse: with Y - b X for Y, p is above alpha.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from crosstask.analysis.causes.features import PAIR
from crosstask.analysis.causes.tested import FEWEST, Tested, nothing
from crosstask.analysis.causes.units import Units
from crosstask.analysis.matrix.pairs import ROUNDING, PairProducts, Pairs, Permutation, own_pairs
from crosstask.analysis.statistics.variance_parts import Array

_HALVINGS = 40
_WIDEST = 2.0**20
"""In widths of the null, where a limit is given up."""


def pair_tests(units: Units, orders: Sequence[Permutation], alpha: float) -> Iterator[Tested]:
    """Test every feature of the pairs; parameters as for `level_tests`."""
    used = units.model.used
    pairs = Pairs(units.model, units.model.left(units.gains.to_numpy(float)), orders)
    for name, own in own_features(units).items():
        known = int((used & np.isfinite(units.features.pairs[name].to_numpy(float))).sum())
        if min(used.shape) < FEWEST or not own[used].any():
            yield nothing(PAIR, name, known)
            continue
        found = pairs.products(own)
        sd = float(np.sqrt(found.size / known))
        low, high = (_limit(found, sign, alpha) for sign in (-1.0, 1.0))
        slope = found.with_gains / found.size
        yield Tested(PAIR, name, known, slope * sd, low * sd, high * sd, sd, _statistics(found, 0.0))


def own_features(units: Units) -> dict[str, Array]:
    """What effects of sources and targets leave of each feature of the pairs, (sources, targets) each.

    0 everywhere where what is left is nothing but rounding.
    """
    used, reached, found = units.model.used, units.reached, {}
    for name, frame in units.features.pairs.items():
        values = frame.to_numpy(float)
        own = own_pairs(values, reached, ranked=False)
        largest = np.abs(values[np.isfinite(values)]).max(initial=0.0)
        found[name] = own if np.abs(own[used]).max() > ROUNDING * largest else np.zeros_like(own)
    return found


def _statistics(found: PairProducts, slope: float) -> Array:
    """|r|, then |r*|, of gains less a slope times the feature."""
    sizes = np.concatenate([[found.size], found.sizes])
    products = np.concatenate([[found.with_gains], found.of_orders])
    of_feature = np.concatenate([[found.size], found.with_own])
    left = np.abs(products - slope * of_feature)
    return np.divide(left, np.sqrt(sizes), out=np.zeros(len(sizes)), where=sizes > 1e-12 * found.size)


def _limit(found: PairProducts, sign: float, alpha: float) -> float:
    """The slope furthest to one side that is not refused; NaN where none is refused."""
    estimate = found.with_gains / found.size

    def refused(distance: float) -> bool:
        every = _statistics(found, estimate + sign * distance)
        return float((every >= every[0] * (1 - 1e-9)).mean()) <= alpha

    width = float(np.std(_statistics(found, estimate)) + np.finfo(float).tiny) / np.sqrt(found.size)
    outside = width
    while not refused(outside):
        outside *= 2
        if outside > _WIDEST * width:
            return float("nan")
    inside = 0.0
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if refused(middle) else (middle, outside)
    return estimate + sign * outside
