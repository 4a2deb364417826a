"""Reading from W&B: ``runs=wandb`` for a thousand runs of eleven targets, from a server on the loopback interface.

The server is the one of the tests and runs in a process of its own, on the same core if there is but one; ``--latency``
adds to every answer what a network would. The first reading fills the cache, the second finds it filled.
"""

import argparse
import importlib.metadata
import multiprocessing
import os
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from crosstask.runs.cell_table import cell_table
from tests.support.wandb_server.filling import fill
from tests.support.wandb_server.http_server import KEY, WandbServer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--targets", type=int, default=11)
    parser.add_argument("--latency", type=float, nargs="+", default=[0.0, 0.2], help="seconds that an answer takes")
    options = parser.parse_args()
    print(f"wandb {importlib.metadata.version('wandb')}\n")
    print("| runs x targets | latency, s | reading | seconds |\n|---|---|---|---|")
    for latency in options.latency:
        for reading, seconds in measure(options.runs, options.targets, latency).items():
            print(f"| {options.runs} x {options.targets} | {latency} | {reading} | {seconds:.1f} |")


def measure(runs: int, targets: int, latency: float) -> dict[str, float]:
    """Return the seconds of a first and of a second reading."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, runs, targets, latency))
    server.start()
    os.environ |= {"WANDB_BASE_URL": ours.recv(), "WANDB_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    with tempfile.TemporaryDirectory() as folder:
        seconds = {name: read(Path(folder), runs * targets) for name in ("first", "second")}
    ours.send("enough")
    server.join()
    return seconds


def read(cache: Path, cells: int) -> float:
    """Return the seconds that it takes to read all cells into a table."""
    import wandb

    from crosstask.tracking.reading import Query, Reader

    wandb.teardown()
    started = time.monotonic()
    table = cell_table(Reader(Query("large"), cache).rows())
    assert len(table) == cells
    return time.monotonic() - started


def serve(pipe: Connection, runs: int, targets: int, latency: float) -> None:
    """Serve a full project until told that it is enough."""
    server = WandbServer()
    fill(server, "large", runs, targets)
    server.latency = latency
    with server.running():
        pipe.send(server.url)
        pipe.recv()


if __name__ == "__main__":
    main()
