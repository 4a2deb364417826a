"""Stability of components: bootstrap intervals, and what changes when a source or a target is left out.

Solutions are aligned with the one reported before they are compared (`alignment`): by signs and order alone, since the
axes are what is reported, or with rotation, which asks for no more than the space of the components.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.alignment import Alignment, alignment, congruences, largest_angle
from crosstask.analysis.traits.columns import LOADING_INTERVALS, STABILITY, TRAIT_INTERVALS
from crosstask.analysis.traits.components import Components, decompose
from crosstask.analysis.traits.intervals import Resampled, interval_table
from crosstask.errors import UserError

MOST_LEFT_OUT = 200
"""Sources that are left out of a matrix in turn."""


@dataclass(frozen=True)
class Intervals:
    """Intervals of loadings and traits, and how similar the resampled solutions are."""

    loadings: pd.DataFrame
    """Columns ``LOADING_INTERVALS``."""
    traits: pd.DataFrame
    """Columns ``TRAIT_INTERVALS``."""
    stability: pd.DataFrame
    """Columns ``STABILITY``, one row per component: the mean over draws."""


def bootstrap(
    reference: Components,
    resampled: Resampled,
    retained: int,
    draws: int = 500,
    allowed: Alignment = "axes",
    alpha: float = 0.05,
) -> Intervals:
    """Analyze resampled matrices and say within which bounds loadings and traits lie.

    With the reported value v, its aligned values v*[b] in B resampled matrices and the quantile z of the normal
    distribution for the level, 1.96 for 95 % ::

        v  +-  z sqrt(sum over b of (v*[b] - v)^2 / B)

    Distances are from v, not from the mean of v*, and so have the bias of the bootstrap in them, which z-scored noise
    brings about. Of the intervals tried (percentile, basic, normal with and without its bias) this one held 95 % best
    in simulations (``docs/statistics/traits.md``).

    Parameters
    ----------
    reference : Components
        The solution reported, with as many components as get intervals.
    resampled : callable
        Draw number -> a matrix with the rows and columns of the one that was analyzed.
    retained : int
        Components distinguishable from noise: the angle is that of their space, or of the first component where there
        are none.
    draws : int
        Resampled matrices.
    allowed : {"axes", "rotation"}
        As for `alignment`.
    alpha : float
        The intervals have level 1 - alpha.

    Raises
    ------
    UserError
        If there are no draws.
    """
    if draws < 2:
        raise UserError(f"draws={draws}: at least 2 resampled matrices")
    found = _distances(reference, resampled, retained, draws, allowed)
    bounds = interval_table(reference.loadings, found.loadings, column_names(LOADING_INTERVALS), alpha)
    # No entry of an eigenvector of length 1 goes beyond. Traits of projected rows may, so they are left as they are.
    bounds[["ci_low", "ci_high"]] = bounds[["ci_low", "ci_high"]].clip(-1, 1)
    return Intervals(
        bounds,
        interval_table(reference.traits, found.traits, column_names(TRAIT_INTERVALS), alpha),
        _stability_rows("answers and seeds", "", reference, found.congruences, found.angle),
    )


@dataclass(frozen=True)
class _Distances:
    """How far resampled solutions lie from the reported one."""

    loadings: np.ndarray
    """Root mean squares, shape (n_targets, n_components)."""
    traits: np.ndarray
    """Root mean squares, shape (n_sources, n_components), in the order of the reported traits."""
    congruences: np.ndarray
    """Means, shape (n_components,)."""
    angle: float
    """Mean."""


def _distances(
    reference: Components, resampled: Resampled, retained: int, draws: int, allowed: Alignment
) -> _Distances:
    """Decompose resampled matrices, align the solutions and compare them with the reported one."""
    data, (count, loadings) = reference.observations, (reference.loadings.shape[1], reference.loadings.to_numpy())
    traits = reference.traits.loc[data.names].to_numpy()
    squares, trait_squares = np.zeros(loadings.shape), np.zeros(traits.shape)
    similar, angles = np.zeros(count), 0.0
    for number in range(draws):
        drawn, drawn_traits, _ = decompose(data, *data.redrawn(resampled(number)), count=count)
        turn = alignment(drawn[:, :count], loadings, allowed)  # one for both: loadings and traits are of one solution
        turned = drawn[:, :count] @ turn
        squares += (turned - loadings) ** 2
        trait_squares += (drawn_traits[:, :count] @ turn - traits) ** 2
        similar += np.diag(congruences(turned, loadings))
        angles += _angle(turned, loadings, retained)
    # Decompositions have projected rows last, the reported traits are in the order of the matrix.
    trait_spread = pd.DataFrame(np.sqrt(trait_squares / draws), data.names).loc[reference.traits.index].to_numpy()
    return _Distances(np.sqrt(squares / draws), trait_spread, similar / draws, angles / draws)


def jackknife(reference: Components, retained: int, allowed: Alignment = "axes") -> pd.DataFrame:
    """Leave out each source, then each target, and compare what remains with the whole.

    Of more than 200 sources those are left out, one by one, that lie farthest out in the components: the others change
    less, and each of them takes a decomposition of all the rest.

    Congruence and angle are over the targets that both have; components without one target are no longer of length 1,
    which the congruence does not mind.

    Parameters
    ----------
    reference, retained, allowed
        As for `bootstrap`.

    Returns
    -------
    DataFrame
        Columns ``STABILITY``, one row per source or target left out and component. What is left out of too small a
        matrix leaves nothing to analyze and has no row.
    """
    whole = reference.loadings.to_numpy()
    rows = []
    for kind, name, rest in _leaving_one_out(reference):
        if rest.rank < whole.shape[1] or rest.values.shape[1] < 2 or rest.values.isna().all().any():
            continue
        values, projected = rest.values.to_numpy(float), rest.projected.to_numpy(float)
        loadings = decompose(rest, values, projected, count=whole.shape[1])[0][:, : whole.shape[1]]
        same = whole[reference.loadings.index.isin(rest.values.columns)]  # the rows of the targets that are left
        turned = loadings @ alignment(loadings, same, allowed)
        similar = np.diag(congruences(turned, same))
        rows.append(_stability_rows(kind, name, reference, similar, _angle(turned, same, retained)))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=column_names(STABILITY))


def _leaving_one_out(reference: Components) -> Iterator[tuple[str, str, Decomposed]]:
    """What is left out, its name, and the observations without it."""
    data = reference.observations
    none, sources = data.projected.iloc[:0], np.array(data.sources, dtype=object)
    traits = reference.traits.loc[data.names[: len(sources)]]
    farthest = (traits**2).sum(axis=1).groupby(sources, sort=False).sum()
    chosen = farthest.nlargest(MOST_LEFT_OUT).index
    for source in farthest.index[farthest.index.isin(chosen)]:
        # With all its rows. Projected rows would only follow, and change nothing.
        yield "without a source", source, replace(data, values=data.values[sources != source], projected=none)
    for target in data.values.columns:
        values = data.values.loc[:, data.values.columns != target]
        yield "without a target", str(target), replace(data, values=values, projected=none[values.columns])


def _angle(loadings: np.ndarray, reference: np.ndarray, retained: int) -> float:
    """Angle between the spaces of the retained components, or of the first where none is."""
    count = max(retained, 1)
    return largest_angle(loadings[:, :count], reference[:, :count])


def _stability_rows(kind: str, name: str, reference: Components, similar: np.ndarray, angle: float) -> pd.DataFrame:
    """One row per component."""
    rows = [(kind, name, component, value, angle) for component, value in zip(reference.loadings, similar, strict=True)]
    return pd.DataFrame(rows, columns=column_names(STABILITY))
