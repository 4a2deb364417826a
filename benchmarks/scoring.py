"""Scoring alone: adapters that exist on closed targets, against lm-eval in a process for each adapter, and in one.

The worker processes (``--worker``) time their work without imports; the others are timed from start to exit.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import astuple
from pathlib import Path

from benchmarks import usual_way
from benchmarks.measuring import (
    COST_HEAD,
    Clock,
    Cost,
    cost_row,
    machine,
    module,
    option_parser,
    passed_on,
    run,
    script,
    total,
)
from crosstask.config.job import TrainConfig
from crosstask.jobs.progress import Progress
from oracle import inputs

TARGETS = ("mnli", "mnli_words", "imdb", "flipkart")


def main() -> None:
    """Measure and print, or do one worker's part."""
    parser = option_parser("scoring", __doc__)
    parser.add_argument("--adapters", type=int, default=10)
    parser.add_argument("--targets", nargs="+", default=list(TARGETS))
    parser.add_argument("--source", default="goat", help="that the adapters are of")
    parser.add_argument("--worker", choices=["crosstask", "lm-eval"], help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    common = [f"target=[{','.join(options.targets)}]", f"source={options.source}", "trainer.max_steps=2", *options.set]
    if options.worker == "crosstask":
        print(json.dumps(our_cost(options.scratch, options.adapters, [*common, *options.ours])))
    elif options.worker == "lm-eval":
        print(json.dumps(their_cost(inputs.settings(*common), options.scratch)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), options, common)


def measure(scratch: Path, options: argparse.Namespace, common: list[str]) -> None:
    """Train the adapters, time the four ways of scoring them in turn, and print."""
    job, store = inputs.settings(*common), scratch / "store"
    fixed = ["model.precision=float32", "tracking.mode=disabled", f"store={store}"]
    seeds = f"seed={','.join(map(str, range(options.adapters)))}"
    ours = [*fixed, *common, *options.ours, seeds]
    run(script("train.py", "-m", *ours), scratch / "set-up")
    adapters = sorted((store / "adapters").iterdir())
    assert len(adapters) == options.adapters
    usual_way.write_tasks(job, scratch / "tasks")
    sizes = ["--adapters", options.adapters, "--targets", *options.targets, "--source", options.source]
    sizes += ["--scratch", scratch, *passed_on(options)]
    costs: dict[str, list[Cost]] = {"sweep": [], "processes": [], "crosstask": [], "lm-eval": []}
    for number in range(options.repeats):
        shutil.rmtree(store / "cells", ignore_errors=True)
        costs["sweep"].append(run(script("evaluate.py", "-m", *ours), scratch / "ours").cost)
        output = scratch / f"scores-{number}"
        commands = [usual_way.scoring_command(job, scratch / "tasks", path, output / path.name) for path in adapters]
        costs["processes"].append(total(run(command, scratch / "theirs").cost for command in commands))
        for worker in ("crosstask", "lm-eval"):
            shutil.rmtree(store / "cells", ignore_errors=True)
            worked = run(module("benchmarks.scoring", "--worker", worker, *sizes), scratch / worker)
            costs[worker].append(Cost(*json.loads(worked.output.splitlines()[-1])))
    print(f"{machine()}\n\n{options.adapters} adapters x {len(options.targets)} targets; {' '.join(common)}\n")
    print(COST_HEAD)
    rows = {
        "crosstask, one process": ("sweep", "sweep"),
        "lm-eval, a process for each adapter": ("processes", "sweep"),
        "crosstask, one process, without imports": ("crosstask", "crosstask"),
        "lm-eval, one process, without imports": ("lm-eval", "crosstask"),
    }
    for title, (key, ours_key) in rows.items():
        print(cost_row(title, costs[key], costs[ours_key]))


def our_cost(scratch: Path, count: int, overrides: list[str]) -> tuple[float, float]:
    """Return what we take for every adapter and target, loading the base model included, imports not."""
    import peft  # noqa: F401  what a job imports late is not timed
    import transformers  # noqa: F401

    from crosstask.jobs.job import evaluate

    found = [inputs.settings(*overrides, f"seed={seed}", f"store={scratch / 'store'}") for seed in range(count)]
    clock = Clock()
    for job in found:
        evaluate(job, Progress(), "benchmarks.scoring")
    return astuple(clock.cost())


def their_cost(job: TrainConfig, scratch: Path) -> tuple[float, float]:
    """Return what lm-eval's own functions take for the same; imports and the index of its tasks are not timed."""
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    tasks = TaskManager(include_path=str(scratch / "tasks"), include_defaults=False)
    names = [f"crosstask_{name}" for name in job.target]
    device = str(inputs.loaded(job).model.device)
    clock = Clock()
    for adapter in sorted((scratch / "store" / "adapters").iterdir()):
        model = HFLM(**usual_way.model_arguments(job, adapter), device=device, batch_size=usual_way.BATCH_SIZE)
        simple_evaluate(model=model, tasks=names, task_manager=tasks, bootstrap_iters=0)
    return astuple(clock.cost())


if __name__ == "__main__":
    main()
