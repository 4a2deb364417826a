"""Do the intervals hold what they promise, and the discoveries? Matrices with known gains, drawn many times."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd

from crosstask.analysis.gains.affinity import affinity
from crosstask.analysis.gains.asymmetry import asymmetry
from crosstask.analysis.gains.donors_recipients import donors, residuals, residuals_long
from crosstask.analysis.gains.effect_parts import effect_noise, effect_parts
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.indices import indices
from crosstask.analysis.gains.score_intervals import score_limits
from crosstask.analysis.matrix.additive_model import EffectNoise, additive_model
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import home_cells
from crosstask.analysis.statistics.inference import Inference
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import fewer_of_the_largest, percent, print_table

INFERENCE = Inference(resamples=300, flips=2000)
COLUMNS = ["scores", "gains", "donors", "recipients", "residuals", "asymmetry", "index", "shares", "bootstrap"]
COLUMNS += ["null", "fdr", "power", "residual fdr"]
SCENARIOS = {
    "10 x 10, 1 seed": Planted(seeds=1, between_seeds=0.0),
    "10 x 10, 1 seed, graded": Planted(seeds=1, between_seeds=0.0, graded=True),
    "10 x 10, 1 seed, n = 50": Planted(seeds=1, between_seeds=0.0, examples=50),
    "10 x 10, 1 seed, no gain at all": Planted(seeds=1, between_seeds=0.0, null=1.0),
    "10 x 10, 2 seeds": Planted(seeds=2),
    "10 x 10, 3 seeds, all alike": Planted(between_seeds=0.0),
    "10 x 10, 3 seeds": Planted(),
    "10 x 10, 3 seeds, far apart": Planted(between_seeds=0.5),
    "10 x 10, 3 seeds, unevenly apart": Planted(between_seeds=0.3, uneven=0.7),
    "10 x 10, 3 seeds, very unevenly apart": Planted(uneven=1.2),
    "10 x 10, 3 seeds, cells very unevenly apart": Planted(uneven=1.2, uneven_cells=True),
    "10 x 10, 3 seeds, graded": Planted(graded=True),
    "10 x 10, 3 seeds, no gain at all": Planted(null=1.0),
    "10 x 10, 3 seeds, no gain, very unevenly apart": Planted(null=1.0, uneven=1.2),
    "10 x 10, 3 seeds, no gain, cells very unevenly apart": Planted(null=1.0, uneven=1.2, uneven_cells=True),
    "10 x 10, 5 seeds, far apart": Planted(seeds=5, between_seeds=0.5),
    "10 x 10, 5 seeds, no gain, very unevenly apart": Planted(seeds=5, null=1.0, uneven=1.2),
    "22 x 22, 1 seed": Planted(22, 22, seeds=1, between_seeds=0.0),
    "22 x 22, 3 seeds": Planted(22, 22),
    "60 x 40, 1 seed": Planted(60, 40, seeds=1, between_seeds=0.0),
    "60 x 40, 3 seeds": Planted(60, 40),
}
"""By name; 200 examples a target, half of the cells off the diagonal without a gain, unless the name says otherwise."""


def simulate(planted: Planted, draws: int, seed: int = 0, kind: type[ScoreMeans] = ScoreMeans) -> pd.Series:
    """Shares over draws and cells; ``kind`` is what works out the variances.

    Returns
    -------
    Series
        ``COLUMNS``: coverage of the 95 % intervals of scores, gains, donors, recipients, residuals, asymmetries, of the
        index of asymmetry and of the shares of donors, recipients and interaction; of percentile intervals of the gains
        from the replicates, for comparison; share of true zeros off the diagonal with p <= 0.05; false discovery rate;
        share of true gains off the diagonal that are discovered; where nothing gains, share of draws with a residual
        off the diagonal that is discovered.
    """
    rows = [_one(planted, np.random.default_rng([seed, draw]), kind) for draw in range(draws)]
    return pd.DataFrame(rows).mean()[COLUMNS]


def _one(planted: Planted, generator: np.random.Generator, kind: type[ScoreMeans]) -> dict[str, float]:
    """The shares of one draw."""
    answers, scores, none = planted.draw(generator)
    sources, targets = planted.names
    order = TaskOrder(tuple(max(sources, targets, key=len)))
    names = pd.DataFrame(0.0, ["base", *sources], targets)
    found = means_of_answers(answers, names)
    means = kind(**{field.name: getattr(found, field.name) for field in fields(found)})
    evidence = GainEvidence(means, "base")
    home = home_cells(evidence.gains, order)
    truth = pd.DataFrame(scores[1:] - scores[0], sources, targets)
    table = gains_long(evidence, home, 1.0, {}, INFERENCE)
    at = truth.index.get_indexer(table["source"]), truth.columns.get_indexer(table["target"])
    table = table.assign(truth=truth.to_numpy()[at], none=none[at])
    off = table[~table["home"]]
    found, zero = off["significant"].astype(bool), off["none"]
    low, high = score_limits(means, 1.0, INFERENCE)
    replicates = evidence.draws(INFERENCE.resamples, generator)
    limits = np.percentile(replicates, [2.5, 97.5], axis=0)
    return {
        "scores": np.mean((low <= scores) & (scores <= high)),
        "gains": _covered(table, table["truth"]),
        "bootstrap": np.mean((limits[0] <= truth.to_numpy()) & (truth.to_numpy() <= limits[1])),
        "null": (off["p"][zero] <= 0.05).mean(),
        "fdr": (found & zero).sum() / max(found.sum(), 1),
        "power": found[~zero].mean(),
        **_structure(evidence, truth, home, order, replicates),
    }


def _structure(
    evidence: GainEvidence, truth: pd.DataFrame, home: pd.DataFrame, order: TaskOrder, replicates: np.ndarray
) -> dict[str, float]:
    """Coverage of donors, recipients, residuals, asymmetries and their index."""
    model = additive_model(~home.to_numpy())
    parts = effect_parts(evidence, model)
    effects = donors(evidence, parts, INFERENCE)
    left = residuals_long(evidence, parts, home, INFERENCE)
    true_left = residuals(truth, model).to_numpy()
    of_sources = effects["role"] == "donor"
    true_effects = pd.Series(model.effects(truth.to_numpy())[1:])
    pairs = asymmetry(evidence, order, INFERENCE)
    true_pairs = [(truth.loc[a, b] - truth.loc[b, a]) / 2 for a, b in zip(pairs["first"], pairs["second"], strict=True)]
    index = indices(evidence.gains, replicates, order, effect_noise(evidence, parts), INFERENCE)
    no_noise = EffectNoise(model, {}, np.zeros(1), np.zeros(1), np.inf)
    true_index = indices(truth, None, order, no_noise, INFERENCE)["value"]
    some = bool((np.where(home, 0, truth) ** 2).sum() > 1e-12)
    found = float(left.loc[~left["home"], "significant"].any())
    return {
        "donors": _covered(effects[of_sources], true_effects[of_sources.to_numpy()]),
        "recipients": _covered(effects[~of_sources], true_effects[~of_sources.to_numpy()]),
        "residuals": _covered(left, pd.Series(true_left.ravel())),
        "residual fdr": np.nan if some else found,
        "asymmetry": _covered(pairs, pd.Series(true_pairs)),
        "index": _covered(index[:1], true_index[:1]) if some else np.nan,
        "shares": _covered(index[1:], true_index[1:]) if some else np.nan,
    }


def _covered(table: pd.DataFrame, truth: pd.Series) -> float:
    """Share of intervals that hold the truth."""
    values = truth.to_numpy()
    return float(((table["ci_low"].to_numpy() <= values) & (values <= table["ci_high"].to_numpy())).mean())


def affinity_coverage(draws: int, seed: int = 0) -> float:
    """Coverage of the affinities' intervals, the truth being the affinity on a hundred times as many examples."""
    shares = []
    for draw in range(draws):
        large = Planted(8, 4, seeds=1, between_seeds=0.0, examples=20_000)
        answers, _, _ = large.draw(np.random.default_rng([seed, draw]))
        names = pd.DataFrame(0.0, ["base", *large.names[0]], large.names[1])
        truth = affinity(means_of_answers(answers, names))["affinity"].to_numpy()
        found = affinity(means_of_answers(_first(answers, 200), names))
        shares.append(((found["ci_low"] <= truth) & (truth <= found["ci_high"])).mean())
    return float(np.mean(shares))


def _first(answers: Answers, count: int) -> Answers:
    """The answers to the first examples."""
    return Answers(
        {
            name: TargetAnswers(found.rows, found.examples[:count], found.scores[:, :count])
            for name, found in answers.targets.items()
        }
    )


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per scenario."""
    for name, planted in SCENARIOS.items():
        values = simulate(planted, fewer_of_the_largest(draws, planted.sources))
        yield {"": name} | {column: percent(share) for column, share in values.items()}


def report(draws: int) -> None:
    """Print the table of docs/statistics/uncertainty.md, "Simulation"."""
    print_table(_rows(draws))
    print(f"\nAffinity: {100 * affinity_coverage(max(draws // 3, 1)):.1f}")
