"""Do intervals hold on every target where targets differ in their number of test rows?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.gains.donors_recipients import donors, residuals, residuals_long
from crosstask.analysis.gains.effect_parts import effect_parts
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import home_cells
from tests.simulation.matrix import INFERENCE
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table

SIZES = tuple(int(size) for size in np.geomspace(25, 2000, 10).round())
SCENARIOS = {
    "3 seeds": Planted(null=1.0, examples=SIZES),
    "3 seeds, all alike": Planted(null=1.0, between_seeds=0.0, examples=SIZES),
    "3 seeds, far apart": Planted(null=1.0, between_seeds=0.5, examples=SIZES),
    "3 seeds, unevenly apart": Planted(null=1.0, between_seeds=0.3, uneven=0.7, examples=SIZES),
    "3 seeds, graded": Planted(null=1.0, graded=True, examples=SIZES),
    "5 seeds": Planted(null=1.0, seeds=5, examples=SIZES),
    "1 seed": Planted(null=1.0, seeds=1, between_seeds=0.0, examples=SIZES),
    "1 seed, base scores of 0.96": Planted(null=1.0, seeds=1, between_seeds=0.0, examples=SIZES, base=(0.96,) * 10),
    "3 seeds, half of the cells gain": Planted(examples=SIZES),
}
"""By name; 10 x 10, no gain at all unless the name says otherwise."""
COVERED = ["gains", "residuals", "recipients", "donors"]
COLUMNS = [*COVERED, "gain p", "residual p"]


def simulate(planted: Planted, draws: int, seed: int = 0) -> pd.DataFrame:
    """Shares over draws, by the number of rows of the target.

    Returns
    -------
    DataFrame
        A row per target, ``COLUMNS``: coverage of gains, residuals, recipients and donors (of all targets together,
        the same in every row); share of gains and residuals off the diagonal with p <= 0.05 among those that are truly
        0.
    """
    tables = [_one(planted, np.random.default_rng([seed, draw])) for draw in range(draws)]
    return pd.DataFrame(np.nanmean(tables, axis=0), planted.sizes, COLUMNS)


def _one(planted: Planted, generator: np.random.Generator) -> np.ndarray:
    """Shares of one draw, targets x ``COLUMNS``; NaN where nothing is truly 0."""
    answers, scores, none = planted.draw(generator)
    sources, targets = planted.names
    evidence = GainEvidence(means_of_answers(answers, pd.DataFrame(0.0, ["base", *sources], targets)), "base")
    home = home_cells(evidence.gains, TaskOrder(tuple(sources)))
    off = ~home.to_numpy()
    truth = pd.DataFrame(scores[1:] - scores[0], sources, targets)
    middle, parts = evidence.cells()
    gains = np.abs(middle - truth).to_numpy() <= parts.half_width()
    model = additive_model(off)
    of_effects = effect_parts(evidence, model)
    left, true_left = residuals_long(evidence, of_effects, home, INFERENCE), residuals(truth, model).to_numpy()
    no_residual = off & (np.abs(true_left) < 1e-12)
    found, effects = donors(evidence, of_effects, INFERENCE), model.effects(truth.to_numpy())[1:]
    of_roles = found["ci_low"].le(effects) & found["ci_high"].ge(effects)
    held = left["ci_low"].le(true_left.ravel()) & left["ci_high"].ge(true_left.ravel())
    return np.column_stack(
        [
            _share(gains, off),
            _share(held.to_numpy().reshape(off.shape), off),
            of_roles[found["role"] == "recipient"],
            np.full(len(targets), of_roles[found["role"] == "donor"].mean()),
            _share(parts.p_value(middle.to_numpy()) <= 0.05, none & off),
            _share(left["p"].to_numpy().reshape(off.shape) <= 0.05, no_residual),
        ]
    )


def _share(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Share of each column, of the cells that count; NaN without any."""
    count = counted.sum(axis=0)
    return np.divide((values & counted).sum(axis=0), count, out=np.full(len(count), np.nan), where=count > 0)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per scenario and target."""
    for name, planted in SCENARIOS.items():
        for size, shares in simulate(planted, draws).iterrows():
            yield {"": name, "rows": size} | {column: percent(shares[column]) for column in COLUMNS}


def report(draws: int) -> None:
    """Print the table of docs/statistics/uncertainty.md, "Targets with different numbers of test rows"."""
    print_table(_rows(draws))
