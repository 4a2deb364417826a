"""What each cell keeps of base's ability: the table of forgetting.csv."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crosstask.analysis.forgetting.columns import FORGETTING
from crosstask.analysis.forgetting.example_errors import example_parts, of_level, paired_parts
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.standard_errors import known_errors
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.ratios import RatioPart, ratio_interval
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer


@dataclass(frozen=True)
class _Estimates:
    """Scores of one shape with what their errors share with base's."""

    score: Array
    base: Array
    level: Array
    parts: tuple[RatioPart, ...]

    def columns(self, alpha: float) -> dict[str, Array]:
        """Return columns base to ``ci_high`` of ``FORGETTING``."""
        above, ability = self.score - self.level, self.base - self.level
        low, high = ratio_interval(above, ability, self.parts, alpha)
        told = ~np.isnan(low) & (ability > 0)
        kept = np.divide(above, ability, out=np.full(above.shape, np.nan), where=told)
        limits = {"kept": kept, "ci_low": np.where(told, low, np.nan), "ci_high": np.where(told, high, np.nan)}
        return {"base": self.base, "score": self.score, "level": self.level, **limits}


def forgetting(transfer: Transfer, levels: Array, variances: ArrayLike = 0.0) -> pd.DataFrame:
    """What is kept of base's ability on every target off the diagonal.

    With level c of a target, a cell keeps (score - c) / (base - c), with `ratio_interval` over its test rows and seeds.

    Parameters
    ----------
    transfer : Transfer
        The matrix, which has a base.
    levels : ndarray, shape (targets,)
        Score without any ability; targets where it is NaN are left out.
    variances : array_like, shape (targets,)
        Of these over test rows, see `of_level`.

    Returns
    -------
    DataFrame
        Columns ``FORGETTING``, sources in the order of the matrix.
    """
    alpha = transfer.conventions.alpha
    variances = np.broadcast_to(np.asarray(variances, float), levels.shape)
    means = mean_cells(transfer, levels, alpha, variances)
    means = with_discoveries(means, pd.Series("cells", means.index), alpha)
    seeds = _seeds_table(transfer, levels, alpha, variances)
    several = seeds.merge(means.loc[means["seeds"] > 1, ["source", "target"]], on=["source", "target"])
    alone = seeds.merge(means.loc[means["seeds"] == 1, ["source", "target"]], on=["source", "target"])
    named = alone.set_index(["source", "target"])["seed"]
    single = pd.MultiIndex.from_frame(means[["source", "target"]])
    means = means.assign(seed=pd.array(named.reindex(single), "Int64"), first=0)
    parts = [frame for frame in (means, several.assign(first=1)) if len(frame)]
    table = pd.concat(parts, ignore_index=True) if parts else means
    places = [str(source) for source in transfer.evidence.gains.index]
    worst = means.set_index(["source", "target"])["kept"]
    table["least"] = worst.reindex(pd.MultiIndex.from_frame(table[["source", "target"]])).to_numpy()
    table["place"] = table["source"].map(places.index)
    table = table.sort_values(["place", "least", "target", "first", "seed"], kind="stable", ignore_index=True)
    types = {"seed": "Int64", "seeds": "Int64", "significant": "boolean"}
    return table[column_names(FORGETTING)].astype(types)


def mean_cells(transfer: Transfer, levels: Array, alpha: float, variances: ArrayLike = 0.0) -> pd.DataFrame:
    """The means over seeds of cells off the diagonal: columns of ``FORGETTING`` but seed, q and significant."""
    means, evidence = transfer.means, transfer.evidence
    middle, parts = evidence.cells()
    base, rows = means.sources.index(BASE), evidence.source_rows
    errors = example_parts(means).each
    examples = RatioPart(*(getattr(errors, name)[rows] for name in ("numerator", "both", "denominator", "df")))
    around = (
        RatioPart(parts.between_seeds, 0.0, 0.0, parts.seeds_df),
        RatioPart(parts.prompts, 0, 0, parts.prompts_df),
        of_level(np.broadcast_to(np.asarray(variances, float), parts.examples.shape)),
    )
    shape = parts.examples.shape
    level = np.broadcast_to(levels, shape)
    estimates = _Estimates(means.mean[rows], np.broadcast_to(means.mean[base], shape), level, (examples, *around))
    columns = estimates.columns(alpha) | {"p": parts.p_value(middle.to_numpy()), "seeds": means.seeds[rows]}
    index = pd.MultiIndex.from_product([evidence.gains.index, evidence.gains.columns], names=["source", "target"])
    table = pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, index)
    counted = ~np.isnan(levels) & evidence.gains.notna().to_numpy() & ~transfer.home.to_numpy()
    return table[counted.ravel()].reset_index()


def _seeds_table(transfer: Transfer, levels: Array, alpha: float, variances: Array) -> pd.DataFrame:
    """Every seed by itself, over its test rows, whether or not its cell has others."""
    of_answers = transfer.answers_per_run is not None
    found = _seeds_of_answers if of_answers else _seeds_of_table
    frames = [
        pd.DataFrame(keys | {name: np.ravel(values) for name, values in estimates.columns(alpha).items()})
        for keys, estimates in found(transfer, levels, variances)
    ]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=column_names(FORGETTING))
    return table.assign(p=np.nan, q=np.nan, significant=pd.NA, seeds=1)


def _seeds_of_answers(
    transfer: Transfer, levels: Array, variances: Array
) -> Iterator[tuple[dict[str, object], _Estimates]]:
    """Seeds with the answers behind them, target by target."""
    means, answers = transfer.means, transfer.answers_per_run
    base = means.sources.index(BASE)
    for place, target in enumerate(means.targets):
        found, of_base = answers.targets.get(target) if answers else None, means.errors.example_means(target)
        if found is None or of_base is None or np.isnan(levels[place] + means.mean[base, place]):
            continue
        runs = found.rows
        tuned = [row for row, run in enumerate(runs) if run[0] != BASE]
        values = np.asarray(found.scores, float)[tuned]
        parts = paired_parts(values, of_base[base], bool(means.binary[:, place].any()))
        seeds = pd.array([runs[row][1] for row in tuned], "Int64")
        keys = {"source": [runs[row][0] for row in tuned], "target": target, "seed": seeds}
        both = RatioPart(*parts, values.shape[1] - 1), of_level(variances[place])
        yield keys, _of_target(values.mean(axis=1), means, place, levels, both)


def _seeds_of_table(
    transfer: Transfer, levels: Array, variances: Array
) -> Iterator[tuple[dict[str, object], _Estimates]]:
    """Seeds of a table of scores, whose errors are independent of base's, target by target."""
    means, scores = transfer.means, transfer.scores_per_run
    of_base, _ = means.errors.own()
    base = means.sources.index(BASE)
    for place, target in enumerate(means.targets):
        rows = scores[(scores["target"] == target) & (scores["source"] != BASE)]
        if rows.empty or np.isnan(levels[place] + means.mean[base, place]):
            continue
        errors = known_errors(rows, float(transfer.ceilings[target]))
        part = RatioPart(errors**2, 0.0, of_base[base, place], np.inf)
        keys = {"source": rows["source"].to_numpy(), "target": target, "seed": rows["seed"].astype("Int64").array}
        both = part, of_level(variances[place])
        yield keys, _of_target(rows["score"].to_numpy(float), means, place, levels, both)


def _of_target(score: Array, means: ScoreMeans, place: int, levels: Array, parts: tuple[RatioPart, ...]) -> _Estimates:
    """Scores of one target beside base's."""
    of_base = means.mean[means.sources.index(BASE), place]
    return _Estimates(score, np.full(len(score), of_base), np.full(len(score), levels[place]), parts)
