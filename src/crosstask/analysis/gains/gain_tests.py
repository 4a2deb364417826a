"""The gain of each source on each target with its interval and test: the long table.

The method depends on what is known ::

    answers, one seed, 0/1     interval `PairedExamples.differences`   test `mcnemar`
    answers, one seed, others  interval `percentile_interval`          test `sign_flip_p`
    answers, several seeds     interval and test `VarianceParts`
    a table of scores          interval and test `VarianceParts`

Over the mean of several sources, whose answers are not 0 or 1, 0/1 scores have the test `sign_flip_p` as well. With
one seed both are about this one adapter, with several, or where one borrows their variance (`ScoreMeans.borrows`),
about the mean over a population of seeds. From a table, standard errors ignore that sources share their examples,
which errs on the wide side; without standard errors the variance is that between the seeds alone.

Ways of expressing a gain g over the score b of the base model ::

    relative  =  g / b
    headroom  =  g / (ceiling - b)  for gains,      g / (b - chance)  for losses
    z         =  g / standard error
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.gains.columns import GAINS_LONG
from crosstask.analysis.gains.planning import rows_and_seeds
from crosstask.analysis.gains.shrinkage import shrunken_gains
from crosstask.analysis.matrix.additive_model import EffectNoise
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.proportions import mcnemar
from crosstask.analysis.statistics.resampling import percentile_interval, sign_flip_p
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


def gains_long(
    evidence: GainEvidence,
    home: pd.DataFrame,
    ceiling: float | Array,
    chance: Mapping[str, float],
    inference: Inference,
    noise: EffectNoise | None = None,
) -> pd.DataFrame:
    """Every gain with interval, test and the ways of expressing it.

    Parameters
    ----------
    evidence : GainEvidence
        Gains and what is known of their errors.
    home : DataFrame of bool, shape (n_sources, n_targets)
        Cells on a source's own task.
    ceiling : float or ndarray, shape (n_targets,)
        Score of a perfect model; NaN for scores without one.
    chance : mapping
        Score of guessing, for closed targets.
    inference : Inference
        Level and resampling.
    noise : EffectNoise, optional
        What gains are shrunk by; without it they are not.

    Returns
    -------
    DataFrame
        Columns ``GAINS_LONG``, row by row of the gains; cells without a gain are left out.
    """
    gains, (middle, parts) = evidence.gains, evidence.cells()
    tested = _tests(evidence, middle.to_numpy(), parts, inference)
    if evidence.over == "mean":  # the gain of a single source over its own mean is 0, whatever it scores
        alone = evidence.reference[evidence.source_rows] == 1
        tested |= {name: np.where(alone, np.nan, tested[name]) for name in ("ci_low", "ci_high", "p", "stderr")}
        tested["test"] = np.where(alone, "", tested["test"])
    n, seeds = (of_all[evidence.source_rows] for of_all in (evidence.means.n, evidence.means.seeds.astype(float)))
    rows_needed, seeds_needed = rows_and_seeds(parts, n, seeds, ceiling, inference.alpha)
    unknown = np.full(gains.shape, np.nan)
    base = _base_scores(evidence)
    largest = np.where(
        np.isnan(ceiling), np.inf, ceiling
    )  # no gain of scores from 0 to the ceiling is larger than that
    tested |= {name: np.clip(tested[name], -largest, largest) for name in ("ci_low", "ci_high")}
    columns = {
        **tested,
        "gain": gains.to_numpy(),
        "n": n,
        "seeds": seeds,
        "relative": _ratio(gains.to_numpy(), base),
        "headroom": _headroom(gains.to_numpy(), base, ceiling, np.array([chance.get(t, 0.0) for t in gains.columns])),
        "z": _ratio(gains.to_numpy(), tested["stderr"]),
        "rank": gains.rank(ascending=False, method="min").to_numpy(),
        "home": home.loc[gains.index, gains.columns].to_numpy(),
        "shrunken": unknown if noise is None else shrunken_gains(gains, noise),
        "rows_needed": rows_needed,
        "seeds_needed": seeds_needed,
    }
    index = pd.MultiIndex.from_product([gains.index, gains.columns], names=["source", "target"])
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index)
    table = table[table["gain"].notna()].reset_index()
    table = table.astype({"n": "Int64", "seeds": "Int64", "rank": "Int64"})
    # Gains on a source's own task are nearly all real. In one family with the others, that many rejections would raise
    # the threshold for all, and the false discoveries among the others would be more than alpha says.
    table = with_discoveries(table, table["home"], inference.alpha)
    told = table["significant"].fillna(False).astype(bool)
    table.loc[told, ["rows_needed", "seeds_needed"]] = np.nan
    return table[column_names(GAINS_LONG)]


def _tests(
    evidence: GainEvidence, values: Array, parts: VarianceParts, inference: Inference
) -> dict[str, NDArray[Any]]:
    """Test, p value, limits and standard error of each gain, (sources, targets), from `GainEvidence.cells`."""
    found = {
        "test": np.full(values.shape, "", dtype=object),
        **parts.interval_and_test(values, inference.alpha),
        "stderr": parts.standard_error,
    }
    several = evidence.means.over_seeds[evidence.source_rows]
    for place, target in enumerate(evidence.means.targets):
        answers = evidence.means.errors.example_means(target)
        rows = ~np.isnan(found["p"][:, place])
        if answers is None:
            known = parts.examples[:, place] > 0  # 0 stands for an unknown error beside several seeds
            names = np.where(several[:, place], np.where(known, "unpaired_t", "seeds_t"), "unpaired_z")
            found["test"][rows, place] = names[rows]
            continue
        found["test"][rows, place] = "crossed_t"
        single = rows & ~several[:, place]
        if single.any():
            _single_seed(found, evidence, answers, place, single, inference)
    return found


def _single_seed(
    found: dict[str, NDArray[Any]],
    evidence: GainEvidence,
    answers: NDArray[np.float32],
    place: int,
    rows: NDArray[np.bool_],
    inference: Inference,
) -> None:
    """Put in the tests, and for scores other than 0/1 the limits, of sources with one seed on one target."""
    means = evidence.means
    reference = evidence.reference[:, place] @ answers  # of each example: paired, unlike a difference of two means
    d = answers[evidence.source_rows[rows]] - reference
    # One generator for each target: its draws do not depend on which other targets there are.
    generator = inference.generator(f"gains {means.targets[place]}")
    if not means.binary[:, place].any():
        limits = percentile_interval(d, inference.resamples, inference.alpha, generator)
        found["ci_low"][rows, place], found["ci_high"][rows, place] = limits
    # McNemar's test is for two models with answers of 0 or 1: not for the mean of several sources as reference.
    elif evidence.over == "base" and np.isin(reference, (0, 1)).all():
        found["test"][rows, place] = "mcnemar"
        found["p"][rows, place] = mcnemar((d > 0).sum(axis=1), (d < 0).sum(axis=1))
        return
    found["test"][rows, place] = "sign_flip"
    found["p"][rows, place] = sign_flip_p(d, inference.flips, generator)


def _base_scores(evidence: GainEvidence) -> Array:
    """Score of the base model on each target; NaN without one."""
    if evidence.over == "mean":
        return np.full(len(evidence.means.targets), np.nan)
    return evidence.means.mean[evidence.means.sources.index(BASE)]


def _ratio(values: Array, by: Array) -> Array:
    """Values over others; NaN where that is a division by 0."""
    by = np.broadcast_to(by, values.shape)
    return np.divide(values, by, out=np.full(values.shape, np.nan), where=by != 0)


def _headroom(gains: Array, base: Array, ceiling: float | Array, chance: Array) -> Array:
    """Share of what was left to gain that was gained, or of what there was to lose that was lost; NaN without room."""
    room = np.where(gains >= 0, ceiling - base, base - chance)
    room = np.where(np.isnan(ceiling), np.nan, room)  # such scores are no shares of anything
    return np.where(room > 0, _ratio(gains, room), np.nan)
