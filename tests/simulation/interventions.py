"""Runs on changed sources whose effects are known: are intervals and tests of interventions right?

Each answer has a latent value, mean + seed + example + what a run does to an example + noise, all normal; it is right
where that is above 0, so that expected scores have a closed form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.interventions.columns import WITHIN
from crosstask.analysis.interventions.doses import doses
from crosstask.analysis.interventions.effects import effects
from crosstask.analysis.interventions.kept_gains import kept_gains
from crosstask.analysis.interventions.over_sources import cells_of, means
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.interventions.random_updates import random_updates
from crosstask.analysis.matrix.task_order import NOWHERE, TaskOrder
from tests.simulation.tables import percent, print_table

ALPHA, MARGIN, GAIN, DISTURBANCE = 0.05, 0.02, 0.15, -0.03
SLOPE = -0.1
SEED, SEED_OF_MEANS = 7, 8
"""Of the tables in the manual, fixed before anything was drawn from them; 7 was also drawn for means when their rule
was not the present one."""
VARIANTS = (  # name, kind, dose, expected effect
    ("balanced", "balanced", np.nan, 0.0),
    ("word_labels", "word_labels", np.nan, 0.0),
    ("wrong_labels seed=1", "wrong_labels", np.nan, -0.05),
    ("shuffled_words", "shuffled_words", np.nan, 0.05),
    ("no_prompt", "no_prompt", np.nan, MARGIN),
    ("shuffled_labels", "shuffled_labels", np.nan, -MARGIN),
    ("other_rows seed=1", "other_rows", np.nan, 0.0),
    ("fewer_rows 0.25", "fewer_rows", 0.25, 0.0),
    ("fewer_rows 0.5", "fewer_rows", 0.5, 0.0),
    ("share_wrong 0.25", "share_wrong", 0.25, 0.25 * SLOPE),
    ("share_wrong 0.5", "share_wrong", 0.5, 0.5 * SLOPE),
    ("share_wrong 1", "share_wrong", 1.0, SLOPE),
)
DRAWS_OF_UPDATES = 3


@dataclass(frozen=True)
class World:
    """Sources with changed runs on targets of right and wrong answers."""

    seeds: int = 3
    sources: int = 3
    targets: int = 5
    examples: int = 200
    score: tuple[float, float] = (0.4, 0.7)
    """Expected scores of the originals lie between."""
    between_seeds: float = 0.2
    """Standard deviation of the latent value between seeds, where that of the noise is 1; half of its variance is
    shared by all targets, and half by a seed's runs of one source."""
    uneven: float = 0.0
    """Standard deviation between sources of its logarithm."""
    of_examples: float = 0.5
    """Standard deviation of what a change does to an example, whatever the seed; half of its variance is shared by all
    sources."""
    among_sources: float = 0.0
    """Standard deviation of effects between sources, and once more between cells."""

    def draw(self, generator: np.random.Generator) -> tuple[list[PairedRuns], np.ndarray]:
        """The runs, and the true effects, (targets, sources, variants)."""
        names = [f"s{place}" for place in range(self.sources)]
        expected = np.array([effect for *_, effect in VARIANTS])
        spread = self.among_sources * generator.normal(size=(1, self.sources, len(VARIANTS)))
        spread = spread + self.among_sources * generator.normal(size=(self.targets, self.sources, len(VARIANTS)))
        truth = expected + spread
        runs_of_source = 1 + len(VARIANTS)
        shape = (self.sources, runs_of_source, self.seeds)
        of_seeds = np.zeros((self.targets, *shape))
        # From one seed an interval is for that adapter: there the seed is no effect that the truth leaves out.
        sds = self.between_seeds * np.exp(self.uneven * generator.normal(size=self.sources)) * (self.seeds > 1)
        if self.seeds > 1:
            sd = sds[:, None, None]
            shared = generator.normal(size=(self.sources, 1, self.seeds)) + generator.normal(size=shape)
            own = generator.normal(size=(self.targets, self.sources, 1, self.seeds))
            of_seeds = sd / 2 * (shared + own + generator.normal(size=of_seeds.shape))
        runs = []
        for target in range(self.targets):
            level = generator.uniform(*self.score)
            scores = level + np.concatenate([np.zeros((self.sources, 1)), truth[target]], axis=1)
            runs.append(self._target(generator, f"t{target}", names, (scores, level - GAIN), of_seeds[target], sds))
        return runs, truth

    def _target(
        self,
        generator: np.random.Generator,
        name: str,
        names: list[str],
        scores: tuple[np.ndarray, float],
        of_seeds: np.ndarray,
        sds: np.ndarray,
    ) -> PairedRuns:
        """Answers to one target."""
        wanted, of_base = scores
        n = self.examples
        difficulty = generator.normal(size=n)
        kinds = wanted.shape[1]
        moved = generator.normal(size=(1, kinds, n)) + generator.normal(size=(self.sources, kinds, n))
        variance = 2 + self.of_examples**2
        latent = norm.ppf(wanted) * (variance + sds[:, None] ** 2) ** 0.5
        value = latent[:, :, None, None] + of_seeds[..., None] + self.of_examples / 2**0.5 * moved[:, :, None]
        answers = (value + difficulty + generator.normal(size=value.shape) > 0).astype(float)
        base = (norm.ppf(of_base) * 2**0.5 + difficulty + generator.normal(size=n) > 0).astype(float)
        pairs, changed, original = [], [], []
        for source, called in enumerate(names):
            for place, (variant, kind, dose, _) in enumerate(VARIANTS):
                pairs += [(called, variant, kind, dose, seed) for seed in range(self.seeds)]
                changed.append(answers[source, 1 + place])
                original.append(answers[source, 0])
            for draw in range(DRAWS_OF_UPDATES):
                of_draw = 0.1 * generator.normal()
                mean = norm.ppf(of_base + DISTURBANCE) * (2 + 0.1**2) ** 0.5 + of_draw
                drawn = mean + difficulty + generator.normal(size=(self.seeds, n)) > 0
                pairs += [
                    (called, f"random_update seed={draw}", "random_update", np.nan, seed) for seed in range(self.seeds)
                ]
                changed.append(drawn.astype(float))
                original.append(answers[source, 0])
        frame = pd.DataFrame(pairs, columns=["source", "variant", "kind", "dose", "seed"])
        return PairedRuns(name, frame, np.concatenate(changed), np.concatenate(original), base, True)


WORLDS = {
    "1 seed": World(seeds=1),
    "3 seeds": World(),
    "5 seeds": World(seeds=5),
    "3 seeds, uneven sources": World(uneven=0.5),
    "3 seeds, no variance between them": World(between_seeds=0.0),
    "3 seeds, twice the variance": World(between_seeds=0.3),
    "3 seeds, 50 rows": World(examples=50),
    "3 seeds, 2,000 rows, little between seeds": World(examples=2000, between_seeds=0.02, targets=3),
    "3 seeds, scores of 80 to 90 %": World(score=(0.8, 0.9)),
    "2 seeds, one source": World(seeds=2, sources=1),
}
POOLED = {
    "3 sources": World(sources=3, among_sources=0.03, targets=3),
    "6 sources": World(sources=6, among_sources=0.03, targets=3),
    "10 sources": World(sources=10, among_sources=0.03, targets=3),
    "6 sources, 1 seed": World(seeds=1, sources=6, among_sources=0.03, targets=3),
    "6 sources that differ more": World(sources=6, among_sources=0.08, targets=3, examples=400),
    "6 sources that do not differ": World(sources=6, targets=3),
    "6 sources, uneven seeds": World(sources=6, among_sources=0.03, targets=3, uneven=0.5),
}


def simulate(world: World, draws: int, seed: int = 0) -> pd.DataFrame:
    """Shares over draws.

    Returns
    -------
    DataFrame
        Columns ``mean`` and ``error``, its standard error over the draws. ``effect 0``, ``effect 5``, ``difference``,
        ``slope 0``, ``slope``, ``kept``, ``random``, ``share``: of intervals that hold the truth; ``p``: of effects of
        0 with p <= .05; ``false``: of discoveries that are of effects of 0; ``exceeds``: of effects of 0 that are said
        to exceed the placebo; ``equivalent``: of effects as large as the margin that are said to be within it;
        ``within``: of losses of at least the margin that are said to be; ``power``: of effects of 0 said to be.
    """
    return _summary([_one(world, np.random.default_rng([seed, draw])) for draw in range(draws)])


def _one(world: World, generator: np.random.Generator) -> dict[str, float]:
    """One draw."""
    runs, _ = world.draw(generator)
    order = TaskOrder()
    table = effects(runs, order, ALPHA, MARGIN).table
    whole = table[table["q"].notna() & (table["kind"] != "random_update")]
    truth = whole["variant"].map({name: effect for name, _, _, effect in VARIANTS})
    none, five = truth == 0, truth.abs() == 0.05
    covered = (whole["ci_low"] <= truth) & (whole["ci_high"] >= truth)
    beside = whole["difference_low"].notna()
    slopes = doses(runs, order, ALPHA, MARGIN)
    slopes = slopes[slopes["seeds"].notna()]
    true_slope = slopes["kind"].map({"fewer_rows": 0.0, "share_wrong": SLOPE})
    slope_covered = (slopes["ci_low"] <= true_slope) & (slopes["ci_high"] >= true_slope)
    kept = kept_gains(runs, order, ALPHA, MARGIN)
    left = 1 + kept["variant"].map({name: effect for name, _, _, effect in VARIANTS}).astype(float) / GAIN
    updates = random_updates(runs, order, ALPHA)
    told = updates[updates["share"].notna()]
    share = DISTURBANCE / GAIN
    return {
        "effect 0": covered[none].mean(),
        "effect 5": covered[five].mean(),
        "p": (whole["p"][none] <= ALPHA).mean(),
        "false": none[whole["significant"].eq(True) & (whole["kind"] != "other_rows")].mean(),
        "difference": ((whole["difference_low"] <= truth) & (whole["difference_high"] >= truth))[beside].mean(),
        "exceeds": whole["exceeds_placebo"][none & beside].astype(float).mean(),
        "equivalent": (whole["equivalence_p"][truth.abs() == MARGIN] <= ALPHA).mean(),
        "power": (whole["equivalence_p"][none] <= ALPHA).mean(),
        "slope 0": slope_covered[true_slope == 0].mean(),
        "slope": slope_covered[true_slope != 0].mean(),
        "kept": ((kept["kept_low"] <= left) & (kept["kept_high"] >= left))[kept["kept"].notna()].mean(),
        "within": (kept["verdict"] == WITHIN)[(left - 1).abs() * GAIN > MARGIN - 1e-9].mean(),
        "random": ((updates["random_low"] <= DISTURBANCE) & (updates["random_high"] >= DISTURBANCE)).mean(),
        "share": ((told["share_low"] <= share) & (told["share_high"] >= share)).mean(),
    }


def simulate_pooled(world: World, draws: int, seed: int = 0) -> pd.DataFrame:
    """Shares over draws, of means over sources on a target, and over targets as well.

    Returns
    -------
    DataFrame
        Columns ``mean`` and ``error``, its standard error over the draws. ``target``, ``all``: of intervals that hold
        the mean over the sources there could be, on a target and over targets; ``these``, ``all these``: the mean over
        those at hand; ``p``, ``all p``, ``flips``, ``all flips``: of means of 0 with p <= .05, by both tests.
    """
    return _summary([_one_pooled(world, np.random.default_rng([seed, draw])) for draw in range(draws)])


def _one_pooled(world: World, generator: np.random.Generator) -> dict[str, float]:
    """One draw."""
    runs, truth = world.draw(generator)
    order = TaskOrder(homes={f"s{place}": NOWHERE for place in range(world.sources)})
    found = effects(runs, order, ALPHA, MARGIN)
    table = means(cells_of(found.lots, found.cells, order), ALPHA, MARGIN)
    table = table[~table["name"].str.startswith("random")]
    places = {name: place for place, (name, *_) in enumerate(VARIANTS)}
    expected = table["name"].map({name: effect for name, _, _, effect in VARIANTS})
    of_targets = truth.mean(axis=1)
    at_hand = pd.Series(
        [
            of_targets[int(target[1:]), places[name]] if isinstance(target, str) else of_targets[:, places[name]].mean()
            for name, target in zip(table["name"], table["target"], strict=True)
        ],
        table.index,
    )
    pooled = table["source"].isna()
    holds = (table["ci_low"] <= expected) & (table["ci_high"] >= expected)
    these = (table["these_low"] <= at_hand) & (table["these_high"] >= at_hand)
    one, every = pooled & table["target"].notna(), pooled & table["target"].isna()
    return {
        "target": holds[one].mean(),
        "all": holds[every].mean(),
        "these": these[one].mean(),
        "all these": these[every].mean(),
        "p": (table["p"][one & (expected == 0)] <= ALPHA).mean(),
        "all p": (table["p"][every & (expected == 0)] <= ALPHA).mean(),
        "flips": (table["flip_p"][one & (expected == 0)] <= ALPHA).mean(),
        "all flips": (table["flip_p"][every & (expected == 0)] <= ALPHA).mean(),
    }


def _summary(found: list[dict[str, float]]) -> pd.DataFrame:
    """Means over draws, with their standard errors: what is counted in a draw is not independent."""
    table = pd.DataFrame(found)
    return pd.DataFrame({"mean": table.mean(), "error": table.std() / table.notna().sum() ** 0.5})


def _rows(
    worlds: dict[str, World], simulated: Callable[[World, int, int], pd.DataFrame], draws: int, seed: int
) -> Iterator[dict[str, object]]:
    """One row per world: shares in %, with 99 % of their Monte Carlo error."""
    for name, world in worlds.items():
        found = simulated(world, draws, seed)
        shown = [
            f"{percent(mean)} +-{percent(2.576 * error)}" if mean == mean else "" for mean, error in found.to_numpy()
        ]
        yield {"": name} | dict(zip(found.index, shown, strict=True))


def report(draws: int) -> None:
    """Print the tables of docs/statistics/interventions.md."""
    print_table(_rows(WORLDS, simulate, draws, SEED))
    print()
    print_table(_rows(POOLED, simulate_pooled, draws, SEED_OF_MEANS))
