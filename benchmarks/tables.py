"""How long ``analyze.py runs=table`` takes, and how much memory: tables with very many sources or targets."""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.analysis import within
from benchmarks.measuring import machine, script

SIZES = ((7000, 6), (1000, 60), (120, 280))
"""Sources and targets."""
SECONDS, MEMORY = 60.0, 4.0
"""What each may take, in seconds and GiB."""
ROWS = 500
"""Test rows of each target, which make the errors of the scores."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    print(f"{machine(('numpy', 'scipy', 'pandas', 'matplotlib'))}\n")
    print("| table | seconds | CPU seconds | GiB | within |")
    print("|---|---|---|---|---|")
    for sources, targets in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scores.csv"
            drawn(sources, targets).to_csv(path, index=False)
            command = script("analyze.py", "runs=table", f"runs.path={path}", f"output={folder}/results")
            measured = within(command, Path(folder) / "scratch", options.repeats, SECONDS, MEMORY)
            print(f"| {sources:,} x {targets} | {measured} |", flush=True)


def drawn(sources: int, targets: int) -> pd.DataFrame:
    """Accuracies of the base model and of sources: a level of the target, a donor, and the errors of the test rows."""
    generator = np.random.default_rng(0)
    levels, donors = generator.normal(0.0, 0.8, targets), generator.normal(0.0, 0.3, (sources + 1, 1))
    donors[0] = 0
    right = generator.binomial(ROWS, 1 / (1 + np.exp(-(levels + donors))))
    names = pd.MultiIndex.from_product(
        [["base", *(f"s{place}" for place in range(sources))], [f"t{place}" for place in range(targets)]],
        names=["source", "target"],
    )
    return pd.DataFrame({"score": right.ravel() / ROWS, "n": ROWS}, names).reset_index()


if __name__ == "__main__":
    main()
