"""Whether few dimensions carry what comes back, in more than one replicate.

What single pairs of a source and a target do comes back as traits do, and a mean over replicates has a component as
well where a single one of them has, the more so if its sources move by more. So what comes back is called a trait only
if all of this holds:

1. The mean over replicates, each at one spread of residuals, has components that are distinguishable from noise, with
   bends of the targets as well as without (`component_tests`).
2. The component that comes back lies among them: at least half of the squares of its loadings.
3. It is there when any replicate is left out: of its matrix u v', at least half lies along the components of the mean
   over the others.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.noise_tests import component_tests
from crosstask.analysis.traits.replication.masked_components import masked_components
from crosstask.analysis.traits.replication.replicates import Replicates

_HALF = 0.5


def carried(
    found: Replicates, same: Sequence[Sequence[str]], retained: int, bent: bool, draws: int, alpha: float
) -> int:
    """How many of the components that come back are dimensions that carry it, from the first on.

    Parameters
    ----------
    found : Replicates
        At least two.
    same : sequence of sequences of str
        Names of those that count as one.
    retained : int
        How many components come back.
    bent : bool
        Whether they are those with bends of the targets.
    draws, alpha
        As for `component_tests`.
    """
    if not retained:
        return 0
    found = found.once(same)
    mean = at_one_spread(found)
    tests = component_tests(mean, draws, alpha)
    if not tests.retained:
        return 0
    decomposed = mean.bending if tests.bends_matter else mean
    loadings = np.linalg.svd(decomposed.standardized, full_matrices=False)[2][: tests.retained].T
    values = (found.bending if bent else found).values
    rows, columns = masked_components(values.mean(axis=0), found.used, retained)
    among = np.square(loadings.T @ columns).sum(axis=0) >= _HALF
    left = np.array([_along(np.delete(values, place, 0), found.used, rows, columns) for place in range(len(values))])
    holds = among & (left >= _HALF).all(axis=0)
    return int(holds.cumprod().sum())


def at_one_spread(found: Replicates) -> Residuals:
    """The mean over replicates of gains, each over the root mean square of its residuals."""
    scaled = []
    for data in found.residuals:
        left = (data.standardized * data.fit.spreads)[found.used]
        scaled.append(data.values.to_numpy(float) / (np.sqrt(np.square(left).mean()) or 1.0))
    first = found.residuals[0]
    mean = np.where(found.used, np.mean(scaled, axis=0), np.nan)
    return _replaced(first, mean)


def _replaced(first: Residuals, gains: Array) -> Residuals:
    """Other gains of the same sources and targets, taken to be exact."""
    values = pd.DataFrame(gains, first.values.index, first.values.columns)
    return Residuals(values=values, projected=values.iloc[:0], labels=first.labels, seeds=values.iloc[:0])


def _along(others: Array, used: NDArray[np.bool_], rows: Array, columns: Array) -> Array:
    """Share of the square of each matrix u v' that lies along those of the mean over other replicates, (n,)."""
    of_rows, of_columns = masked_components(others.mean(axis=0), used, rows.shape[1])
    cosines: Array = (of_rows.T @ rows) * (of_columns.T @ columns)
    return np.square(cosines).sum(axis=0)
