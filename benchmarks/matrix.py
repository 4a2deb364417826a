"""The whole matrix: one sweep of ours against TRL for each source and lm-eval for each adapter, one process each."""

import tempfile
from pathlib import Path

from benchmarks import usual_way
from benchmarks.measuring import COST_HEAD, Cost, cost_row, machine, option_parser, run, script, total
from crosstask.config import task_files
from crosstask.config.job import BASE, TrainConfig
from crosstask.config.suites import suite_file
from crosstask.config.task import Role
from crosstask.storage.store import Store
from oracle import inputs

Scores = dict[tuple[str, str], float]
"""Score of each (source, target)."""


def main() -> None:
    """Measure and print."""
    every, usual = task_files.options(Role.source), suite_file("miniature")
    parser = option_parser("matrix", __doc__)
    parser.add_argument("--sources", nargs="+", default=sorted([*usual.sources, BASE]), choices=every)
    parser.add_argument("--targets", nargs="+", default=sorted(usual.targets))
    options = parser.parse_args()
    common = [f"target=[{','.join(options.targets)}]", *options.set]
    ours: list[Cost] = []
    training: list[Cost] = []
    scoring: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.repeats):
            scratch = Path(folder) / str(number)
            cost, our_scores = sweep(scratch, options.sources, [*common, *options.ours])
            costs = one_by_one(scratch, options.sources, inputs.settings(*common))
            ours.append(cost)
            training.append(costs[0])
            scoring.append(costs[1])
    their_scores = costs[2]
    print(f"{machine()}\n")
    print(f"{len(options.sources)} sources x {len(options.targets)} targets; {' '.join([*common, *options.ours])}\n")
    print(COST_HEAD)
    print(cost_row("crosstask, one sweep", ours, ours))
    print(cost_row("TRL, a process for each source", training, ours))
    print(cost_row("lm-eval, a process for each adapter", scoring, ours))
    print(cost_row("usual way, both", [total(pair) for pair in zip(training, scoring, strict=True)], ours) + "\n")
    print(differences(inputs.settings(*common), our_scores, their_scores))


def sweep(scratch: Path, sources: list[str], overrides: list[str]) -> tuple[Cost, Scores]:
    """Run our sweep; returns its cost and scores."""
    store = scratch / "store"
    fixed = ("model.precision=float32", "tracking.mode=disabled", f"store={store}")
    command = script("train.py", "-m", f"source={','.join(sources)}", *fixed, *overrides)
    cost = run(command, scratch / "ours").cost
    found = {}
    for record in Store(store).records():
        for target, cell in record.cells.items():
            score = Store(store).score(cell)
            assert score is not None
            found[record.source, target] = score.metrics["score"]
    return cost, found


def one_by_one(scratch: Path, sources: list[str], job: TrainConfig) -> tuple[Cost, Cost, Scores]:
    """Run the usual way; returns the costs of training and of scoring, and scores. Files are written before."""
    usual_way.write_tasks(job, scratch / "tasks")
    training: list[Cost] = []
    scoring: list[Cost] = []
    found: Scores = {}
    for source in sources:
        adapter = None if source == BASE else scratch / "adapters" / source
        if adapter is not None:
            usual_way.write_training_file(job, source, scratch / "rows" / source)
            command = usual_way.training_command(job, scratch / "rows" / source, adapter)
            training.append(run(command, scratch / "theirs").cost)
        output = scratch / "scores" / source
        scoring.append(run(usual_way.scoring_command(job, scratch / "tasks", adapter, output), scratch / "theirs").cost)
        found |= {(source, target): score for target, score in usual_way.scores(job, output).items()}
    return total(training), total(scoring), found


def differences(job: TrainConfig, ours: Scores, theirs: Scores) -> str:
    """Return how far the two matrices are apart, next to the standard error of the difference of two scores."""
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    lines = ["| rows | cells | largest difference | mean difference | cells apart by more than two standard errors |"]
    lines.append("|---|---|---|---|---|")
    rows = job.data.test_rows
    for title, keys in (
        ("base", [key for key in ours if key[0] == BASE]),
        ("adapters", [key for key in ours if key[0] != BASE]),
    ):
        apart = [ours[key] - theirs[key] for key in keys]
        errors = [((ours[k] * (1 - ours[k]) + theirs[k] * (1 - theirs[k])) / rows) ** 0.5 for k in keys]
        beyond = sum(abs(a) > 2 * error for a, error in zip(apart, errors, strict=True))
        if keys:
            largest, mean = 100 * max(map(abs, apart)), 100 * sum(apart) / len(apart)
            lines.append(f"| {title} | {len(keys)} | {largest:.1f} points | {mean:+.2f} points | {beyond} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
