"""What is probably a mistake in a table read from elsewhere: means among the targets, copies, runs that failed."""

import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.last_decimal import half_unit
from crosstask.analysis.matrix.transfer_matrix import seed_scores
from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import listed

Alarm = tuple[str, str, str]
"""As columns ``ALARMS``."""

_MEAN = {"avg", "average", "mean", "overall", "aggregate", "total"}
"""Words in the names of means."""
_LOWER = {"perplexity", "ppl", "loss", "nll", "bpb", "bits", "rmse", "mse", "mae", "wer", "cer", "brier", "error"}
"""Words in the names of what less is better of."""
_FEWEST = 3
"""Sources, or targets, that must agree for a likeness to be no accident."""
_FAR = 10
"""Robust standard deviations between seeds beyond which a run is far off."""
_TO_DEVIATION = 1.4826
"""Of a normal distribution the standard deviation over the median distance from the middle."""


def suspicions(scores: pd.DataFrame, matrix: pd.DataFrame, lower: Iterable[str] = ()) -> Iterator[Alarm]:
    """Yield an alarm on each; nothing is left out or changed because of them.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``, one row per source, target and seed.
    matrix : DataFrame, shape (n_sources, n_targets)
        Their means, in the units that were read.
    lower : iterable of str
        Targets of which less is taken to be better.
    """
    yield from _means(matrix)
    yield from _mean_sources(matrix)
    yield from _copies(matrix)
    yield from _alike("sources", matrix.index)
    yield from _alike("targets", matrix.columns)
    yield from _lower(scores[~scores["target"].isin(list(lower))])
    yield from _failed(scores)


def _means(matrix: pd.DataFrame) -> Iterator[Alarm]:
    """Targets that are the mean of the others, by their numbers or their name."""
    for target in matrix.columns:
        others = matrix.drop(columns=target)
        if others.shape[1] < 2:
            return
        complete = matrix.notna().all(axis=1)
        apart = (matrix[target] - others.mean(axis=1))[complete].abs()
        rounding = 2 * half_unit(matrix[target].dropna().to_numpy(float)) + 1e-9
        if complete.sum() >= _FEWEST and (apart <= rounding).all() and matrix[target].nunique() > 1:
            what = "is the mean of the others"
        elif _words(target) & _MEAN:
            what = "is named like a mean of others"
        else:
            continue
        yield (
            "aggregate",
            str(target),
            f"target {target} {what}, and counts as a task; runs.targets=[...] leaves it out",
        )


def _mean_sources(matrix: pd.DataFrame) -> Iterator[Alarm]:
    """Sources that are named like the mean of the others, and are it by their numbers, base among them or not."""
    for source in filter(lambda name: _words(name) & _MEAN, matrix.index):
        own, others = matrix.loc[source].dropna(), matrix.drop(index=source)
        if len(others) < 2 or own.empty:
            continue
        rounding = 2 * half_unit(own.to_numpy(float)) + 1e-9
        for counted in (others, others.drop(index=BASE, errors="ignore")):
            if ((own - counted.mean()[own.index]).abs() <= rounding).all():
                message = f"source {source} is the mean of the others, and counts as a source; leave its row out"
                yield "aggregate", str(source), message
                break


def _copies(matrix: pd.DataFrame) -> Iterator[Alarm]:
    """Targets with the scores of another."""
    varying = matrix.loc[:, (matrix.notna().sum() >= _FEWEST) & (matrix.nunique() > 1)]
    first: dict[bytes, str] = {}
    for target in varying.columns:
        before = first.setdefault(varying[target].to_numpy(float).tobytes(), str(target))
        if before != target:
            yield "duplicate", str(target), f"targets {before} and {target} have the same scores: one task, twice?"


def _alike(kind: str, names: Iterable[object]) -> Iterator[Alarm]:
    """Names that differ in case, white space or the form of the same letters alone."""
    spellings: dict[str, list[str]] = {}
    for name in map(str, names):
        spellings.setdefault("".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
    for several in spellings.values():
        if len(several) > 1:
            quoted = listed([repr(name) for name in several])
            yield "alike", several[0], f"{kind} {quoted} differ in case or white space alone: one, under several names?"


def _lower(scores: pd.DataFrame) -> Iterator[Alarm]:
    """Targets and metrics of which less is better as a rule, and is not taken to be."""
    for name in dict.fromkeys([*scores["metric"].dropna(), *scores["target"]]):
        if _words(name) & _LOWER:
            yield (
                "lower",
                str(name),
                f"of {name} less is better as a rule, but more is taken to be; runs.lower=[{name}]",
            )


def _failed(scores: pd.DataFrame) -> Iterator[Alarm]:
    """Runs whose scores are all 0, or on average far from those of the other seeds of their source."""
    seeds = seed_scores(scores, ("source", "seed"))
    zero = seeds.notna().any(axis=1) & (seeds.fillna(0) == 0).all(axis=1)
    if zero.all():
        return
    for source, seed in seeds.index[zero]:
        yield "failed_run", str(source), f"all scores of {_run(source, seed)} are 0: did it fail?"
    yield from _far_off(seeds[~zero])


def _far_off(seeds: pd.DataFrame) -> Iterator[Alarm]:
    """Of the sources with three seeds or more, if there are three such."""
    seeds = seeds[seeds.groupby(level=0).transform("size") >= _FEWEST]
    common = seeds.where(seeds.notna().groupby(level=0).transform("all"))
    means = common.mean(axis=1).dropna()
    means = means[means.groupby(level=0).transform("size") >= _FEWEST]
    if means.groupby(level=0).ngroups < _FEWEST:
        return
    apart = means - means.groupby(level=0).transform("median")
    spread = _TO_DEVIATION * float(np.median(apart.abs()[apart != 0])) if (apart != 0).any() else 0.0
    for (source, seed), distance in apart.items():
        if spread > 0 and abs(distance) > _FAR * spread:
            times = f"{abs(distance) / spread:.0f} times as far as seeds usually are"
            message = f"{_run(source, seed)} is far from the other seeds of its source, {times}: did it fail?"
            yield "failed_run", str(source), message


def _words(name: object) -> set[str]:
    """The words of a name, in small letters."""
    return set("".join(letter if letter.isalnum() else " " for letter in str(name).casefold()).split())


def _run(source: object, seed: object) -> str:
    """The name of a run."""
    return f"{source}, seed {seed}" if seed != "" else str(source)
