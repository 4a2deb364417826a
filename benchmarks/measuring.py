"""Measuring: processes with their time and peak memory, the machine, medians and ratios."""

import argparse
import importlib.metadata
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("torch", "transformers", "peft", "pytorch-lightning", "lm-eval", "trl")


@dataclass(frozen=True)
class Cost:
    """The time that something took."""

    seconds: float
    """Wall clock."""
    cpu: float
    """Seconds of all cores together: what remains comparable when something else runs on the machine."""


@dataclass(frozen=True)
class Measured:
    """What one process cost."""

    cost: Cost
    """From start to exit."""
    peak: float
    """Largest resident memory, in MiB."""
    output: str
    """What it printed on standard output."""


def run(command: Sequence[str | Path], scratch: Path) -> Measured:
    """Run a process from the repository's root and measure it.

    All processes get the same environment: no network, caches of Hugging Face in ``scratch``, threads that wait without
    spinning.

    Raises
    ------
    RuntimeError
        If it fails; the message holds the end of what it said.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with (scratch / "stdout").open("w+") as said, (scratch / "stderr").open("w+") as complained:
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=complained, env=environment(scratch))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complained.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)}\n{said.read()[-2000:]}\n{complained.read()[-4000:]}")
        return Measured(Cost(seconds, usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024, said.read())


def environment(scratch: Path) -> Mapping[str, str]:
    """Return the environment of every measured process."""
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(scratch / "huggingface"),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this environment."""
    return [sys.executable, "-m", name, *map(str, arguments)]


def script(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of the repository's entry points."""
    return [sys.executable, str(ROOT / name), *map(str, arguments)]


def option_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks share."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="of all, e.g. data.test_rows=50")
    parser.add_argument("--ours", nargs="*", default=[], metavar="KEY=VALUE", help="settings of crosstask alone")
    parser.add_argument("--repeats", type=int, default=3)
    return parser


def passed_on(options: argparse.Namespace) -> list[str]:
    """Return the settings as options for a worker process."""
    shared = ["--set", *options.set] if options.set else []
    return shared + (["--ours", *options.ours] if options.ours else [])


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median, and the smallest and the largest value where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def ratio(slower: Sequence[float], faster: Sequence[float]) -> str:
    """Return the ratio of two medians."""
    return f"{statistics.median(slower) / statistics.median(faster):.2f}"


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum of some costs."""
    listed = list(costs)
    return Cost(sum(cost.seconds for cost in listed), sum(cost.cpu for cost in listed))


def cost_row(title: str, costs: Sequence[Cost], ours: Sequence[Cost]) -> str:
    """Return a row of a table: wall clock and CPU seconds, and how many times ours each is."""
    cells = [title]
    for values, reference in (
        ([cost.seconds for cost in costs], [cost.seconds for cost in ours]),
        ([cost.cpu for cost in costs], [cost.cpu for cost in ours]),
    ):
        cells += [spread(values, 2), ratio(values, reference)]
    return f"| {' | '.join(cells)} |"


COST_HEAD = "| | seconds | times ours | CPU seconds | times ours |\n|---|---|---|---|---|"


class Clock:
    """Measures a part of this process."""

    def __init__(self) -> None:
        self.wall = time.perf_counter()
        self.cpu = time.process_time()

    def cost(self) -> Cost:
        """Return the time since this clock was made."""
        return Cost(time.perf_counter() - self.wall, time.process_time() - self.cpu)


def matrix_product_rate(size: int = 1024, repetitions: int = 10) -> float:
    """Return the 1e9 float32 operations per second that PyTorch's matrix product reaches, the best of some tries."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    best = float("inf")
    for _ in range(repetitions):
        started = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9


def machine(packages: Sequence[str] = PACKAGES) -> str:
    """Return a line on the machine and the versions."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{cores} cores, {torch.get_num_threads()} threads, {memory:.0f} GiB of memory,"
        f" matrix product {matrix_product_rate():.0f} GFLOP/s; Python {sys.version.split()[0]}, {versions}"
    )
