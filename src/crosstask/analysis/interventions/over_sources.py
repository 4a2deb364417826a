"""Means of contrasts over sources and over targets: is it the change, or this source?

Every source is a replicate: I sources, crossed with the test rows of a target, which they share. With y[i] the mean
over seeds of the contrast of source i, and over its targets where it is a mean over these, the mean over sources varies
by ::

    between sources  =  sum over i of (y[i] - y)^2  /  (I (I - 1))       with I - 1 degrees of freedom
    test rows        =  that of the mean over sources, example by example, less the interaction's, summed over targets

each with the quantile of its own degrees of freedom (`variance_parts`). The first holds the seeds as well, and what a
source does to one example and not to others, which the second therefore must not (`interaction_part`). Nothing is
weighted or borrowed: with a handful of sources a variance between them is hardly known, and Student's quantile says so
(Hartung and Knapp 2001, doi:10.1002/sim.1009; IntHout, Ioannidis and Borm 2014, doi:10.1186/1471-2288-14-25). For these
very sources the first part is that between their seeds instead.

The exact test flips the signs of the sources' effects in all 2^I ways ::

    p  =  share of the ways in which |sum of +-y[i]|  >=  |sum of y[i]|

for effects that, but for chance, are as often above 0 as below it. p cannot be below 2 / 2^I, so that fewer than 6
sources cannot show anything at 5 %: then a mean is one of these sources only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.interventions.contrasts import Contrasts, Lots, Replicates, equivalence, over_examples
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.statistics.interaction import interaction_part
from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.sign_flips import sign_flips
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts, pooled_df


@dataclass(frozen=True)
class Cell:
    """A contrast of one source on one target."""

    source: str
    target: str
    home: bool
    one: Replicates
    between: float
    """Variance between seeds of the mean over them."""
    df: float
    """Its degrees of freedom; 0 with one seed."""

    @property
    def mean(self) -> Array:
        """Mean over seeds, (n,)."""
        mean: Array = self.one.values.mean(axis=0)
        return mean


@dataclass(frozen=True)
class _Mean:
    """Mean over cells: each source counts alike, and so does each of its targets."""

    cells: Sequence[Cell]
    seeds: tuple[float, float]
    """Variance between seeds, and its degrees of freedom."""

    @property
    def of_sources(self) -> Array:
        """Mean of each source, (sources,)."""
        groups: dict[str, list[float]] = {}
        for cell in self.cells:
            groups.setdefault(cell.source, []).append(float(cell.one.values.mean()))
        return np.array([np.mean(values) for values in groups.values()])

    def columns(self, alpha: float, margin: float) -> dict[str, object]:
        """Everything of a row but its keys."""
        found = self.of_sources
        count, middle, examples, df, interaction = len(found), *self._over_examples()
        nothing, over = np.zeros(1), (np.array([examples]), np.array([df]))
        these = VarianceParts(np.array([self.seeds[0]]), nothing, over[0], np.array([self.seeds[1]]), over[1], nothing)
        inside = _limits(these, middle, alpha)
        columns: dict[str, object] = {"value": float(found.mean()), "sources": count}
        columns |= {
            "these_low": inside["ci_low"],
            "these_high": inside["ci_high"],
            "these_p": inside["p"],
            "these_equivalence_p": equivalence(np.array([middle]), these, margin)[0],
        }
        if count > 1:
            between = np.array([found.var(ddof=1) / count])
            of_rows = np.array([max(examples - interaction, 0.0)])
            parts = VarianceParts(between, nothing, of_rows, np.array([count - 1.0]), over[1], nothing)
            columns |= _limits(parts, middle, alpha) | {"flip_p": sign_flips(found)}
        return columns

    def _over_examples(self) -> tuple[float, float, float, float]:
        """Middle, variance over the examples, its degrees of freedom, and what of it is interaction with the sources.

        The targets' examples are independent. Of a target with one source nothing can be said of an interaction.
        """
        counts: dict[str, int] = {}
        for cell in self.cells:
            counts[cell.source] = counts.get(cell.source, 0) + 1
        found = []
        for target in dict.fromkeys(cell.target for cell in self.cells):
            here = [(1 / (len(counts) * counts[cell.source]), cell) for cell in self.cells if cell.target == target]
            weights, values = np.array([weight for weight, _ in here]), np.stack([cell.mean for _, cell in here])
            step = sum(weight * cell.one.step for weight, cell in here)
            of_mean = interaction_part(values, np.zeros(1, dtype=np.intp), values.mean(axis=0, keepdims=True))[0]
            interaction = float(of_mean) * len(here) * float((weights**2).sum())
            found.append((*over_examples(weights @ values, step), values.shape[1] - 1.0, interaction))
        middles, variances, df, interactions = np.array(found).T
        return float(middles.sum()), float(variances.sum()), float(pooled_df(variances, df)), float(interactions.sum())


def _limits(parts: VarianceParts, middle: float, alpha: float) -> dict[str, float]:
    """``ci_low``, ``ci_high`` and ``p`` of one estimate; NaN where nothing is known of its variance."""
    known = bool(parts.standard_error[0] > 0)
    limits = parts.interval_and_test(np.array([middle]), alpha)
    return {name: float(values[0]) if known else np.nan for name, values in limits.items()}


def cells_of(lots: Lots, found: Contrasts, order: TaskOrder) -> dict[str, list[Cell]]:
    """Contrasts by their name, the second of their keys, with the moderated variances between their seeds."""
    between = zip(found.parts.between_seeds.tolist(), found.parts.seeds_df.tolist(), strict=True)
    cells: dict[str, list[Cell]] = {}
    for target, lot in lots.items():
        for one in lot:
            source, name = one.keys
            home = target in order.own_tasks(source)
            cells.setdefault(name, []).append(Cell(source, target, home, one, *next(between)))
    return cells


def means(cells: dict[str, list[Cell]], alpha: float, margin: float) -> pd.DataFrame:
    """Means over sources on each target off the diagonal, over targets of each source, and over both.

    Returns
    -------
    DataFrame
        Columns ``name``, ``source`` (empty: mean over sources), ``target`` (empty: mean over targets), ``home``,
        ``value``, ``sources``, ``these_*``, and where there are several sources ``ci_low``, ``ci_high``, ``p`` and
        ``flip_p``. One row per mean of at least two cells.
    """
    columns = ["name", "source", "target", "home", "value", "sources", "ci_low", "ci_high", "p", "flip_p"]
    columns += ["these_low", "these_high", "these_p", "these_equivalence_p"]
    of_seeds = _seeds_over_targets(cells)
    rows = [
        {"name": name, "source": source, "target": target, "home": home} | mean.columns(alpha, margin)
        for name, of in cells.items()
        for source, target, home, mean in _means_of(name, of, of_seeds)
    ]
    return pd.DataFrame(rows, columns=columns).astype({"home": bool})


def _means_of(
    name: str, cells: Sequence[Cell], of_seeds: dict[tuple[str, str], tuple[float, float]]
) -> Iterator[tuple[str | None, str | None, bool, _Mean]]:
    """Source, target, whether at home, and mean, of one contrast."""
    away, home = [cell for cell in cells if not cell.home], [cell for cell in cells if cell.home]
    for target in dict.fromkeys(cell.target for cell in away):
        here = [cell for cell in away if cell.target == target]
        if len(here) > 1:
            yield None, target, False, _Mean(here, _together((cell.between, cell.df) for cell in here))
    sources = list(dict.fromkeys(cell.source for cell in away))
    for source in sources:
        here = [cell for cell in away if cell.source == source]
        if len(here) > 1:
            yield source, None, False, _Mean(here, of_seeds[name, source])
    if len(sources) > 1:
        yield None, None, False, _Mean(away, _together(of_seeds[name, source] for source in sources))
    if len({cell.source for cell in home}) > 1:
        yield None, None, True, _Mean(home, _together((cell.between, cell.df) for cell in home))


def _together(parts: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Variance of a mean of independent means, and its degrees of freedom."""
    variances, df = np.array(list(parts)).T
    return float(variances.sum()) / len(variances) ** 2, float(pooled_df(variances, df))


def _seeds_over_targets(cells: dict[str, list[Cell]]) -> dict[tuple[str, str], tuple[float, float]]:
    """Variance between seeds of each source's mean over targets off the diagonal, and its degrees of freedom.

    A seed may move all targets alike, so it is that of the seeds' means, of the seeds that all targets have.
    """
    lots: dict[tuple[str, str], list[Cell]] = {}
    for name, of in cells.items():
        for cell in of:
            if not cell.home:
                lots.setdefault((name, cell.source), []).append(cell)
    seeds, counts = [], []
    for of in lots.values():
        common = sorted(set.intersection(*(set(cell.one.units) for cell in of)))
        of_cells = [cell.one.values.mean(axis=1)[[cell.one.units.index(unit) for unit in common]] for cell in of]
        counts.append(len(common))
        seeds.append(float(np.mean(of_cells, axis=0).var(ddof=1)) / len(common) if len(common) > 1 else 0.0)
    if not lots:
        return {}
    shape = (len(lots), 1)
    nothing, number = np.zeros(shape), np.reshape(counts, shape).astype(float)
    plain = VarianceParts(
        np.reshape(seeds, shape), nothing, nothing, np.maximum(number - 1, 0), nothing, 1 / np.maximum(number, 1)
    )
    parts = moderated(plain)
    pairs = zip(parts.between_seeds.ravel().tolist(), parts.seeds_df.ravel().tolist(), strict=True)
    return dict(zip(lots, pairs, strict=True))
