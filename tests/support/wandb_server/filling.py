"""A project full of runs, without training any: what a large sweep leaves on a server."""

import json

from crosstask.storage.records import CellRef
from crosstask.tracking.row_report import RowReport
from tests.support.records import cell_score, run_record
from tests.support.wandb_server.http_server import WandbServer
from tests.support.wandb_server.mutations import Root
from tests.support.wandb_server.runs import Project, Run

DECISIONS = ("raw", "per_token", "per_byte", "prior_corrected")
METRICS = [
    *("stderr", "n", "invalid", "prompts_cut", "macro_f1", "kappa", "predicted/0", "predicted/1"),
    *(f"accuracy/{decision}" for decision in DECISIONS),
]


def fill(server: WandbServer, project: str, runs: int, targets: int) -> None:
    """Add runs of as many sources with three seeds each, all scored on the same targets."""
    root: Root = server.root
    entity = root.entities[root.default]
    added = root.projects[root.default, project] = Project(entity, project, len(root.projects) + 1)
    for number in range(runs):
        add(added, f"{number:020x}", row(number, targets))


def add(project: Project, name: str, report: RowReport) -> None:
    """Add a run that holds a row."""
    record = report.record
    run = Run(project, name, jobType="train", group=record.group, state="finished")
    columns = {
        "source": record.source,
        "seed": record.seed,
        "model": "tiny",
        "data": "made",
        **report.config(),
    }
    columns |= {f"trainer.setting_{i}": i for i in range(40)}
    run.config = json.dumps({key: {"value": value} for key, value in columns.items()})
    run.summaryMetrics = json.dumps(report.summary())
    project.by_name[run.name] = run


def row(number: int, targets: int) -> RowReport:
    """A row with scores that follow from its number."""
    names = [f"target{i}" for i in range(targets)]
    record = run_record(
        f"{number:020x}",
        f"source{number // 3}",
        home=(names[0],),
        seed=number % 3,
        model="tiny",
        data="made",
        group="large",
        adapter=f"{number:020x}",
        config={f"trainer.setting_{i}": i for i in range(40)},
        updated=f"2025-01-01T00:00:00.{number:06d}+00:00",
        cells={name: CellRef(f"{number:020x}", "c" * 20) for name in names},
    )
    scores = {
        name: cell_score(
            name,
            target_id=f"{place:020x}",
            metrics={"score": (number * 7 + place * 13) % 101 / 101, **dict.fromkeys(METRICS, 200.0), "stderr": 0.03},
            labels=("0", "1"),
            decide="raw",
        )
        for place, name in enumerate(names)
    }
    return RowReport(record=record, scores=scores, answers={})
