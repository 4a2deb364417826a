"""What home cells do to latent traits: in the matrix, and taken for missing."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.traits.preparation import observations
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import distinguishable
from tests.simulation.tables import print_table

HOME_GAIN = 8.0
KINDS = {"noise alone": Planted((11, 10), 0), "one trait, noise 0.5": Planted((11, 10), 1, 0.5)}
"""The first row, the base model's, is at home nowhere."""


def retained(planted: Planted, gain: float, missing: bool, draws: int) -> np.ndarray:
    """Components distinguishable from both kinds of noise, of each draw."""
    found = []
    home = np.eye(planted.size[0], planted.size[1], -1, dtype=bool)
    for number in range(draws):
        matrix = planted.matrix(np.random.default_rng((0, number))) + gain * home
        data = observations(pd.DataFrame(matrix).mask(home & missing), missing="impute" if missing else "drop")
        found.append(distinguishable(data, number))
    return np.array(found)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per way of treating home cells."""
    for name, gain, missing in (
        ("like any other", 0.0, False),
        ("eight standard deviations higher", HOME_GAIN, False),
        ("the same, taken for missing and filled", HOME_GAIN, True),
    ):
        row: dict[str, object] = {"home cells": name}
        for kind, planted in KINDS.items():
            share = (retained(planted, gain, missing, draws) > 0).mean()
            row[f"{kind}: any retained"] = f"{100 * share:.1f}"
        yield row


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "In-domain cells"."""
    print_table(_rows(draws))
