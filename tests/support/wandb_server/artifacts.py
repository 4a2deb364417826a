"""Artifacts that a W&B server holds. Attributes and methods are the fields of the schema, under the schema's names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.wandb_server.graphql_values import connection, now, opaque


@dataclass(eq=False)
class Collection:
    """The versions of an artifact, and which alias stands for which."""

    project: Any
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
