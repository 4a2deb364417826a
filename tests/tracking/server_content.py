"""What a server has, in the words of the tests."""

import json
from typing import Any

import pandas as pd

from tests.support.wandb_server.http_server import WandbServer
from tests.support.wandb_server.runs import Run


def runs(server: WandbServer, project: str = "films") -> dict[str, Run]:
    """The runs of a project by id."""
    return server.root.projects["acme", project].by_name


def only_run(server: WandbServer) -> Run:
    """The run of the project that has one."""
    (run,) = runs(server).values()
    return run


def config_of(run: Run) -> dict[str, Any]:
    """The config of a run."""
    return {key: entry["value"] for key, entry in json.loads(run.config).items()}


def table(server: WandbServer, run: Run, key: str) -> pd.DataFrame:
    """A table of a run, as it was uploaded."""
    place = run.files[run.summary[key]["path"]]
    content = json.loads(server.root.content[place])
    return pd.DataFrame(content["data"], columns=content["columns"])


def artifact_table(server: WandbServer, run: Run, name: str) -> pd.DataFrame:
    """A table of a run's artifact of tables."""
    (artifact,) = [artifact for artifact in run.committed if artifact.artifactSequence.type == "tables"]
    place = artifact.places[artifact.entries[f"{name}.table.json"]["digest"]]
    content = json.loads(server.root.content[place])
    return pd.DataFrame(content["data"], columns=content["columns"])


def steps(run: Run) -> list[int]:
    """The steps of a run's training, each as often as the server has it."""
    return [row["train/step"] for row in run.history if "train/loss" in row]
