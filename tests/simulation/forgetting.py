"""What is kept of base's abilities: are intervals right, and does a gate raise an alarm without any change?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.forgetting.cells import mean_cells
from crosstask.analysis.forgetting.levels import levels
from crosstask.analysis.forgetting.options import Options
from crosstask.analysis.forgetting.rows import abilities, kept
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table

CHANCE = 0.5
STRONG = (0.9, 0.85, 0.8, 0.75, 0.7, 0.9, 0.85, 0.8, 0.75, 0.7)
WEAK = (0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.52, 0.5)


@dataclass(frozen=True)
class World:
    """Answers to targets of which chance is one half."""

    share: float = 1.0
    """What every source keeps on every target."""
    base: tuple[float, ...] = STRONG
    """Scores of the base model."""
    seeds: int = 1
    between_seeds: float = 0.1
    examples: int = 200

    def draw(self, generator: np.random.Generator) -> tuple[Transfer, np.ndarray]:
        """Ten sources on ten targets; the true scores, base first."""
        planted = Planted(seeds=self.seeds, examples=self.examples, base=self.base)
        base = np.array(self.base)
        scores = np.tile(CHANCE + self.share * (base - CHANCE), (planted.sources, 1))
        # An interval from one seed is for that adapter: there the seed is no effect that the truth leaves out.
        between = self.between_seeds if self.seeds > 1 else 0.0
        answers = planted.answers(generator, base, scores, between)
        return transfer_of(answers), np.vstack([base, scores])

    def levels(self, transfer: Transfer) -> tuple[np.ndarray, np.ndarray]:
        """The true scores without any ability, which have no error."""
        return np.full(transfer.matrix.shape[1], CHANCE), np.zeros(transfer.matrix.shape[1])


@dataclass(frozen=True)
class DrawnLabels:
    """Two even classes, of which the rows drawn have one more often by luck; who knows nothing answers the first."""

    share: float
    base: tuple[float, ...] = STRONG
    examples: int = 200

    def draw(self, generator: np.random.Generator) -> tuple[Transfer, np.ndarray]:
        """Ten sources on ten targets; the true scores, base first."""
        scores = np.array([self.base, *[[CHANCE + self.share * (score - CHANCE) for score in self.base]] * 10])
        runs = (("base", None), *((f"t{place}", 0) for place in range(10)))
        ids = np.array([f"row {number}" for number in range(self.examples)], dtype=object)
        targets = {}
        for place in range(10):
            is_first = generator.random(self.examples) < CHANCE
            own = generator.random((len(runs), self.examples))
            hard = np.where(generator.random(own.shape) < 0.5, generator.random(self.examples), own)
            right = is_first | (hard < (scores[:, place, None] - CHANCE) / (1 - CHANCE))
            gold = {"first": int(is_first.sum()), "second": int((~is_first).sum())}
            targets[f"t{place}"] = TargetAnswers(runs, ids, right.astype(np.float32), gold)
        return transfer_of(Answers(targets)), scores

    def levels(self, transfer: Transfer) -> tuple[np.ndarray, np.ndarray]:
        """Scores without any ability, as an analysis has them, with their variances."""
        found = levels(transfer, Options())
        return found.values, found.variances


WORLDS = {
    "nothing changes": World(),
    "nothing changes, 3 seeds": World(seeds=3),
    "90 % kept": World(0.9),
    "90 % kept, 3 seeds": World(0.9, seeds=3),
    "90 % kept, 50 rows": World(0.9, examples=50),
    "nothing changes, half of the targets near chance": World(base=WEAK),
    "90 % kept, half of the targets near chance": World(0.9, base=WEAK),
    "nothing changes, base near chance": World(base=(0.52,) * 10),
    "90 % kept, level from drawn labels": DrawnLabels(0.9),
    "50 % kept, level from drawn labels": DrawnLabels(0.5),
    "20 % kept, level from drawn labels": DrawnLabels(0.2),
}


def transfer_of(answers: Answers) -> Transfer:
    """A transfer of answers, with their means as scores."""
    rows = [
        {"source": run[0], "target": target, "seed": run[1], "score": float(scores.mean()), "n": len(scores)}
        for target, found in answers.targets.items()
        for run, scores in zip(found.rows, found.scores, strict=True)
    ]
    scores = pd.DataFrame(rows).assign(metric="accuracy", stderr=np.nan)
    return Transfer(scores.astype({"seed": "Int64", "n": "Int64"}), answers=answers)


def simulate(world: World | DrawnLabels, draws: int, seed: int = 0) -> pd.Series:
    """Shares over draws.

    Returns
    -------
    Series
        ``row told`` and ``cell told``: of intervals that there are; ``row covers`` and ``cell covers``: of these, those
        that hold the truth; ``alarm``: of draws in which any row's interval for all rows lies below what is kept;
        ``alarm at .95``: the same below 0.95; ``naive``: of draws in which a share of any row is below 0.95.
    """
    found = [_one(world, np.random.default_rng([seed, draw])) for draw in range(draws)]
    return pd.DataFrame(found).mean()


def _one(world: World | DrawnLabels, generator: np.random.Generator) -> dict[str, float]:
    """One draw."""
    transfer, _ = world.draw(generator)
    values, variances = world.levels(transfer)
    cells = mean_cells(transfer, values, 0.05, variances)
    rows = kept(transfer, values, abilities(transfer, values, variances))
    return {
        "row told": rows["kept"].notna().mean(),
        "row covers": _covers(rows, world.share),
        "cell told": cells["kept"].notna().mean(),
        "cell covers": _covers(cells, world.share),
        "alarm": float((rows["all_high"] < world.share).any()),
        "alarm at .95": float((rows["all_high"] < 0.95).any()),
        "naive": float((_plain(transfer) < 0.95).any()),
    }


def _covers(table: pd.DataFrame, truth: float) -> float:
    """Share of the intervals that there are that hold the truth."""
    told = table[table["kept"].notna()]
    return float(((told["ci_low"] <= truth) & (told["ci_high"] >= truth)).mean()) if len(told) else np.nan


def _plain(transfer: Transfer) -> pd.Series:
    """Mean over targets other than the own of score over base's: what tools that alarm on point estimates look at."""
    matrix = transfer.matrix
    ratios = matrix.drop(index=BASE).div(matrix.loc[BASE])
    return ratios.mask(transfer.home).mean(axis=1)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        yield {"": name} | {column: percent(share) for column, share in simulate(world, draws).items()}


def report(draws: int) -> None:
    """Print the table of docs/statistics/forgetting.md."""
    print_table(_rows(draws))
