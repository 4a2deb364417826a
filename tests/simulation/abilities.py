"""Are declared abilities found where they are in the matrix, and only there?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.ability_tests.declared import declared_abilities
from crosstask.analysis.ability_tests.results import confirmation
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.task_order import TaskOrder
from tests.simulation.ceilings import Levels, clipped, logistic, shares
from tests.simulation.planted_gains import KINDS, PlantedGains
from tests.simulation.tables import percent, print_table

RELABELINGS = 999
SIZES = ((10, 10), (20, 10), (30, 6), (5, 5))
PLANTED = {
    "10 x 10, communality .37": PlantedGains(communality=0.37),
    "10 x 10, communality .65": PlantedGains(communality=0.65),
    "10 x 10, communality .37, own task no matter": PlantedGains(communality=0.37, own=0.0),
    "10 x 10, communality .37, uneven .35": PlantedGains(kind="uneven .35", communality=0.37),
    "10 x 10, communality .37, erratic": PlantedGains(kind="erratic", communality=0.37),
    "20 x 10, communality .37": PlantedGains(20, 10, communality=0.37),
}
NAMES = {
    "10 x 10, twin targets": PlantedGains(kind="twin targets"),
    "10 x 10, sensitive": PlantedGains(kind="sensitive"),
    "20 x 10, blocks": PlantedGains(20, 10, "blocks", abilities=5),
}
"""Mere names that look like abilities: what the manual warns of."""


LEVELS = {
    "12 x 12, levels, donors of .7 on log odds": Levels(logistic, 0.7),
    "20 x 12, the same": Levels(logistic, 0.7, 20),
    "12 x 12, levels, donors take shares, spread .3": Levels(shares, 0.3),
    "12 x 12, levels, the same, spread .15": Levels(shares, 0.15),
    "12 x 12, levels, donors end at .97": Levels(clipped, 0.1),
}
"""Names of levels of the base score."""


def simulate(planted: PlantedGains | Levels, draws: int, seed: int = 0) -> pd.Series:
    """Shares over draws.

    Returns
    -------
    Series
        For each question the share of draws with p <= 0.05; ``any``: with one that is significant by Holm's rule, and
        ``any, bends``: with one for which p_bends is at most 0.05 as well.
    """
    tables = [_one(planted, np.random.default_rng([seed, draw])) for draw in range(draws)]
    found = pd.DataFrame([table.set_index("question")["p"] <= 0.05 for table in tables]).mean()
    significant = [table["significant"].eq(True) for table in tables]
    bent = [told & (table["p_bends"] <= 0.05) for told, table in zip(significant, tables, strict=True)]
    shares_found = {
        name: np.mean([told.any() for told in of]) for name, of in {"any": significant, "any, bends": bent}.items()
    }
    return pd.concat([found, pd.Series(shares_found)])


def _one(planted: PlantedGains | Levels, generator: np.random.Generator) -> pd.DataFrame:
    """The two tests of one draw; every draw has relabelings of its own."""
    gains = planted.draw(generator)
    used = gains.notna().to_numpy() & ~np.equal.outer(np.array(gains.index), np.array(gains.columns))
    declared = declared_abilities(gains, TaskOrder(), planted.declared)
    return confirmation(gains.to_numpy(), additive_model(used), declared, RELABELINGS, 0.05, generator)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    worlds = (
        {f"{i} x {j}, {kind}": PlantedGains(i, j, kind) for i, j in SIZES for kind in KINDS} | PLANTED | NAMES | LEVELS
    )
    for name, planted in worlds.items():
        yield {"": name} | {question: percent(share) for question, share in simulate(planted, draws).items()}


def report(draws: int) -> None:
    """Print the table of docs/statistics/abilities.md."""
    print_table(_rows(draws))
