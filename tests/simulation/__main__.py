"""Simulations with planted truth, whose tables are in docs/statistics.md: ``python -m tests.simulation matrix``."""

import argparse

from tests.simulation import matrix

PARTS = {"matrix": matrix.report}


def main() -> None:
    """Run the parts that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--draws", type=int, default=400, help="matrices of each kind; a quarter of the largest")
    options = parser.parse_args()
    for part in options.parts:
        PARTS[part](options.draws)


if __name__ == "__main__":
    main()
