"""Does the source that looks best gain what it is expected to, also where a few sources or pairs gain far more?"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.gains.shrinkage import shrunken_effects
from crosstask.analysis.matrix.additive_model import additive_model
from tests.simulation.tables import print_table

SIZE = 10
MODEL = additive_model(~np.eye(SIZE, dtype=bool))

Shrink = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Effects, their standard errors -> what is expected of them."""
Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""A generator -> true gains in units of the noise of a cell, and which pairs are far from the others."""


def one_spread(effects: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The estimate of Efron and Morris with a variance by moments, which others are held against."""
    known = ~np.isnan(effects)
    variance = max(float((effects[known] ** 2 - errors[known] ** 2).mean()), 0.0)
    return variance / (variance + errors**2) * effects


def normal(spread: float, outliers: float = 0.0) -> Draw:
    """Normal donors and pairs of one spread; a share of the pairs is 10 away from 0."""

    def draw(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        far = generator.random((SIZE, SIZE)) < outliers
        pairs = np.where(far, 10.0 * generator.choice([-1, 1], (SIZE, SIZE)), spread * generator.normal(size=far.shape))
        return pairs + spread * generator.normal(size=(SIZE, 1)) + generator.normal(size=SIZE), far

    return draw


def heavy_tails(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of Student's t with 3 degrees of freedom."""
    pairs = generator.standard_t(3, (SIZE, SIZE))
    return pairs + generator.normal(size=(SIZE, 1)) + generator.normal(size=SIZE), np.zeros((SIZE, SIZE), bool)


WORLDS: dict[str, Draw] = {
    "nothing but recipients": normal(0.0),
    "normal, 0.3": normal(0.3),
    "normal, 0.5": normal(0.5),
    "normal, 1": normal(1.0),
    "normal, 2": normal(2.0),
    "heavy tails, t(3)": heavy_tails,
    "normal, 0, a twentieth 10 from 0": normal(0.0, 0.05),
    "normal, 0.5, a twentieth 10 from 0": normal(0.5, 0.05),
    "normal, 1, a twentieth 10 from 0": normal(1.0, 0.05),
}


def shrunken(gains: np.ndarray, shrink: Shrink) -> np.ndarray:
    """Gains with shrunken donors and residuals, NaN at home; the noise of a cell is 1."""
    effects, used = MODEL.effects(gains), MODEL.used
    left = np.where(used, gains - MODEL.fitted(effects), np.nan)
    of_residuals = ((used.sum() - 2 * SIZE + 1) / used.sum()) ** 0.5
    effects[1 : 1 + SIZE] = shrink(effects[1 : 1 + SIZE], np.full(SIZE, (SIZE - 1) ** -0.5))
    found: np.ndarray = MODEL.fitted(effects) + shrink(left, np.full(gains.shape, of_residuals))
    return found


def errors_of(draw: Draw, shrink: Shrink, draws: int, seed: int = 0) -> tuple[float, float, float]:
    """By how much more the best source of a target is said to gain than it does, where it is not far from the others
    and where it is (NaN where none is), and the root mean square of the error of all gains.
    """
    usual, far, squares = [], [], []
    columns = np.arange(SIZE)
    for number in range(draws):
        generator = np.random.default_rng([seed, number])
        truth, outlying = draw(generator)
        wrong = shrunken(truth + generator.normal(size=truth.shape), shrink) - truth
        best = np.nan_to_num(wrong + truth, nan=-np.inf).argmax(axis=0)
        is_far = outlying[best, columns]
        usual += list(wrong[best, columns][~is_far])
        far += list(wrong[best, columns][is_far])
        squares.append(float(np.nanmean(wrong**2)))
    return float(np.mean(usual)), float(np.mean(far)) if far else float("nan"), float(np.mean(squares)) ** 0.5


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, draw in WORLDS.items():
        row: dict[str, object] = {"": name}
        for kind, shrink in (("one spread", one_spread), ("several", shrunken_effects)):
            usual, far, error = errors_of(draw, shrink, draws)
            row |= {f"{kind}: best": f"{usual:+.2f}", f"{kind}: far": "" if pd.isna(far) else f"{far:+.2f}"}
            row |= {f"{kind}: error": f"{error:.2f}"}
        yield row


def report(draws: int) -> None:
    """Print the table of docs/statistics/gains.md, "The best source"."""
    print_table(_rows(draws))
