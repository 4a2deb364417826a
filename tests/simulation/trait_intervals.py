"""How often intervals of loadings and traits hold the truth: that of scores without any error of measurement."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.alignment import alignment
from crosstask.analysis.answers import Answers
from crosstask.analysis.components import ComponentAnalysis, decompose
from crosstask.analysis.paired_examples import means_of_answers
from crosstask.analysis.resampled_matrices import Resampled, resampled_answers
from crosstask.analysis.stability import bootstrap
from tests.simulation import planted_answers
from tests.simulation.planted_traits import Planted
from tests.simulation.tables import fewer_of_the_largest, percent, print_table

RESAMPLES = 200
_SPREAD = 0.4  # latent value of an answer for one trait; one answer has noise of 1, an example too


class Measurement(Protocol):
    """A way of measuring planted scores."""

    planted: Planted

    def draw(self, number: int) -> tuple[pd.DataFrame, pd.DataFrame, Resampled]:
        """True scores, measured ones, and matrices that might have been measured as well."""


@dataclass(frozen=True)
class StandardError:
    """Every score has an error of known size, independent of all others; nothing else is known."""

    planted: Planted
    stderr: float
    """Where a trait has a standard deviation of 1."""

    def draw(self, number: int) -> tuple[pd.DataFrame, pd.DataFrame, Resampled]:
        """As `Measurement` has it."""
        generator = np.random.default_rng((0, number))
        truth = self.planted.matrix(generator)
        measured = truth + self.stderr * generator.normal(size=truth.shape)

        def resampled(draw: int) -> pd.DataFrame:
            return measured + self.stderr * np.random.default_rng((1, number, draw)).normal(size=truth.shape)

        return truth, measured, resampled


@dataclass(frozen=True)
class SingleAnswers:
    """Scores are means of answers to 200 examples that all sources share, and over seeds; the base model is a row.

    Half of the variance of an answer is the example's, the same for all sources.
    """

    planted: Planted
    seeds: int = 1
    graded: bool = False
    between_seeds: float = 0.2
    """As in `planted_answers.Planted`, where a trait has 0.4; with one seed there is none."""
    true_errors: bool = False
    """Whether matrices are drawn with errors like those made in truth, which nobody knows, instead of the product's."""

    def draw(self, number: int) -> tuple[pd.DataFrame, pd.DataFrame, Resampled]:
        """As `Measurement` has it."""
        generator = np.random.default_rng((2, number))
        apart = self.between_seeds if self.seeds > 1 else 0.0
        kind = planted_answers.Planted(*self.planted.size, seeds=self.seeds, graded=self.graded, between_seeds=apart)
        base = generator.normal(0, 0.7, self.planted.size[1])
        latent = np.vstack([base, base + _SPREAD * self.planted.matrix(generator).to_numpy()])
        truth = pd.DataFrame(norm.cdf(latent / kind.scale), ["base", *kind.names[0]], kind.names[1])

        def answers() -> Answers:
            return kind.answers(generator, truth.to_numpy()[0], truth.to_numpy()[1:], apart)

        found = answers()
        measured = pd.DataFrame(means_of_answers(found, truth).mean, truth.index, truth.columns)
        if self.true_errors:
            return truth, measured, lambda _: measured + means_of_answers(answers(), truth).mean - truth
        resampled = resampled_answers(found, measured, RESAMPLES, number)
        assert resampled is not None
        return truth, measured, resampled


def coverage(measurement: Measurement, draws: int) -> pd.Series:
    """Share of the 95 % intervals of the product that hold the truth.

    Returns
    -------
    Series
        ``loadings, planted``, ``loadings, next``, ``traits, planted`` and ``traits, next``: of as many components as
        traits are planted, and of the next.
    """
    traits = measurement.planted.traits
    analysis = ComponentAnalysis(count=traits + 1)
    rows = []
    for number in range(draws):
        truth, measured, resampled = measurement.draw(number)
        result = bootstrap(measured, analysis, resampled, 0, RESAMPLES)
        expected = _true_values(truth, measured, analysis)
        bounds = [_grid(table, analysis.count) for table in (result.loadings, result.traits)]
        rows.append(_shares([(low, high) for low, high in bounds], expected, traits))
    return pd.DataFrame(rows).mean()


def _true_values(truth: pd.DataFrame, measured: pd.DataFrame, analysis: ComponentAnalysis) -> list[np.ndarray]:
    """True loadings and traits with the signs and in the order of those measured."""
    true, reported = analysis(truth), analysis(measured)
    turn = alignment(true.loadings.to_numpy(), reported.loadings.to_numpy())
    return [true.loadings.to_numpy() @ turn, true.traits.to_numpy() @ turn]


def _grid(table: pd.DataFrame, components: int) -> list[np.ndarray]:
    """Lower and upper limits, names x components."""
    return [table[limit].to_numpy().reshape(components, -1).T for limit in ("ci_low", "ci_high")]


def _shares(bounds: list[tuple[np.ndarray, np.ndarray]], expected: list[np.ndarray], traits: int) -> dict[str, float]:
    """Shares of intervals that hold what is expected."""
    shares = {}
    for kind, (low, high), values in zip(("loadings", "traits"), bounds, expected, strict=True):
        inside = (low <= values) & (values <= high)
        shares[f"{kind}, planted"] = inside[:, :traits].mean()
        shares[f"{kind}, next"] = inside[:, traits:].mean()
    return shares


Interval = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _percentile(values: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return low, high


def _basic(values: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = _percentile(values, drawn)
    return 2 * values - high, 2 * values - low


def _normal(values: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    half = 1.96 * drawn.std(axis=0)
    return values - half, values + half


def _corrected(values: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _normal(2 * values - drawn.mean(axis=0), drawn)


def _distance(values: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    half = 1.96 * np.sqrt(((drawn - values) ** 2).mean(axis=0))
    return values - half, values + half


INTERVALS: dict[str, Interval] = {
    "percentile": _percentile,
    "basic": _basic,
    "normal": _normal,
    "normal, bias taken off": _corrected,
    "distance (chosen)": _distance,
}


def compared(measurement: Measurement, draws: int) -> pd.DataFrame:
    """As `coverage`, for intervals of several kinds; kinds x shares."""
    traits = measurement.planted.traits
    analysis = ComponentAnalysis(count=traits + 1)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in INTERVALS}
    for number in range(draws):
        truth, measured, resampled = measurement.draw(number)
        expected = _true_values(truth, measured, analysis)
        values, drawn = _replicates(measured, analysis, resampled)
        for kind, interval in INTERVALS.items():
            bounds = [interval(*pair) for pair in zip(values, drawn, strict=True)]
            found[kind].append(_shares(bounds, expected, traits))
    return pd.DataFrame({kind: pd.DataFrame(rows).mean() for kind, rows in found.items()}).T


def _replicates(
    measured: pd.DataFrame, analysis: ComponentAnalysis, resampled: Resampled
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Loadings and traits as reported, and of resampled matrices in the same orientation."""
    reported = analysis(measured)
    values = [reported.loadings.to_numpy(), reported.traits.to_numpy()]
    drawn: list[list[np.ndarray]] = [[], []]
    for number in range(RESAMPLES):
        loadings, traits, _ = decompose(reported.observations, *reported.observations.redrawn(resampled(number)))
        turn = alignment(loadings[:, : analysis.count], values[0])
        drawn[0].append(loadings[:, : analysis.count] @ turn)
        drawn[1].append(traits[:, : analysis.count] @ turn)
    return values, [np.array(found) for found in drawn]


def _kinds() -> Iterator[tuple[Measurement, dict[str, object]]]:
    """What is simulated, with the first cells of its row."""
    for traits, size, stderr in (
        (1, (10, 10), 0.1),
        (2, (10, 10), 0.1),
        (2, (10, 10), 0.3),
        (2, (22, 22), 0.1),
        (2, (22, 22), 0.3),
        (3, (60, 40), 0.3),
    ):
        yield StandardError(Planted(size, traits, 0.5), stderr), {"measured": f"standard error {stderr}"}
    for size in ((10, 10), (22, 22)):
        planted = Planted(size, 2, 0.5)
        for seeds, name in ((1, "1 seed"), (3, "3 seeds")):
            yield SingleAnswers(Planted(size, 1, 0.5, simple=True), seeds), {"measured": f"answers, {name}"}
            yield SingleAnswers(planted, seeds), {"measured": f"answers, {name}"}
            yield SingleAnswers(planted, seeds, graded=True), {"measured": f"graded answers, {name}"}
        yield SingleAnswers(planted, 3, between_seeds=0.5), {"measured": "answers, 3 seeds far apart"}
        if size == (10, 10):
            apart = SingleAnswers(planted, 3, between_seeds=0.5, true_errors=True)
            yield apart, {"measured": "the same, errors drawn from the truth"}
    for seeds, name in ((1, "1 seed"), (3, "3 seeds")):
        yield SingleAnswers(Planted((60, 40), 2, 0.5), seeds), {"measured": f"answers, {name}"}


def _rows(draws: int) -> Iterator[Mapping[str, object]]:
    """One row per kind of measurement."""
    for measurement, first in _kinds():
        planted = measurement.planted
        shares = coverage(measurement, fewer_of_the_largest(draws, planted.size[0]))
        yield {
            "size": "{} x {}".format(*planted.size),
            "traits": planted.traits,
            "weights": "one each" if planted.simple else "spread",
            **first,
            **{name: percent(share) for name, share in shares.items()},
        }


COMPARED = {
    "10 x 10, 2 traits, standard error 0.3": StandardError(Planted((10, 10), 2, 0.5), 0.3),
    "10 x 10, 2 traits, answers, 3 seeds": SingleAnswers(Planted((10, 10), 2, 0.5), 3),
    "22 x 22, 2 traits, answers, 3 seeds": SingleAnswers(Planted((22, 22), 2, 0.5), 3),
}


def _rows_of_kinds(draws: int) -> Iterator[Mapping[str, object]]:
    """One row per kind of interval: loadings and traits of planted components."""
    found = {name: compared(measurement, draws) for name, measurement in COMPARED.items()}
    for kind in INTERVALS:
        row: dict[str, object] = {"interval": kind}
        for name, table in found.items():
            of_kind = table.loc[kind]
            row[name] = f"{100 * of_kind['loadings, planted']:.1f}, {100 * of_kind['traits, planted']:.1f}"
        yield row


def report(draws: int) -> None:
    """Print the tables of docs/statistics.md, "Intervals"."""
    print_table(_rows_of_kinds(draws))
    print()
    print_table(_rows(draws))
