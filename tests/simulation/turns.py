"""How often each target may turn: what more turns take off steep responses, and what of traits that are planted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from crosstask.analysis.traits.noise_tests import noise_tests
from tests.simulation.ceilings import logistic
from tests.simulation.limits import Draw, decomposed, ended, thresholds
from tests.simulation.planted_gains import PlantedGains
from tests.simulation.tables import percent, print_table

TURNS = (0, 1, 2, 3)


def traits(sources: int, targets: int) -> Draw:
    """Three traits of communality .65."""
    return lambda g: decomposed(PlantedGains(sources, targets, communality=0.65).draw(g).to_numpy())


WORLDS: dict[str, Draw] = {
    "20 x 10, donors of 2 on log odds": lambda g: ended(g, logistic, 2.0, (20, 10)),
    "20 x 10, thresholds of discrimination 2": lambda g: thresholds(g, 2.0, (20, 10)),
    "20 x 20, donors of 2 on log odds": lambda g: ended(g, logistic, 2.0, (20, 20)),
    "20 x 20, thresholds of discrimination 2": lambda g: thresholds(g, 2.0, (20, 20)),
    "30 x 20, donors of 2 on log odds": lambda g: ended(g, logistic, 2.0, (30, 20)),
    "15 x 10, three traits of .65": traits(15, 10),
    "20 x 10, three traits of .65": traits(20, 10),
    "20 x 15, three traits of .65": traits(20, 15),
    "20 x 20, three traits of .65": traits(20, 20),
}


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world: anything and two components by the number of turns, which slopes alone leave as well."""
    for name, draw in WORLDS.items():
        found = np.array([_retained(draw, number) for number in range(draws)])
        both = np.minimum(found, found[:, :1])
        row: dict[str, object] = {"": name}
        for least, what in ((1, "any"), (2, "two")):
            row |= {f"{what}, {n} turns": percent((both[:, n] >= least).mean()) for n in TURNS}
        yield row


def _retained(draw: Draw, number: int) -> list[int]:
    """Components by the number of turns."""
    data = draw(np.random.default_rng([0, number]))
    ways = [noise_tests(replace(data, bends=bends), 99, 0.05) for bends in TURNS]
    return [min(test.retained for test in tests.values()) for tests in ways]


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "What is decomposed"."""
    print_table(_rows(draws))
