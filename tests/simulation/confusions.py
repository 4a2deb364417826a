"""Do intervals of accuracy, macro-F1, kappa and the like hold the truth, of a model and of its change over base?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.confusion.scores import SCORES, scores_of_counts, scores_of_runs
from crosstask.analysis.confusion.share_limits import sides_of_scores, with_score_sides
from crosstask.analysis.matrix.base_changes import beside_base, changes, levels
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from tests.simulation.class_shifts import WORLDS
from tests.simulation.closed_answers import World
from tests.simulation.tables import percent, print_table

_TRUTH = 400_000


def true_scores(world: World) -> np.ndarray:
    """Scores of base and of an adapter without a shift, (2, 5), from many rows."""
    many = World(world.shares, world.invalid, shift=0.0, sources=1, n=_TRUTH)
    target, _ = many.draw(np.random.default_rng(999))
    return _scores(target)


def _scores(target: ClosedTarget) -> np.ndarray:
    """The scores of every run, from its counts alone."""
    labels = len(target.labels)
    gold = np.bincount(target.gold, minlength=labels).astype(float)
    found = []
    for predicted in target.predicted:
        right = np.bincount(target.gold[predicted == target.gold], minlength=labels).astype(float)
        found.append(scores_of_counts(right, gold, np.bincount(predicted, minlength=labels + 1).astype(float)))
    return np.array(found)


def simulate(world: World, draws: int, seed: int = 0) -> pd.DataFrame:
    """Share of the intervals that hold the truth: a row for the values and one for the changes, a column per score."""
    base, tuned = true_scores(world)
    still = World(world.shares, world.invalid, shift=0.0, sources=3, n=world.n)
    found = np.zeros((2, len(SCORES)))
    for draw in range(draws):
        target, _ = still.draw(np.random.default_rng([seed, draw]))
        statistics = scores_of_runs(target)
        both = [levels(target, SCORES, statistics)], [changes(target, SCORES, statistics)]
        table = beside_base(*both, (), 0.05, tests=False)
        table = with_score_sides(table, [sides_of_scores(target, 0.05)])
        table = table[table["source"] != "base"]
        for row, (limits, truth) in enumerate((("ci", tuned), ("change", tuned - base))):
            inside = (table[f"{limits}_low"] <= np.tile(truth, 3)) & (np.tile(truth, 3) <= table[f"{limits}_high"])
            found[row] += inside.to_numpy(float).reshape(3, -1).mean(axis=0) / draws
    return pd.DataFrame(found, ["value", "change"], list(SCORES))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world with one seed, values and changes."""
    for name, world in WORLDS.items():
        if world.seeds == 1:
            for kind, shares in simulate(world, draws).iterrows():
                yield {
                    "": f"{name.removesuffix(', 1 seed')}: {kind}",
                    **{key: percent(of) for key, of in shares.items()},
                }


def report(draws: int) -> None:
    """Print the table of docs/statistics/closed_answers.md, "Scores"."""
    print_table(_rows(draws))
