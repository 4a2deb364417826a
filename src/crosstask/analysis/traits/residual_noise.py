"""Null model of residuals: what no trait would leave, with the errors that the seeds of a source share over targets.

An adapter that came out better on some targets did so on those that its errors go together on: such errors are drawn
for all targets at once, and only what they leave of the variance for each cell by itself. How they go together is known
from few seeds. Noise that had just the covariance that was found would have less in common than the data wherever the
true errors, of which these are a sample as well, had more. So the covariance is drawn anew for each matrix of noise, as
seeds as many as there are would give it.
"""

from collections.abc import Callable

import numpy as np

from crosstask.analysis.traits.noise import Array, RowErrors

Cells = Callable[[Array, int, np.random.Generator], Array]
"""Residuals, draws, generator -> as many matrices of the same shape whose cells have nothing to do with each other."""
_ROUNDING = 1e-9  # share of the largest eigenvalue of a covariance below which one is none


def residual_noise(values: Array, errors: RowErrors, cells: Cells, draws: int, generator: np.random.Generator) -> Array:
    """Draw noise that has the variance of the values, but no more covariance between columns than errors have.

    With the errors' mean covariance S over rows, df degrees of freedom in all, and D[r]' D[r] that of row r alone ::

        noise[r]  =  sqrt(1 - e) cell[r]  +  w[r] D[r] T           T  =  S^(-1/2) (W / df)^(1/2) S^(1/2)
        e         =  trace of T' S T  /  variances of the values' columns in all,  at most 1

    with w standard normal for each row, and W for each matrix a Wishart matrix of df degrees of freedom, so that T' S T
    is what seeds with the covariance S might be found to have (parametric bootstrap). The share e is one for all
    columns: of a single column it is known so poorly that, limited to 1, it would be too small on average.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        Residuals, or what components leave of them.
    errors : RowErrors
        Errors of the rows, on the scale of the values, in the order of the rows.
    cells : callable
        How cells differ besides these errors.
    draws : int
        Matrices to make.
    generator : Generator
        Source of randomness.

    Returns
    -------
    array, shape (draws, n_rows, n_columns)
    """
    # The order of the draws is part of every result: cells, errors, covariances.
    drawn = cells(values, draws, generator)
    if not errors.known:
        return drawn
    of_rows = errors.draw(np.arange(len(values)), draws, generator)
    covariance = np.einsum("idc,ide->ce", errors.deviations, errors.deviations) / len(values)
    turns = redrawn(covariance, float(errors.df.sum()), draws, generator)
    by_error = (turns * (covariance @ turns)).sum(axis=(-2, -1))
    variance = float(values.var(axis=0, ddof=1).sum())
    left = np.clip(1 - by_error / variance, 0, None) if variance > 0 else np.zeros(draws)
    noise: Array = drawn * np.sqrt(left)[:, None, None] + of_rows @ turns
    return noise


def redrawn(covariance: Array, df: float, draws: int, generator: np.random.Generator) -> Array:
    """T, by which errors with a covariance S get one that as many degrees of freedom might find in its place.

    Parameters
    ----------
    covariance : array, shape (n_columns, n_columns)
        S; it may have a lower rank.
    df : float
        Degrees of freedom, rounded up to a whole number.
    draws, generator
        As for `residual_noise`.

    Returns
    -------
    array, shape (draws, n_columns, n_columns)
    """
    values, vectors = np.linalg.eigh(covariance)
    known = values > _ROUNDING * values[-1]
    root, inverse = vectors[:, known] * np.sqrt(values[known]), vectors[:, known] / np.sqrt(values[known])
    count = int(np.ceil(df))
    normal = generator.standard_normal((draws, count, int(known.sum())))
    found, axes = np.linalg.eigh(np.swapaxes(normal, -1, -2) @ normal / count)
    of_found = (axes * np.sqrt(found.clip(min=0))[:, None, :]) @ np.swapaxes(axes, -1, -2)
    turns: Array = inverse @ of_found @ root.T
    return turns
