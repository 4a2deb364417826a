"""Components of residuals: how often anything is retained where there is nothing, and how many of what is planted."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.residuals import residuals
from crosstask.analysis.traits.noise_tests import component_tests, noise_tests
from crosstask.analysis.traits.preparation import observations
from crosstask.errors import UserError
from tests.simulation.planted_gains import FRESH, KINDS, PlantedGains
from tests.simulation.tables import percent, print_table

NULL_DRAWS = 199
SIZES = ((10, 10), (20, 10), (30, 6), (5, 5))
PLANTED = {
    "10 x 10, 3 traits of communality .65": PlantedGains(communality=0.65),
    "10 x 10, the same, own task no matter": PlantedGains(communality=0.65, own=0.0),
    "10 x 10, the same, uneven .35": PlantedGains(kind="uneven .35", communality=0.65),
    "15 x 10, 3 traits of communality .65": PlantedGains(15, 10, communality=0.65),
    "20 x 10, 2 traits of communality .65": PlantedGains(20, 10, abilities=2, communality=0.65),
    "20 x 10, 3 traits of communality .65": PlantedGains(20, 10, communality=0.65),
    "20 x 10, the same, uneven .35": PlantedGains(20, 10, "uneven .35", communality=0.65),
    "20 x 10, 3 traits of communality .37": PlantedGains(20, 10, communality=0.37),
    "20 x 20, 3 traits of communality .65": PlantedGains(20, 20, communality=0.65),
    "40 x 10, 2 traits of communality .65": PlantedGains(40, 10, abilities=2, communality=0.65),
    "40 x 10, 3 traits of communality .65": PlantedGains(40, 10, communality=0.65),
    "40 x 10, 3 traits of communality .37": PlantedGains(40, 10, communality=0.37),
}


def retained(planted: PlantedGains, draws: int, seed: int = 0, null_draws: int = NULL_DRAWS) -> np.ndarray:
    """Components retained in each draw."""
    found = []
    for draw in range(draws):
        gains = planted.draw(np.random.default_rng([seed, draw]))
        home = pd.DataFrame(np.eye(*gains.shape, dtype=bool), gains.index, gains.columns)
        try:
            tests = component_tests(residuals(gains, home), null_draws, 0.05)
        except UserError:  # too many gaps in so small a matrix
            found.append(0)
            continue
        found.append(tests.retained)
    return np.array(found)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world without a trait, then one per planted one."""
    for size in SIZES:
        for kind in (*KINDS, *FRESH):
            found = retained(PlantedGains(*size, kind), draws)
            yield {"": "{} x {}, ".format(*size) + kind, "any": percent((found > 0).mean()), "all": "", "too many": ""}
    for name, planted in PLANTED.items():
        found, left = retained(planted, draws), planted.abilities - 1
        yield {
            "": name,
            "any": percent((found > 0).mean()),
            "all": percent((found >= left).mean()),
            "too many": percent((found > left).mean()),
        }


def retained_of_scores(planted: PlantedGains, home_out: bool, draws: int) -> np.ndarray:
    """Components that parallel analysis of scores retains, without the base model."""
    found = []
    for draw in range(draws):
        gains = planted.draw(np.random.default_rng([0, draw]))
        home = np.eye(*gains.shape, dtype=bool)
        data = observations(gains.mask(home & home_out), missing="impute" if home_out else "drop")
        found.append(min(test.retained for test in noise_tests(data, 99, 0.05).values()))
    return np.array(found)


def _rows_of_scores(draws: int) -> Iterator[dict[str, object]]:
    """One row per world without a trait."""
    for kind in ("plain", "donors", "uneven .35", "uneven .7", "collapsed"):
        shares = [(retained_of_scores(PlantedGains(kind=kind), out, draws) > 0).mean() for out in (False, True)]
        yield {"10 x 10": kind, "scores": percent(shares[0]), "scores without home cells": percent(shares[1])}


def report_of_scores(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Components of scores"."""
    print_table(_rows_of_scores(draws))


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Rates"."""
    print_table(_rows(draws))
