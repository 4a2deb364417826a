"""Sources that are one under two names: how often they are found, and how often others are taken for them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.paired_examples import PairedExamples, means_of_answers
from crosstask.analysis.matrix.residuals import residuals
from crosstask.analysis.matrix.twins import find_twins
from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table


@dataclass(frozen=True)
class Sources:
    """Sources on ten targets of 200 answers."""

    sources: int = 10
    seeds: int = 1
    twins: bool = False
    """Whether the second is the first: the same gains, and as many answers in common as seeds of one source have."""
    traits: int = 0
    communality: float = 0.0
    """Of the gains, donors and recipients aside; each source has one trait alone, each target one."""
    alike: float = 0.0
    """Share of the answers that runs of one trait have in common."""
    one_class: float = 0.0
    """Share of the cells in which a source gives one class alone, the same on a target, one seed."""
    answered: bool = True
    """Whether single answers are known besides the scores."""
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
        answers = _in_common(answers, self._runs_of_traits(), self.alike, generator)
        answers = _in_common(answers, self._runs_of_one(), 2 / 3, generator)
        answers = self._with_one_class(answers, generator)
        sources, targets = planted.names
        means = means_of_answers(answers, pd.DataFrame(0.0, ["base", *sources], targets))
        runs = {name: found.scores.mean(axis=1) for name, found in answers.targets.items()}
        seeds = pd.DataFrame(runs, [source for source, _ in next(iter(answers.targets.values())).rows])
        matrix = pd.DataFrame(means.mean, means.sources, targets)
        data = residuals(matrix, pd.DataFrame(home, sources, targets), seeds)
        known = means if self.answered else replace(means, errors=PairedExamples(Answers({}), means.sources, targets))
        return find_twins(data, known, 0.05).counted_with

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

    def _runs_of_one(self) -> list[np.ndarray]:
        """Rows of the answers that are runs of one source, the twins' together; base in the first row."""
        return [1 + np.flatnonzero(self._owners == source) for source in np.unique(self._owners)]

    def _runs_of_traits(self) -> list[np.ndarray]:
        """The same of sources that have one trait."""
        return [1 + np.flatnonzero(self._owners % self.traits == trait) for trait in range(self.traits)]

    @property
    def _owners(self) -> np.ndarray:
        """The source of each run; the first twin's for both."""
        owners = np.repeat(np.arange(self.sources), self.seeds)
        return np.where(owners == 1, 0, owners) if self.twins else owners

    def _with_one_class(self, answers: Answers, generator: np.random.Generator) -> Answers:
        """One class alone in some cells; never in those of the base model, which is the first row."""
        targets = {}
        for name, found in answers.targets.items():
            scores = found.scores.copy()
            one_class = generator.random(len(scores)) < self.one_class
            one_class[0] = False
            scores[one_class] = generator.random(scores.shape[1]) < 0.5
            targets[name] = replace(found, scores=scores)
        return Answers(targets)


def _in_common(answers: Answers, groups: list[np.ndarray], share: float, generator: np.random.Generator) -> Answers:
    """Runs of each group have a share of their answers in common, those of the group's first run."""
    targets = {}
    for name, found in answers.targets.items():
        scores = found.scores.copy()
        for rows in groups:
            same = generator.random(scores.shape[1]) < share
            scores[rows] = np.where(same, scores[rows[0]], scores[rows])
        targets[name] = replace(found, scores=scores)
    return Answers(targets)


KINDS = Sources(seeds=3, traits=3, communality=0.65)
WORLDS = {
    "no twins, one seed": Sources(),
    "no twins, three seeds": Sources(seeds=3),
    "no twins, three seeds, uneven .7": Sources(seeds=3, uneven=0.7),
    "no twins, 20 sources, two seeds": Sources(20, 2),
    "no twins, three traits of communality .65, one seed": Sources(traits=3, communality=0.65),
    "no twins, 20 sources, three traits of communality .8, one seed": Sources(20, traits=3, communality=0.8),
    "the same, of one trait a third of the answers in common": Sources(20, traits=3, communality=0.8, alike=0.33),
    "no twins, one class alone in a fifth of the cells, one seed": Sources(one_class=0.2),
    "no twins, three traits of communality .65, three seeds": KINDS,
    "the same, of one trait half of the answers in common": replace(KINDS, alike=0.5),
    "the same, scores alone": replace(KINDS, answered=False),
    "no twins, 20 sources, two traits of communality .9, two seeds": Sources(20, 2, traits=2, communality=0.9),
    "no twins, one class alone in half of the cells, three seeds": Sources(seeds=3, one_class=0.5),
    "twins, one seed": Sources(twins=True),
    "twins, one seed, one class alone in a fifth of the cells": Sources(twins=True, one_class=0.2),
    "twins, three seeds": Sources(seeds=3, twins=True),
    "twins, three seeds, scores alone": Sources(seeds=3, twins=True, answered=False),
    "twins, 20 sources, two seeds": Sources(20, 2, twins=True),
    "twins, three traits of communality .65, three seeds": replace(KINDS, twins=True, alike=0.33),
    "twins, three seeds, one class alone in a fifth of the cells": Sources(seeds=3, twins=True, one_class=0.2),
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
