"""Runs that a W&B server holds. Attributes and methods are the fields of the schema, under the schema's names."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.wandb_server.artifacts import Artifact, Collection, Membership
from tests.support.wandb_server.filters import matches
from tests.support.wandb_server.graphql_values import connection, now, opaque


@dataclass
class Entity:
    """A user or a team."""

    name: str
    organization: None = None
    xxhashDigestsEnabled: bool = False

    @property
    def id(self) -> str:
        return opaque("Entity", self.name)


@dataclass(eq=False)
class Run:
    """One run."""

    project: "Project"
    name: str
    displayName: str | None = None
    description: str | None = None
    notes: str | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    jobType: str | None = None
    commit: str | None = None
    config: str = "{}"
    summaryMetrics: str = "{}"
    state: str = "running"
    createdAt: str = field(default_factory=now)
    heartbeatAt: str = field(default_factory=now)
    history_lines: list[str] = field(default_factory=list)
    event_lines: list[str] = field(default_factory=list)
    log_lines: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """Place of the content of each uploaded file, by name."""
    outputs: list[Artifact] = field(default_factory=list)
    used: list[Artifact] = field(default_factory=list)
    exit_codes: list[int] = field(default_factory=list)
    """One for each time that a client said that the run is complete."""
    sweepName = None
    readOnly = False
    systemMetrics = "{}"

    @property
    def id(self) -> str:
        return opaque("Run", self.project.entity.name, self.project.name, self.name)

    @property
    def projectId(self) -> int:
        return self.project.number

    @property
    def user(self) -> dict[str, str]:
        return {"name": self.project.entity.name, "username": self.project.entity.name}

    @property
    def history(self) -> list[dict[str, Any]]:
        """The rows that were logged."""
        return [json.loads(line) for line in self.history_lines]

    @property
    def summary(self) -> dict[str, Any]:
        """The summary, read."""
        return json.loads(self.summaryMetrics)

    @property
    def historyKeys(self) -> dict[str, Any]:
        return {"keys": {key: {} for row in self.history for key in row}, "lastStep": len(self.history_lines)}

    def outputArtifacts(self, info: Any, after: str | None = None, first: int | None = None) -> dict[str, Any]:
        return connection(self.committed, after, first)

    @property
    def committed(self) -> list[Artifact]:
        """The artifacts that are whole."""
        return [artifact for artifact in self.outputs if artifact.state == "COMMITTED"]

    def wandbConfig(self, info: Any, keys: list[str]) -> str:
        own = json.loads(self.config).get("_wandb", {}).get("value", {})
        return json.dumps({key: own.get(key) for key in keys})

    historyLineCount = property(lambda self: len(self.history_lines))
    eventsLineCount = property(lambda self: len(self.event_lines))
    logLineCount = property(lambda self: len(self.log_lines))
    historyTail = property(lambda self: json.dumps(self.history_lines[-1:]))
    eventsTail = property(lambda self: json.dumps(self.event_lines[-1:]))

    def receive(self, chunk: dict[str, Any]) -> None:
        """Take in what a client streams: lines of files from an offset on, and that the run is complete."""
        lines = {
            "wandb-history.jsonl": self.history_lines,
            "wandb-events.jsonl": self.event_lines,
            "output.log": self.log_lines,
        }
        for name, part in (chunk.get("files") or {}).items():
            if name == "wandb-summary.json":
                self.summaryMetrics = part["content"][-1]
            elif name in lines:
                lines[name][part["offset"] : part["offset"] + len(part["content"])] = part["content"]
        self.heartbeatAt = now()
        self.state = "running"
        if chunk.get("complete"):
            self.exit_codes.append(chunk["exitcode"])
            self.state = "finished" if chunk["exitcode"] == 0 else "failed"


@dataclass(eq=False)
class Project:
    """Runs and artifacts under one name."""

    entity: Entity
    name: str
    number: int
    by_name: dict[str, Run] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    readOnly = False
    internalId = property(lambda self: str(self.number))

    @property
    def id(self) -> str:
        return opaque("Project", self.entity.name, self.name)

    def run(self, info: Any, name: str) -> Run | None:
        return self.by_name.get(name)

    def bucket(self, info: Any, name: str, missingOk: bool = False) -> Run | None:
        return self.by_name.get(name)

    def filtered(self, filters: str | None) -> list[Run]:
        """The runs that pass a filter, oldest first."""
        query = json.loads(filters or "{}")
        return [run for run in self.by_name.values() if matches(run, query)]

    def runCount(self, info: Any, filters: str | None = None) -> int:
        return len(self.filtered(filters))

    def runs(
        self,
        info: Any,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
    ) -> dict[str, Any]:
        runs = self.filtered(filters)
        if order in ("-created_at", "-createdAt"):
            runs.reverse()
        return connection(runs, after, first)

    def artifactCollectionMembership(self, info: Any, name: str) -> Membership | None:
        collection, _, alias = name.partition(":")
        return self.collections[collection].artifactMembership(info, alias) if collection in self.collections else None

    def artifact(self, info: Any, name: str) -> Artifact | None:
        membership = self.artifactCollectionMembership(info, name)
        return membership.artifact if membership else None

    def artifactCollection(self, info: Any, name: str) -> Collection | None:
        return self.collections.get(name)

    def artifactType(self, info: Any, name: str) -> dict[str, Any] | None:
        of_type = {key: part for key, part in self.collections.items() if part.type == name}
        return {"name": name, "artifactCollection": lambda info, name: of_type.get(name)} if of_type else None
