"""Does a seed that is better or worse altogether pass for a trait of its source?"""

from collections.abc import Iterator

import numpy as np

from crosstask.analysis.observations import observations
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import told_from_noise
from tests.simulation.tables import print_table
from tests.simulation.trait_intervals import SingleAnswers


def too_many(measurement: SingleAnswers, draws: int) -> tuple[float, float]:
    """Shares of draws that retain more than is planted: of true scores, and of those measured."""
    found = []
    for number in range(draws):
        truth, measured, _ = measurement.draw(number)
        found.append(
            [told_from_noise(observations(matrix), number) > measurement.planted.traits for matrix in (truth, measured)]
        )
    of_truth, of_measured = np.mean(found, axis=0)
    return float(of_truth), float(of_measured)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per size and spread of the seeds."""
    for size in ((10, 10), (22, 22)):
        planted = Planted(size, 1, 0.5)
        for measured, measurement in (
            ("1 seed", SingleAnswers(planted)),
            ("3 seeds", SingleAnswers(planted, 3)),
            ("3 seeds far apart", SingleAnswers(planted, 3, between_seeds=0.5)),
        ):
            of_truth, of_measured = too_many(measurement, draws)
            yield {
                "size": "{} x {}".format(*size),
                "measured": measured,
                "true scores": f"{100 * of_truth:.1f}",
                "measured scores": f"{100 * of_measured:.1f}",
            }


def report(draws: int) -> None:
    """Print the table of docs/statistics.md, "Seeds that are better altogether"."""
    print_table(_rows(draws))
