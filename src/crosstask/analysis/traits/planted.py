"""Traits planted in the place of residuals, by which it is asked what an analysis of this very matrix would find.

The targets are dealt to some traits, every source gets a strength in each, and cells are ::

    z[i, t]  =  sqrt(c) f[i, trait of t]  +  sqrt(1 - c) e[i, t],        f, e ~ normal(0, 1)

c being the communality, the share of a target's variance (donors and recipients aside) that its trait explains. A trait
of one target alone is nothing that targets share, so each has two.
"""

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array

TRAITS, COMMUNALITY = 3, 0.5
"""What a verdict is about, where there are targets enough."""
ENOUGH, GOOD = 0.5, 0.8
"""Power below which nothing can be told, and power that a design should have."""


def trait_count(targets: int, most: int = TRAITS) -> int:
    """Traits that so many targets can share, at most; 0 with fewer than four.

    Examples
    --------
    >>> [trait_count(targets) for targets in (3, 4, 5, 6, 20)]
    [0, 2, 2, 3, 3]
    """
    return min(most, targets // 2) if targets >= 4 else 0


def planted_cells(
    shape: tuple[int, ...], traits: int, communality: float, draws: tuple[int, int], generator: np.random.Generator
) -> Array:
    """Cells with traits.

    Parameters
    ----------
    shape : pair of int
        Sources and targets.
    traits : int
        At least one.
    communality : float
        c.
    draws : pair of int
        Replicates, which have f in common, and draws of f.
    generator : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (replicates, draws, sources, targets)
    """
    (sources, targets), (replicates, count) = shape, draws
    # Which targets share a trait is drawn anew each time: targets differ in their spread and in their gaps.
    groups = generator.permuted(np.broadcast_to(np.arange(targets) % traits, (count, targets)), axis=1)
    strengths = generator.standard_normal((count, sources, traits))
    shared = np.take_along_axis(strengths, np.broadcast_to(groups[:, None, :], (count, sources, targets)), axis=2)
    own = generator.standard_normal((replicates, *shared.shape))
    cells: Array = np.sqrt(communality) * shared + np.sqrt(1 - communality) * own
    return cells
