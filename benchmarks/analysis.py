"""How long ``analyze.py`` takes, from start to files and figures, and how much memory: a small and a large matrix."""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import machine, module, run, script, spread

LIMITS = {"small": (12.0, 4.0), "large": (90.0, 4.0)}
"""Seconds and GiB that each may take."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__)
    for name, size in (("--small", [10, 1, 200]), ("--large", [200, 3, 500])):
        parser.add_argument(name, nargs=3, type=int, default=size, metavar=("TASKS", "SEEDS", "EXAMPLES"))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(f"{machine(('numpy', 'scipy', 'pandas', 'matplotlib'))}\n")
    print("| matrix | seeds | answers a cell | seconds | CPU seconds | GiB | within |")
    print("|---|---|---|---|---|---|---|")
    for name, size in (("small", options.small), ("large", options.large)):
        print(row(size, options.repeats, *LIMITS[name]), flush=True)


def row(size: list[int], repeats: int, seconds: float, memory: float) -> str:
    """Measure the command on a store of one size some times; returns its row. Filling the store does not count."""
    with tempfile.TemporaryDirectory() as folder:
        scratch, store = Path(folder) / "scratch", Path(folder) / "runs"
        run(module("benchmarks.synthetic_matrix", *size, store), scratch)
        command = script("analyze.py", f"store={store}", f"output={folder}/results")
        tasks, seeds, examples = size
        return f"| {tasks} x {tasks} | {seeds} | {examples} | {within(command, scratch, repeats, seconds, memory)} |"


def within(command: Sequence[str], scratch: Path, repeats: int, seconds: float, memory: float) -> str:
    """Measure a command some times; returns seconds, CPU seconds and GiB, and whether it keeps within its limits."""
    measured = [run(command, scratch) for _ in range(repeats)]
    taken, cpu = ([getattr(one.cost, name) for one in measured] for name in ("seconds", "cpu"))
    peaks = [one.peak / 1024 for one in measured]
    held = statistics.median(taken) <= seconds and max(peaks) <= memory
    limits = f"{seconds:.0f} s, {memory:.0f} GiB: {'yes' if held else 'no'}"
    return f"{spread(taken)} | {spread(cpu)} | {spread(peaks)} | {limits}"


if __name__ == "__main__":
    main()
