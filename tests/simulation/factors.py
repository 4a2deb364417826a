"""How often intervals of factor loadings and scores hold those of scores without any error of measurement."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.traits.alignment import alignment
from crosstask.analysis.traits.factor_intervals import factor_intervals
from crosstask.analysis.traits.factors import FactorAnalysis, Rotation
from crosstask.analysis.traits.preparation import observations
from crosstask.errors import UserError
from tests.simulation.measured_traits import RESAMPLES, Measurement, SingleAnswers, StandardError
from tests.simulation.planted_traits import Planted
from tests.simulation.tables import fewer_of_the_largest, percent, print_table


def coverage(measurement: Measurement, rotation: Rotation, draws: int) -> pd.Series:
    """Shares of intervals that hold the truth, and of draws that have intervals.

    Returns
    -------
    Series
        ``loadings`` and ``scores``: of the draws with intervals and a true solution; ``solved``: the share of these.
    """
    analysis = FactorAnalysis(measurement.planted.traits, rotation)
    rows = []
    for number in range(draws):
        measured = measurement.draw(number)
        data = observations(measured.scores)
        try:
            true, reported = analysis(observations(measured.truth)), analysis(data)
            found = factor_intervals(reported, analysis, data, measured.resampled, RESAMPLES)
        except UserError:
            rows.append({"solved": 0.0})
            continue
        turn = alignment(true.pattern.to_numpy(), reported.pattern.to_numpy())
        rows.append(
            {
                "loadings": _share(found.pattern, true.pattern.to_numpy() @ turn),
                "scores": _share(found.scores, true.scores.to_numpy() @ turn),
                "solved": 1.0,
            }
        )
    return pd.DataFrame(rows, columns=["loadings", "scores", "solved"]).mean()


def _share(table: pd.DataFrame, truth: np.ndarray) -> float:
    """Share of intervals, factor after factor, that hold the truth."""
    values = truth.T.ravel()
    return float(table["ci_low"].le(values).mul(table["ci_high"].ge(values)).mean())


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per size, measurement and rotation."""
    for size, noise in (((10, 10), 0.5), ((22, 22), 1.0), ((60, 40), 1.0)):
        planted = Planted(size, 2, noise, simple=True)
        kinds: tuple[tuple[str, Measurement, Rotation], ...] = (
            ("standard error 0.3", StandardError(planted, 0.3), "varimax"),
            ("standard error 0.3", StandardError(planted, 0.3), "oblimin"),
            ("answers, 1 seed", SingleAnswers(planted), "varimax"),
            ("answers, 3 seeds", SingleAnswers(planted, 3), "varimax"),
        )
        for name, measurement, rotation in kinds:
            found = coverage(measurement, rotation, fewer_of_the_largest(draws, size[0]))
            yield {
                "size": "{} x {}".format(*size),
                "noise": noise,
                "measured": name,
                "rotation": rotation,
                **{kind: percent(share) for kind, share in found.items()},
            }


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Factor analysis"."""
    print_table(_rows(draws))
