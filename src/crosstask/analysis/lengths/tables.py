"""Lengths of every cell in every unit: the table of lengths.csv."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.lengths.columns import LENGTHS
from crosstask.analysis.lengths.distances import distances
from crosstask.analysis.lengths.known import OpenTarget, logs
from crosstask.analysis.matrix.answers import base_of
from crosstask.analysis.matrix.behavior import UNITS
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.variance_parts import Array


def lengths_table(
    targets: Mapping[str, OpenTarget], sources: Mapping[str, Mapping[str, Array]], settings: Sequence[str] = ()
) -> pd.DataFrame:
    """Return lengths of all cells.

    Parameters
    ----------
    targets : mapping of str to OpenTarget
        By name, in the order of the matrix.
    sources : mapping
        Sorted lengths of what sources train on, by unit and source.
    settings : sequence of str
        What runs distinguish besides source and seed, in the order of the runs.

    Returns
    -------
    DataFrame
        Columns ``LENGTHS`` and those of the settings.
    """
    frames = [
        _of_target(target, unit, sources[unit]).assign(
            target=name,
            **{key: [run[2 + place] for run in target.rows] for place, key in enumerate(settings)},
        )
        for name, target in targets.items()
        for unit in UNITS
        if unit in target.lengths
    ]
    columns = [*column_names(LENGTHS), *settings]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns].astype({"seed": "Int64", "n": "Int64"})


def _of_target(target: OpenTarget, unit: str, sources: Mapping[str, Array]) -> pd.DataFrame:
    """Lengths on one target in one unit, a row for each run."""
    values = target.lengths[unit]
    cut = target.is_cut
    means = np.where(cut, np.nan, values.mean(axis=1, dtype=float))
    medians = known_medians(values, target.cut)
    bases = [base_of(run, target.rows) for run in target.rows]
    places = np.array([-1 if base is None else target.rows.index(base) for base in bases], dtype=np.intp)
    names = [run[0] for run in target.rows]
    return pd.DataFrame(
        {
            "source": names,
            "seed": pd.array([run[1] for run in target.rows], "Int64"),
            "unit": unit,
            "n": values.shape[1],
            "cut": target.cut.mean(axis=1),
            "mean": means,
            "median": medians,
            "base_mean": np.where(places < 0, np.nan, means[places]),
            "base_median": np.where(places < 0, np.nan, medians[places]),
            "gold_mean": target.gold[unit].mean() if unit in target.gold else np.nan,
            "gold_median": np.median(target.gold[unit]) if unit in target.gold else np.nan,
            "source_mean": [sources[name].mean() if name in sources else np.nan for name in names],
            "source_median": [np.median(sources[name]) if name in sources else np.nan for name in names],
            **_distances(target, unit, sources, places),
        }
    )


def known_medians(values: NDArray[np.int32], cut: NDArray[np.bool_]) -> Array:
    """Median of each row; NaN where it depends on how long the cut answers would have become.

    A cut answer is at least as long as what there is of it: the median is known if it is the same with the cut answers
    as they are and without a limit.
    """
    least = np.median(values, axis=1)
    most = np.median(np.where(cut, np.inf, values), axis=1)
    return np.where(least == most, least, np.nan)


def _distances(
    target: OpenTarget, unit: str, sources: Mapping[str, Array], bases: NDArray[np.intp]
) -> dict[str, Array]:
    """Distances of each run and of its base from the lengths that the run's source trains on; NaN where not known."""
    found = {name: np.full(len(target.rows), np.nan) for name in ("wasserstein", "base_wasserstein", "ks", "base_ks")}
    rows = [place for place, run in enumerate(target.rows) if run[0] in sources and run[0] != BASE]
    if not rows:
        return found
    cut = target.is_cut
    of_sources = {target.rows[row][0]: logs(sources[target.rows[row][0]]) for row in rows}
    compared = [row for row in rows if bases[row] >= 0]
    for prefix, of_runs, samples in (("", rows, rows), ("base_", compared, bases[compared])):
        if not of_runs:
            continue
        of = distances(logs(target.lengths[unit][samples]), [target.rows[row][0] for row in of_runs], of_sources)
        found[f"{prefix}wasserstein"][of_runs] = np.where(cut[samples], np.nan, of.wasserstein)
        found[f"{prefix}ks"][of_runs] = of.kolmogorov_smirnov
    return found
