"""Row-level error: how far runs of one source are apart, on all targets at once."""

import numpy as np

from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.traits.noise import Array, RowErrors

_ROUNDING = 1e-12  # of a mean: a smaller deviation is that of equal scores, whose mean can differ in its last digit


def row_errors(data: Decomposed) -> RowErrors:
    """Estimate the errors of the rows that are decomposed, on their scale.

    Where a source has several rows these are its runs, whatever distinguishes them: a trait of the source is what they
    share. Where it has one, which is a mean over seeds, they are the seeds. With n rows x, or S seeds y, of a source
    the covariance of the error of one of its rows is ::

        several rows:  sum over rows of   (x - mean)' (x - mean)  /  ((n - 1) f),    df = (n - 1) f
        one row:       sum over seeds of  (y - mean)' (y - mean)  /  ((S - 1) S),    df = S - 1

        f  =  1 - (df that settings take within sources)  /  sum over sources of (n - 1)

    since main effects of settings were subtracted from rows, but not from the seeds of one row.

    Returns
    -------
    RowErrors
        Sources in the order of ``data.groups``.
    """
    values, sizes = data.standardized, np.bincount(data.groups)
    left = 1 - data.count_within / max((sizes - 1).sum(), 1)
    widened = left**-0.5 if left > 0 else 0.0  # nothing left: rows of a source differ by settings alone
    found, df = [], []
    for group, size in enumerate(sizes):
        rows = np.flatnonzero(data.groups == group)
        if size > 1:
            found.append(_deviations(values[rows], of_mean=False) * widened)
            df.append((size - 1) * left)
        elif data.seed_counts[rows[0]] < 2:  # of thousands of rows, each would be standardized for nothing
            found.append(np.zeros((1, values.shape[1])))
            df.append(0.0)
        else:
            runs = data.runs(int(rows[0]))
            found.append(_deviations(runs, of_mean=True) * ~data.gaps[rows])  # what is filled in is no mean of seeds
            df.append(max(len(runs) - 1.0, 0.0))
    # Sources have more or fewer runs: deviations of 0 add nothing to a covariance.
    padded = np.zeros((len(sizes), max(map(len, found)), values.shape[1]))
    for place, deviations in enumerate(found):
        padded[place, : len(deviations)] = deviations
    return RowErrors(padded, np.array(df))


def _deviations(runs: Array, of_mean: bool) -> Array:
    """Deviations of runs whose squares add up to the variance of one of them, or of their mean; 0 for missing ones."""
    counts = (~np.isnan(runs)).sum(axis=0)
    means = np.nansum(runs, axis=0) / np.maximum(counts, 1)
    apart = np.nan_to_num(runs - means)
    apart[np.abs(apart) <= _ROUNDING * np.abs(means)] = 0
    found: Array = apart / np.sqrt(np.maximum(counts - 1, 1) * (np.maximum(counts, 1) if of_mean else 1))
    return found
