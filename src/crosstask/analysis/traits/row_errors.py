"""What rows of a matrix have by accident: how far runs of one source are apart on all targets at once."""

import numpy as np

from crosstask.analysis.traits.noise import Array, RowErrors
from crosstask.analysis.traits.observations import Observations


def row_errors(data: Observations) -> RowErrors:
    """Find the errors of the rows that are decomposed, on their scale.

    Where a source has several rows these are its runs, whatever tells them apart: a trait of the source is what they
    share. Where it has one, which is a mean over seeds, they are the seeds.

    Returns
    -------
    RowErrors
        Sources in the order of ``data.groups``.
    """
    values, sizes = data.standardized, np.bincount(data.groups)
    left = 1 - data.effects.count_within / max((sizes - 1).sum(), 1)  # of what rows of a source differ in, by settings
    widened = left**-0.5 if left > 0 else 0.0
    found, df = [], []
    for group, size in enumerate(sizes):
        rows = np.flatnonzero(data.groups == group)
        if size > 1:
            found.append(_deviations(values[rows], of_mean=False) * widened)
            df.append((size - 1) * left)
        else:
            runs = data.runs(int(rows[0]))
            found.append(_deviations(runs, of_mean=True) * ~data.gaps[rows])  # what is filled in is no mean of seeds
            df.append(max(len(runs) - 1.0, 0.0))
    padded = np.zeros((len(sizes), max(map(len, found)), values.shape[1]))
    for place, deviations in enumerate(found):
        padded[place, : len(deviations)] = deviations
    return RowErrors(padded, np.array(df))


def _deviations(runs: Array, of_mean: bool) -> Array:
    """Deviations of runs whose squares add up to the variance of one of them, or of their mean; 0 for missing ones."""
    counts = (~np.isnan(runs)).sum(axis=0)
    means = np.nansum(runs, axis=0) / np.maximum(counts, 1)
    apart = np.nan_to_num(runs - means)
    apart[np.abs(apart) <= 1e-12 * np.abs(means)] = 0  # the mean of equal scores can differ in its last digit
    found: Array = apart / np.sqrt(np.maximum(counts - 1, 1) * (np.maximum(counts, 1) if of_mean else 1))
    return found
