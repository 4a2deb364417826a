"""Scores that are probably in another unit than those beside them: fractions among percentages, counts among scores.

Of percentages a score x from 0 to 1 may be real, on a hard task. It is taken for a fraction where both hold ::

    10 x <= every other score of the target          as it stands it is far below them
    lowest / 3 <= 100 x <= 1.5 * highest of these    times 100 it lies among them

The other scores are those above 1, two at least, and zeros of runs that are not 0 throughout. Of a run whose scores
are far below on every target, half must lie among the others times 100. A target none of whose scores is above 1 is
told from no others.
"""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.matrix.score_unit import PERCENT, ScoreUnit
from crosstask.analysis.schema import column_names
from crosstask.analysis.wording import listed

_FAR = 10
"""Times that a score is below all others to be far below them."""
_BELOW, _ABOVE = 3, 1.5
"""Times that a score may be below the lowest, or above the highest of others, and lie among them."""
_FEWEST = 2
"""Others that a single score is held against."""
_HUNDRED = 100
_ROUNDING = 1e-9


def unit_suspicions(
    scores: pd.DataFrame, units: Mapping[str, ScoreUnit], stated: Collection[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Yield an alarm, as columns ``ALARMS``, on runs, on cells and on targets that look like fractions or counts.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the rows, as read.
    units : mapping of str to ScoreUnit
        What the scores of each target are taken for.
    stated : collection of str
        Targets whose unit is known: nothing of them is suspicious.
    """
    known = scores.dropna(subset="score")
    percent = known[known["target"].isin([name for name, unit in units.items() if unit is PERCENT])]
    open_ones = percent[~percent["target"].isin(list(stated))]
    yield from _small_targets(open_ones)
    yield from _small_scores(open_ones)
    yield from _counts(known, stated)


def _small_targets(scores: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Targets of percentages none of whose scores is above 1."""
    highest = scores.groupby("target", sort=False)["score"].max()
    small = [str(name) for name in highest.index[(highest > 0) & (highest <= 1)]]
    if small:
        which = f"no score above 1, perhaps fractions among percentages: {listed(small)}"
        says = f"runs.units={_bracketed(small, 'fraction')} says so, {_bracketed(small, 'percent')} that they are not"
        yield "fractions", ", ".join(small), f"{which}; {says}"


def _small_scores(scores: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Runs and single scores that are fractions among percentages."""
    keys = ["source", *(name for name in scores if name not in column_names(SCORES)), "seed"]
    found = _compared(scores, keys)
    runs = found.groupby(keys, sort=False, dropna=False)
    among = runs["among"].transform("sum")
    whole = runs["low"].transform("all") & (among >= _FEWEST) & (2 * among >= runs["low"].transform("size"))
    cells = found["among"] & ~whole & (found["others"] >= _FEWEST)
    if whole.any():
        names = list(dict.fromkeys(_labels(found[whole], keys)))
        what = f"all scores of {listed(names)} are at most 1 and far below those of others"
        yield "fractions", _sources(found[whole]), f"{what}; {_SO}"
    if cells.any():
        what = f"at most 1 and far below others: {listed(_cells(found[cells], keys))}"
        yield "fractions", _sources(found[cells]), f"{what}; {_SO}"


def _compared(scores: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Scores with how each lies to the others of its target; targets without others are left out.

    Columns ``others``, their number, ``low``, whether it is 0 or far below them, and ``among``, whether it is far below
    them and lies among them times 100.
    """
    zero = scores["score"] == 0
    failed = zero.groupby([scores[key] for key in keys], sort=False, dropna=False).transform("all")
    small = scores["score"].between(0, 1, inclusive="right")
    others = scores[~small & ~failed].groupby("target")["score"].agg(["min", "max", "size"])
    found = scores[scores["target"].isin(others.index)]
    lowest, highest, count = (found["target"].map(others[name]).astype(float) for name in others)
    far = (found["score"] > 0) & (found["score"] <= 1) & (_FAR * found["score"] <= lowest)
    times = _HUNDRED * found["score"]
    among = far & (times * _BELOW >= lowest) & (times <= _ABOVE * highest)
    return found.assign(others=count, low=far | (found["score"] == 0), among=among)


_SO = "perhaps fractions among percentages, to be multiplied by 100; runs.units={target: percent} says they are not"


def _counts(scores: pd.DataFrame, stated: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Targets of whole numbers that reach beyond 100, where others are fractions or percentages."""
    ranges = scores.groupby("target", sort=False)["score"].agg(["min", "max"])
    within = [str(name) for name in ranges.index[ranges["min"].ge(-_HUNDRED) & ranges["max"].le(_HUNDRED)]]
    rest = (scores["score"] - scores["score"].round()).abs()  # scores come back from a common scale not quite whole
    whole = (rest <= _ROUNDING * scores["score"].abs()).groupby(scores["target"]).all()
    for name, (low, high) in zip(ranges.index, ranges.to_numpy().tolist(), strict=True):
        if within and name not in stated and low >= 0 and high > _HUNDRED and whole[name]:
            spread = f"whole numbers from {low:.0f} to {high:.0f}" if low < high else f"{low:.0f} throughout"
            yield (
                "count",
                str(name),
                f"target {name} has {spread}, where others do not go beyond 100: looks like a count, not a score;"
                f" runs.targets=[{','.join(within)}] leaves it out",
            )


def _bracketed(targets: list[str], unit: str) -> str:
    """One unit for some targets, as an option takes it."""
    return "{" + ", ".join(f"{name}: {unit}" for name in targets) + "}"


def _sources(rows: pd.DataFrame) -> str:
    """The sources of some rows."""
    return ", ".join(dict.fromkeys(map(str, rows["source"])))


def _labels(rows: pd.DataFrame, keys: list[str]) -> list[str]:
    """The run of each row: its source, what else tells rows apart, and its seed."""
    runs = rows[keys].astype(object).itertuples(index=False, name=None)
    told = (
        [f"{'seed ' * (key == 'seed')}{x}" for key, x in zip(keys, run, strict=True) if pd.notna(x)] for run in runs
    )
    return [", ".join(parts) for parts in told]


def _cells(rows: pd.DataFrame, keys: list[str]) -> list[str]:
    """The run, target and score of each row."""
    cells = zip(_labels(rows, keys), rows["target"], rows["score"], strict=True)
    return [f"{run} -> {target} ({score:g})" for run, target, score in cells]
