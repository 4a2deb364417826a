"""The two statistics that are tested, for many assignments of abilities at once."""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

FEWEST = 3
"""Sources that two targets must have in common, or their correlation says nothing."""


def target_correlations(residuals: Array, used: NDArray[np.bool_]) -> Array:
    """Correlations of the targets over the sources that both have ::

        sum over i of z[i, t] z[i, u]  /  sqrt(sum of z[i, t]^2  sum of z[i, u]^2)

    Parameters
    ----------
    residuals : ndarray, shape (sources, targets)
        z; 0 for cells that are not used. They have mean 0 but for the cells left out, and are not centered again.
    used : ndarray of bool, same shape
        Cells that count.

    Returns
    -------
    ndarray, shape (targets, targets)
        NaN for fewer than 3 sources in common, without any variation, and on the diagonal.
    """
    squares, both = residuals**2, used.astype(float)
    products = residuals.T @ residuals
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 without variation
        found: Array = products / np.sqrt((squares.T @ both) * (both.T @ squares))
    found[both.T @ both < FEWEST] = np.nan
    np.fill_diagonal(found, np.nan)
    return found


def going_together(correlations: Array, labels: NDArray[np.intp]) -> Array:
    """Mean correlation of two targets of one ability, (relabelings,); NaN where no two are.

    Parameters
    ----------
    correlations : ndarray, shape (targets, targets)
        NaN where not defined: such pairs do not count.
    labels : ndarray of int, shape (relabelings, targets)
        Ability of each target.
    """
    known, values = (~np.isnan(correlations)).astype(float), np.nan_to_num(correlations)
    total, count = np.zeros(len(labels)), np.zeros(len(labels))
    for ability in np.unique(labels):
        members = (labels == ability).astype(float)
        total += ((members @ values) * members).sum(axis=1)
        count += ((members @ known) * members).sum(axis=1)
    return np.divide(total, count, out=np.full(len(labels), np.nan), where=count > 0)


def gaining_within(
    residuals: Array, used: NDArray[np.bool_], of_sources: NDArray[np.intp], of_targets: NDArray[np.intp]
) -> Array:
    """Mean residual of sources on targets of their own ability less that on others, (relabelings,).

    Parameters
    ----------
    residuals : ndarray, shape (sources, targets)
        0 for cells that are not used.
    used : ndarray of bool, same shape
        Cells that count.
    of_sources, of_targets : ndarray of int, shape (relabelings, sources) and (relabelings, targets)
        Their abilities.

    Returns
    -------
    ndarray
        NaN where there is no cell within, or none outside.
    """
    cells = used.astype(float)
    total, count = np.zeros(len(of_sources)), np.zeros(len(of_sources))
    for ability in np.unique(of_targets):
        sources, targets = (of_sources == ability).astype(float), (of_targets == ability).astype(float)
        total += ((sources @ residuals) * targets).sum(axis=1)
        count += ((sources @ cells) * targets).sum(axis=1)
    outside, rest = residuals.sum() - total, cells.sum() - count
    defined = (count > 0) & (rest > 0)
    means = [np.divide(a, b, out=np.full(len(a), np.nan), where=defined) for a, b in ((total, count), (outside, rest))]
    return means[0] - means[1]
