"""How far adapters change the same single answers, and not just as many."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array


def shared_answers(targets: Iterable[tuple[NDArray[np.floating], NDArray[np.bool_]]]) -> Array:
    """Return the correlation, over the examples of all targets, of what two rows change.

    With the scores x of S rows on the n examples of a target, centered over examples for each row, less their mean over
    rows (which takes off the base model's answers as well), and every target at one spread ::

        r[a, b]  =  sum over targets of x[a] x[b]  /  sqrt(sum of x[a]^2  sum of x[b]^2)
        value    =  r + (1 - r) / S

    Less their mean, rows that have nothing in common correlate by -1 / (S - 1): the second line makes that 0. All
    targets at once, since rows that change little on one, or give one class alone there, agree by chance.

    Parameters
    ----------
    targets : iterable of (array of shape (S, n), array of bool of shape (S,))
        Scores of each row on the examples of a target, and which rows take part there.

    Returns
    -------
    array, shape (S, S)
        -1 to 1; NaN for two rows of which one changes nothing on the targets in common.

    Examples
    --------
    >>> same, other = [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]
    >>> shared_answers([(np.array([same, same, other]), np.ones(3, bool))]).round(2).tolist()
    [[1.0, 1.0, -0.33], [1.0, 1.0, -0.33], [-0.33, -0.33, 1.0]]
    """
    products, squares = np.zeros(()), np.zeros(())
    for scores, used in targets:
        changes = np.where(used[:, None], scores.astype(float) - scores.mean(axis=1, keepdims=True), 0.0)
        changes -= used[:, None] * (changes.sum(axis=0) / max(used.sum(), 1))
        changes /= np.sqrt((changes**2).mean()) or 1.0
        inner, common = changes @ changes.T, np.outer(used, used)
        products = products + inner * common
        squares = squares + np.diag(inner)[:, None] * common
    lengths = np.sqrt(squares * squares.T)
    r: Array = np.divide(products, lengths, out=np.full(lengths.shape, np.nan), where=lengths > 0)
    return r + (1 - r) / len(r)
