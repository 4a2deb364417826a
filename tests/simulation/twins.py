"""Sources that are one under two names: how often they are found, and how often others are taken for them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.traits.residuals import residuals
from crosstask.analysis.traits.twins import find_twins
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table


@dataclass(frozen=True)
class Sources:
    """Sources on ten targets of 200 answers."""

    sources: int = 10
    seeds: int = 1
    twins: bool = False
    """Whether the second is the first: the same gains, and with one seed two thirds of the same answers."""
    traits: int = 0
    communality: float = 0.0
    """Of the gains, donors and recipients aside; each source has one trait alone, each target one."""
    alike: float = 0.0
    """Share of the answers that sources of one trait have in common, one seed."""
    one_class: float = 0.0
    """Share of the cells in which a source gives one class alone, the same on a target, one seed."""
    uneven: float = 0.0
    """Sources move by different amounts, exp(uneven z)."""

    def found(self, generator: np.random.Generator) -> dict[str, str]:
        """The sources that are taken for twins of another."""
        planted = Planted(self.sources, seeds=self.seeds)
        home = np.eye(self.sources, 10, dtype=bool)
        base, gains = generator.normal(0, 0.7, 10), self._gains(generator) + 1.5 * home
        if self.twins:
            gains[1] = gains[0]
        scores = norm.cdf((base + gains) / planted.scale)
        answers = planted.answers(generator, norm.cdf(base / planted.scale), scores, planted.between_seeds)
        if self.twins and self.seeds == 1:
            answers = _mostly_the_same(answers, generator)
        if self.alike or self.one_class:
            answers = self._in_common(answers, generator)
        sources, targets = planted.names
        means = means_of_answers(answers, pd.DataFrame(0.0, ["base", *sources], targets))
        runs = {name: found.scores.mean(axis=1) for name, found in answers.targets.items()}
        seeds = pd.DataFrame(runs, [source for source, _ in next(iter(answers.targets.values())).rows])
        matrix = pd.DataFrame(means.mean, means.sources, targets)
        data = residuals(matrix, pd.DataFrame(home, sources, targets), seeds)
        return find_twins(data, means, 0.05).counted_with

    def _gains(self, generator: np.random.Generator) -> np.ndarray:
        """Gains on the probit scale without those at home."""
        cells = generator.normal(size=(self.sources, 10))
        if self.traits:
            of_sources, of_targets = np.arange(self.sources) % self.traits, np.arange(10) % self.traits
            signs = np.where(np.equal.outer(of_sources, of_targets), 1.0, -1.0)
            cells = (1 - self.communality) ** 0.5 * cells + self.communality**0.5 * signs
        cells *= np.exp(self.uneven * generator.normal(size=(self.sources, 1)))
        gains: np.ndarray = 0.4 * (cells + generator.normal(size=(self.sources, 1)) + generator.normal(size=10))
        return gains

    def _in_common(self, answers: Answers, generator: np.random.Generator) -> Answers:
        """Answers that sources of one trait share, and cells of one class; one seed, base in the first row."""
        targets = {}
        for name, found in answers.targets.items():
            scores = found.scores.copy()
            for trait in range(self.traits):
                of_trait = np.arange(1 + trait, len(scores), self.traits)
                same = generator.random(scores.shape[1]) < self.alike
                scores[of_trait] = np.where(same, scores[of_trait[0]], scores[of_trait])
            one_class = generator.random(len(scores)) < self.one_class
            one_class[0] = False
            scores[one_class] = generator.random(scores.shape[1]) < 0.5
            targets[name] = replace(found, scores=scores)
        return Answers(targets)


def _mostly_the_same(answers: Answers, generator: np.random.Generator) -> Answers:
    """Two thirds of the answers of the second source are those of the first; one seed, base in the first row."""
    targets = {}
    for name, found in answers.targets.items():
        scores, same = found.scores.copy(), generator.random(found.scores.shape[1]) < 2 / 3
        scores[2] = np.where(same, scores[1], scores[2])
        targets[name] = replace(found, scores=scores)
    return Answers(targets)


WORLDS = {
    "no twins, one seed": Sources(),
    "no twins, three seeds": Sources(seeds=3),
    "no twins, three seeds, uneven .7": Sources(seeds=3, uneven=0.7),
    "no twins, 20 sources, two seeds": Sources(20, 2),
    "no twins, three traits of communality .65, one seed": Sources(traits=3, communality=0.65),
    "no twins, 20 sources, three traits of communality .8, one seed": Sources(20, traits=3, communality=0.8),
    "the same, of one trait a third of the answers in common": Sources(20, traits=3, communality=0.8, alike=0.33),
    "no twins, one class alone in a fifth of the cells, one seed": Sources(one_class=0.2),
    "no twins, three traits of communality .65, three seeds": Sources(seeds=3, traits=3, communality=0.65),
    "no twins, 20 sources, two traits of communality .9, two seeds": Sources(20, 2, traits=2, communality=0.9),
    "twins, one seed": Sources(twins=True),
    "twins, one seed, one class alone in a fifth of the cells": Sources(twins=True, one_class=0.2),
    "twins, three seeds": Sources(seeds=3, twins=True),
}


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        found = [world.found(np.random.default_rng([0, number])) for number in range(draws)]
        right = [twins == {"t1": "t0"} for twins in found]
        yield {
            "": name,
            "right": percent(float(np.mean(right))) if world.twins else "",
            "others": percent(
                float(np.mean([bool(set(twins) - ({"t1"} if world.twins else set())) for twins in found]))
            ),
        }


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Twins"."""
    print_table(_rows(draws))
