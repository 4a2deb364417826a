"""Growth: 5, 10, 20 adapters on as many targets, one process each: time per cell and peak memory.

The targets are copies of the same five, told apart by a number of one digit before the prompt, so that a cell costs the
same on average however many there are. The adapters differ in their seed. Loading the base model and making the rows
happens once in a process, whatever the number of cells, and is timed by itself.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import Clock, machine, module, option_parser, passed_on, run, script, spread
from crosstask.config.job import TrainConfig
from crosstask.data.drawn_examples import test_examples
from crosstask.jobs.progress import Progress
from oracle import inputs

TARGETS = ("mnli", "imdb", "flipkart", "paws", "goat")
SOURCE = "goat"
TRAINING = (f"source={SOURCE}", "trainer.max_steps=1")


def main() -> None:
    """Measure and print, or do one worker's part."""
    parser = option_parser("growth", __doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[5, 10, 20], help="multiples of 5, at most 45")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if any(size % len(TARGETS) or not 0 < size <= 9 * len(TARGETS) for size in options.sizes):
        parser.error(f"--sizes {options.sizes}: multiples of {len(TARGETS)}, at most {9 * len(TARGETS)}")
    if options.worker:
        print(json.dumps(work(options.scratch, options.worker, [*options.set, *options.ours])))
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), options)


def measure(scratch: Path, options: argparse.Namespace) -> None:
    """Train the adapters, score each size in turn, and print."""
    store = scratch / "store"
    fixed = ["model.precision=float32", "tracking.mode=disabled", f"store={store}", "target=imdb"]
    seeds = f"seed={','.join(map(str, range(max(options.sizes))))}"
    run(script("train.py", "-m", *fixed, *TRAINING, *options.set, *options.ours, seeds), scratch / "set-up")
    found: dict[int, list[list[float]]] = {size: [] for size in options.sizes}
    for _ in range(options.repeats):
        for size in options.sizes:
            shutil.rmtree(store / "cells", ignore_errors=True)
            command = module("benchmarks.growth", "--worker", size, "--scratch", scratch, *passed_on(options))
            worked = run(command, scratch / str(size))
            set_up, scoring, cpu = json.loads(worked.output.splitlines()[-1])
            found[size].append([set_up, scoring / size**2, cpu / size**2, worked.peak])
    print(f"{machine()}\n\n{' '.join([*options.set, *options.ours])}\n")
    print(
        "| adapters x targets | cells | set-up, seconds | seconds per cell | CPU seconds per cell | peak memory, MiB |"
    )
    print("|---|---|---|---|---|---|")
    for size, measured in found.items():
        set_ups, cells, cpus, peaks = zip(*measured, strict=True)
        values = [spread(set_ups), spread(cells, 4), spread(cpus, 4), spread(peaks, 0)]
        print(f"| {size} x {size} | {size**2} | {' | '.join(values)} |")


def work(scratch: Path, size: int, overrides: list[str]) -> tuple[float, float, float]:
    """Return the seconds of loading the base model and making the rows, those of scoring, and its CPU seconds."""
    import peft  # noqa: F401  what a job imports late is not timed
    import transformers  # noqa: F401

    from crosstask.jobs.job import evaluate

    found = [job(scratch, seed, size, overrides) for seed in range(size)]
    clock = Clock()
    inputs.loaded(found[0])
    inputs.training_rows(found[0], SOURCE)
    for name, task in found[0].target.items():
        test_examples(name, task, found[0].data)
    set_up, clock = clock.cost(), Clock()
    for one in found:
        evaluate(one, Progress(), "benchmarks.growth")
    scoring = clock.cost()
    return set_up.seconds, scoring.seconds, scoring.cpu


def job(scratch: Path, seed: int, size: int, overrides: list[str]) -> TrainConfig:
    """Return the job that scores one adapter on ``size`` targets."""
    settings = inputs.settings(*TRAINING, f"seed={seed}", f"store={scratch / 'store'}", *overrides)
    tasks = inputs.targets(*TARGETS).items()
    copies = range(size // len(TARGETS))
    settings.target = {
        f"{name}_{i}": replace(task, prompt=f"({i}) {task.prompt}") for i in copies for name, task in tasks
    }
    return settings


if __name__ == "__main__":
    main()
