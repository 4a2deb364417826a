"""Does a seed that is better or worse altogether pass for a trait of its source?"""

from collections.abc import Iterator

import numpy as np

from crosstask.analysis.traits.preparation import observations
from tests.simulation.measured_traits import SingleAnswers
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import distinguishable
from tests.simulation.tables import percent, print_table


def retained(measurement: SingleAnswers, draws: int) -> dict[str, np.ndarray]:
    """Components retained in each draw: of true scores, of those measured, of these as if they were exact."""
    found = []
    for number in range(draws):
        measured = measurement.draw(number)
        exact = observations(measured.truth), observations(measured.scores)
        known = observations(measured.scores, seeds=measured.seeds)
        found.append([distinguishable(data, number) for data in (exact[0], known, exact[1])])
    return dict(zip(("true scores", "measured", "seeds not known"), np.transpose(found), strict=True))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per size, number of traits and spread of the seeds."""
    for size in ((10, 10), (22, 22)):
        for traits in (0, 1, 2):
            planted = Planted(size, traits, 0.5)
            for name, measurement in (
                ("1", SingleAnswers(planted)),
                ("3", SingleAnswers(planted, 3)),
                ("3, far apart", SingleAnswers(planted, 3, between_seeds=0.5)),
                ("10, far apart", SingleAnswers(planted, 10, between_seeds=0.5)),
            ):
                row: dict[str, object] = {"size": "{} x {}".format(*size), "traits": traits, "seeds": name}
                for kind, found in retained(measurement, draws).items():
                    row[f"{kind}: right"] = percent((found == traits).mean())
                    row[f"{kind}: more"] = percent((found > traits).mean())
                yield row


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Seed effects shared by all targets"."""
    print_table(_rows(draws))
