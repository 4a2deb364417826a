"""How often intervals of loadings and traits hold the truth: that of scores without any error of measurement."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from crosstask.analysis.traits.alignment import alignment
from crosstask.analysis.traits.components import decompose
from crosstask.analysis.traits.stability import bootstrap
from tests.simulation.measured_traits import RESAMPLES, Measured, Measurement, SingleAnswers, StandardError
from tests.simulation.planted_traits import Planted
from tests.simulation.tables import fewer_of_the_largest, percent, print_table
from tests.support.components import components_of


def coverage(measurement: Measurement, draws: int) -> pd.Series:
    """Share of the 95 % intervals of the product that hold the truth.

    Returns
    -------
    Series
        ``loadings, planted``, ``loadings, next``, ``traits, planted`` and ``traits, next``: of as many components as
        traits are planted, and of the next.
    """
    traits = measurement.planted.traits
    rows = []
    for number in range(draws):
        measured = measurement.draw(number)
        result = bootstrap(components_of(measured.scores, traits + 1), measured.resampled, 0, RESAMPLES)
        expected = _true_values(measured, traits + 1)
        bounds = [_grid(table, traits + 1) for table in (result.loadings, result.traits)]
        rows.append(_shares([(low, high) for low, high in bounds], expected, traits))
    return pd.DataFrame(rows).mean()


def _true_values(measured: Measured, count: int) -> list[np.ndarray]:
    """True loadings and traits with the signs and in the order of those measured."""
    true, reported = components_of(measured.truth, count), components_of(measured.scores, count)
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
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in INTERVALS}
    for number in range(draws):
        measured = measurement.draw(number)
        expected = _true_values(measured, traits + 1)
        values, drawn = _replicates(measured, traits + 1)
        for kind, interval in INTERVALS.items():
            bounds = [interval(*pair) for pair in zip(values, drawn, strict=True)]
            found[kind].append(_shares(bounds, expected, traits))
    return pd.DataFrame({kind: pd.DataFrame(rows).mean() for kind, rows in found.items()}).T


def _replicates(measured: Measured, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Loadings and traits as reported, and of resampled matrices in the same orientation."""
    reported = components_of(measured.scores, count)
    values = [reported.loadings.to_numpy(), reported.traits.to_numpy()]
    drawn: list[list[np.ndarray]] = [[], []]
    for number in range(RESAMPLES):
        loadings, traits, _ = decompose(
            reported.observations, *reported.observations.redrawn(measured.resampled(number))
        )
        turn = alignment(loadings[:, :count], values[0])
        drawn[0].append(loadings[:, :count] @ turn)
        drawn[1].append(traits[:, :count] @ turn)
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
    """Print the tables of docs/statistics/traits.md, "Intervals"."""
    print_table(_rows_of_kinds(draws))
    print()
    print_table(_rows(draws))
