"""Do intervals hold where one or two targets are neither as easy nor as hard as all others?"""

from collections.abc import Iterator

from tests.simulation.planted_answers import Planted
from tests.simulation.tables import percent, print_table
from tests.simulation.unequal_rows import simulate

COLUMNS = ["gains", "residuals"]
SCENARIOS = {
    "one at 50 % among 5 and 95 %": Planted(
        null=1.0, between_seeds=0.3, examples=500, base=(0.5, 0.05, 0.95, 0.05, 0.95, 0.05, 0.95, 0.05, 0.95, 0.05)
    ),
    "two at 50 % among 90 %, far apart": Planted(null=1.0, between_seeds=0.5, base=(0.5, 0.5, *(0.9,) * 8)),
    "one at 2 % among 50 %, far apart": Planted(null=1.0, between_seeds=0.5, examples=500, base=(0.02, *(0.5,) * 9)),
}
"""By name; 10 x 10, 3 seeds, no gain at all; the first target is the one unlike the others."""


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per scenario and difficulty."""
    for name, planted in SCENARIOS.items():
        shares = simulate(planted, draws).reset_index(drop=True).groupby(list(planted.base or ()), sort=False).mean()
        for base, of_base in shares.iterrows():
            yield {"": name, "base": percent(float(base))} | {name: percent(of_base[name]) for name in COLUMNS}


def report(draws: int) -> None:
    """Print the table of docs/statistics/uncertainty.md, "Where intervals are weakest"."""
    print_table(_rows(draws))
