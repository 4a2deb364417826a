"""How long the analysis of a matrix takes, figures and files included, and how much memory: a small one and a large."""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.measuring import machine, module, run, spread

LIMITS = {"small": (10.0, 4.0), "large": (60.0, 4.0)}
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
    """Measure one size some times; returns its row. The seconds do not count drawing the answers, the memory does."""
    taken, cpu, peaks = [], [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            measured = run(module("benchmarks.synthetic_matrix", *size, folder), Path(folder) / "scratch")
        found = json.loads(measured.output.splitlines()[-1])
        taken.append(found["seconds"])
        cpu.append(found["cpu"])
        peaks.append(measured.peak / 1024)
    held = statistics.median(taken) <= seconds and max(peaks) <= memory
    tasks, seeds, examples = size
    within = f"{seconds:.0f} s, {memory:.0f} GiB: {'yes' if held else 'no'}"
    return (
        f"| {tasks} x {tasks} | {seeds} | {examples} | {spread(taken)} | {spread(cpu)} | {spread(peaks)} | {within} |"
    )


if __name__ == "__main__":
    main()
