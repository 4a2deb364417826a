"""What a W&B server holds. The attributes and methods are the fields of the schema, under the schema's names."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.wandb_server.filters import matches


def now() -> str:
    """The time as the schema gives it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def opaque(*parts: object) -> str:
    """An id that clients cannot read."""
    return base64.b64encode(":".join(map(str, parts)).encode()).decode()


def connection(items: Sequence[Any], after: str | None, first: int | None) -> dict[str, Any]:
    """A page of a list, in the form of a GraphQL connection."""
    start = int(after) + 1 if after else 0
    end = min(len(items), start + (first or 50))
    edges = [{"node": items[index], "cursor": str(index)} for index in range(start, end)]
    page = {"hasNextPage": end < len(items), "endCursor": str(end - 1) if edges else None}
    return {"edges": edges, "pageInfo": page, "totalCount": len(items)}


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
    outputs: "list[Artifact]" = field(default_factory=list)
    used: "list[Artifact]" = field(default_factory=list)
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
        return connection(self.outputs, after, first)

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
    collections: "dict[str, Collection]" = field(default_factory=dict)
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

    def artifactCollectionMembership(self, info: Any, name: str) -> "Membership | None":
        collection, _, alias = name.partition(":")
        return self.collections[collection].artifactMembership(info, alias) if collection in self.collections else None

    def artifact(self, info: Any, name: str) -> "Artifact | None":
        membership = self.artifactCollectionMembership(info, name)
        return membership.artifact if membership else None

    def artifactCollection(self, info: Any, name: str) -> "Collection | None":
        return self.collections.get(name)

    def artifactType(self, info: Any, name: str) -> "dict[str, Any] | None":
        of_type = {key: part for key, part in self.collections.items() if part.type == name}
        return {"name": name, "artifactCollection": lambda info, name: of_type.get(name)} if of_type else None


@dataclass(eq=False)
class Collection:
    """The versions of an artifact, and which alias stands for which."""

    project: Project
    name: str
    type: str
    versions: "list[Artifact]" = field(default_factory=list)
    named: "dict[str, Artifact]" = field(default_factory=dict)
    digestAlgorithm = "MANIFEST_MD5"
    __typename = "ArtifactSequence"

    @property
    def latestArtifact(self) -> "Artifact | None":
        return self.versions[-1] if self.versions else None

    def artifactMembership(self, info: Any, aliasName: str) -> "Membership | None":
        by_index = {f"v{artifact.versionIndex}": artifact for artifact in self.versions}
        artifact = self.named.get(aliasName) or by_index.get(aliasName)
        return Membership(self, artifact) if artifact else None

    def aliases_of(self, artifact: "Artifact") -> list[dict[str, Any]]:
        """The aliases of a version."""
        names = [alias for alias, version in self.named.items() if version is artifact]
        return [{"id": opaque(self.name, alias), "alias": alias, "artifactCollection": self} for alias in names]


@dataclass(eq=False)
class Artifact:
    """One version of an artifact."""

    artifactSequence: Collection
    digest: str
    metadata: str | None = None
    description: str | None = None
    state: str = "PENDING"
    versionIndex: int | None = None
    createdAt: str = field(default_factory=now)
    manifest: dict[str, Any] = field(default_factory=dict)
    """What the manifest says, once it is there."""
    manifest_place: str = ""
    places: dict[str, str] = field(default_factory=dict)
    """Place of the content of each file, by its MD5."""
    wanted_aliases: list[str] = field(default_factory=list)
    ttlDurationSeconds = -1
    ttlIsInherited = True
    historyStep = None
    digestAlgorithm = "MANIFEST_MD5"
    commitHash = None

    @property
    def id(self) -> str:
        return opaque("Artifact", self.artifactSequence.project.id, self.artifactSequence.name, id(self))

    @property
    def artifactType(self) -> dict[str, str]:
        return {"name": self.artifactSequence.type}

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """What the manifest says of each file."""
        return self.manifest.get("contents", {})

    fileCount = property(lambda self: len(self.entries))
    size = property(lambda self: sum(entry.get("size", 0) for entry in self.entries.values()))
    updatedAt = property(lambda self: self.createdAt)
    tags: Iterable[str] = ()

    def aliases(self, info: Any) -> list[dict[str, Any]]:
        return self.artifactSequence.aliases_of(self)

    def currentManifest(self, info: Any) -> dict[str, Any]:
        return {"id": opaque("Manifest", self.id), "file": {"directUrl": f"{info.context.url}{self.manifest_place}"}}


@dataclass(eq=False)
class Membership:
    """A version as a member of its collection."""

    artifactCollection: Collection
    artifact: Artifact

    @property
    def id(self) -> str:
        return opaque("Membership", self.artifact.id)

    versionIndex = property(lambda self: self.artifact.versionIndex)
    createdAt = property(lambda self: self.artifact.createdAt)

    def aliases(self, info: Any) -> list[dict[str, Any]]:
        return self.artifactCollection.aliases_of(self.artifact)

    def files(
        self, info: Any, names: list[str] | None = None, after: str | None = None, first: int | None = None
    ) -> dict[str, Any]:
        artifact = self.artifact
        found = [
            {
                "id": opaque("File", artifact.id, name),
                "name": name,
                "displayName": name,
                "sizeBytes": entry.get("size"),
                "digest": entry["digest"],
                "md5": entry["digest"],
                "directUrl": f"{info.context.url}{artifact.places[entry['digest']]}",
            }
            for name, entry in sorted(artifact.entries.items())
            if names is None or name in names
        ]
        return connection(found, after, first)
