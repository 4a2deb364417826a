"""Runs of a source with other training rows: each is one of its seeds."""

import pandas as pd

from crosstask.analysis.schema import BASE

TRAIN_SEED = "data.train_seed"
"""The setting, which may also be what tells rows apart."""


def numbered_by_draw(cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Where runs of a source have other training rows, number its seeds such that each run has one of its own.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``.

    Returns
    -------
    cells : DataFrame
        Pairs of seed and training rows numbered from 0 as ``seed``; as they are where all have the same rows.
    note : str
        What the numbers stand for; empty where nothing was changed.
    """
    tuned = cells["source"] != BASE
    pairs = cells.loc[tuned, ["seed", "train_seed"]].drop_duplicates().sort_values(["train_seed", "seed"])
    if pairs["train_seed"].nunique(dropna=False) < 2:
        return cells, ""
    numbers = {pair: number for number, pair in enumerate(_pairs(pairs))}
    seeds = pd.Series([numbers[pair] for pair in _pairs(cells[tuned])], cells.index[tuned], dtype="Int64")
    note = f"{len(pairs)} pairs of seed and training rows (data.train_seed) stand for seeds"
    if pairs["seed"].duplicated().any() and pairs["train_seed"].duplicated().any():
        note += (
            ", but runs that share one of them are taken for independent, which makes intervals too short;"
            " data.train_seed='${seed}' draws both anew"
        )
    elif pairs["seed"].nunique() == 1:
        note = f"{len(pairs)} draws of training rows (data.train_seed) stand for seeds"
    note += f" (in the tables {'; '.join(_told(number, pair) for pair, number in numbers.items())})"
    return cells.assign(seed=seeds.reindex(cells.index)), note


def _told(number: int, pair: tuple[int | None, int | None]) -> str:
    """What a number stands for: 0 is seed 3, train_seed none."""
    seed, train_seed = ("none" if part is None else part for part in pair)
    return f"{number} is seed {seed}, train_seed {train_seed}"


def _pairs(cells: pd.DataFrame) -> list[tuple[int | None, int | None]]:
    """Seed and training rows of each line, None where one is not given."""
    named = (cells[name].astype(object).where(cells[name].notna(), None) for name in ("seed", "train_seed"))
    return list(zip(*named, strict=True))
