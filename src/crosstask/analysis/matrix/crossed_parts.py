"""Statistics of single runs that are means over examples, or nearly, with intervals over examples and seeds.

A statistic T of a run is written as a sum over the n examples, with u[e] what example e adds to it ::

    T  ~  truth  +  1/n sum over e of u[e],      sum over e of u[e]  =  0

which is exact for a mean (u is the value less the mean), and for a smooth function of means its linearization: u is the
empirical influence function (Hampel 1974, "The influence curve and its role in robust estimation",
doi:10.1080/01621459.1974.10482962). T + u[e] then takes the place of a score, and the variance is that of
`variance_parts`: seeds crossed with examples, the variances between few seeds moderated by those of all cells of the
statistic (`moderation`).

Where examples are weighted by their class, each class with n_g examples is a stratum: its part of the variance is that
of a sample of its own, with n_g - 1 degrees of freedom, and the parts are added by Satterthwaite's rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.source_runs import SourceRuns
from crosstask.analysis.statistics.interaction import interaction_part
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, pooled_df


@dataclass(frozen=True)
class Estimates:
    """Statistics of the runs of some sources on one target."""

    target: str
    names: tuple[str, ...]
    """Of the k statistics."""
    runs: tuple[SourceRuns, ...]
    """Whose; arrays have their rows one source after the other."""
    values: Array
    """Shape (runs, k); NaN where a statistic is not defined."""
    influence: Array
    """u, shape (runs, n, k)."""
    strata: NDArray[np.intp] | None = None
    """Number of the stratum of each example, shape (n,), from 0 on; one for all when left out."""

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of seeds of each source, (sources,)."""
        return np.array([len(runs.places) for runs in self.runs], dtype=np.intp)

    @property
    def starts(self) -> NDArray[np.intp]:
        """First row of each source, (sources,)."""
        starts: NDArray[np.intp] = np.cumsum(self.counts) - self.counts
        return starts

    @property
    def mean(self) -> Array:
        """Mean over the seeds, (sources, k); NaN where the statistic of one is."""
        means: Array = np.add.reduceat(self.values, self.starts) / self.counts[:, None]
        return means

    @property
    def deviations(self) -> Array:
        """Of each seed from its source's mean, over sqrt(S (S - 1)), (sources, most seeds, k); 0 where undefined."""
        counts = self.counts
        source = np.repeat(np.arange(len(counts)), counts)
        found = np.zeros((len(counts), counts.max(), len(self.names)))
        scale = np.sqrt(np.maximum(counts * (counts - 1), 1))[source, None]
        found[source, np.arange(len(source)) - self.starts[source]] = (self.values - self.mean[source]) / scale
        return np.nan_to_num(found)

    def scaled(self) -> Array:
        """u, such that its squares over n (n - 1) are the variance: in each stratum n_g - 1 stands for n_g."""
        if self.strata is None:
            return self.influence
        sizes, n = np.bincount(self.strata).astype(float), len(self.strata)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(sizes > 1, np.sqrt(sizes / (sizes - 1) * (n - 1) / n), np.nan)
        scaled: Array = self.influence * factor[self.strata][:, None]
        return scaled

    def over_examples(self, influence: Array) -> tuple[Array, Array]:
        """Variance over the examples, and its degrees of freedom, of lots of u, (lots, n, k); both (lots, k)."""
        n = influence.shape[1]
        squares = influence**2 / max(n * (n - 1), 1)
        if self.strata is None:
            return squares.sum(axis=1), np.full((len(influence), influence.shape[2]), n - 1.0)
        sizes = np.bincount(self.strata)
        of_strata = np.stack([squares[:, self.strata == g].sum(axis=1) for g in np.flatnonzero(sizes)], axis=-1)
        return of_strata.sum(axis=-1), pooled_df(of_strata, sizes[sizes > 0] - 1.0)


def crossed_parts(found: Sequence[Estimates]) -> list[VarianceParts]:
    """The parts of the variance of means over seeds, for each target arrays of shape (sources, k).

    Variances between seeds are moderated over all targets and statistics, so these should be of one kind.
    """
    rows = {key: row for row, key in enumerate(dict.fromkeys((r.source, r.settings) for f in found for r in f.runs))}
    ends = np.cumsum([len(of_target.names) for of_target in found])
    places = [
        (
            np.array([rows[runs.source, runs.settings] for runs in of_target.runs]),
            slice(end - len(of_target.names), end),
        )
        for of_target, end in zip(found, ends, strict=True)
    ]
    most = max(of_target.counts.max() for of_target in found)
    deviations = np.zeros((len(rows), most, ends[-1]))
    names = ("seeds", "interaction", "examples", "seeds_df", "examples_df", "per_answer")
    joint = {name: np.zeros((len(rows), ends[-1])) for name in names}
    for of_target, (row, columns) in zip(found, places, strict=True):
        deviations[row, : of_target.counts.max(), columns] = of_target.deviations
        for name, values in _plain_parts(of_target).items():
            joint[name][row, columns] = values
    parts = moderated(VarianceParts(*joint.values()), deviations)
    return [VarianceParts(*(getattr(parts, name)[row, columns] for name in names)) for row, columns in places]


def _plain_parts(found: Estimates) -> dict[str, Array]:
    """The parts of one target before they are moderated."""
    influence, starts, counts = found.scaled(), found.starts, found.counts[:, None]
    n, missing = influence.shape[1], np.isnan(found.mean)
    means = np.add.reduceat(influence, starts) / counts[:, :, None]
    interaction = [interaction_part(influence[:, :, k], starts, means[:, :, k]) for k in range(len(found.names))]
    examples, df = found.over_examples(means)
    return {
        "seeds": (found.deviations**2).sum(axis=1),
        "interaction": np.where(missing, 0, np.nan_to_num(np.stack(interaction, axis=1))) if n > 1 else 0 * found.mean,
        "examples": np.where(missing, np.nan, examples),
        "seeds_df": np.where(missing, 0, counts - 1.0),
        "examples_df": df,
        "per_answer": np.where(counts > 1, np.nan_to_num(examples) * n / counts, 0.0),
    }
