"""What clients change: runs, the files of runs, and artifacts."""

import json
from typing import Any

from graphql import GraphQLError

from tests.support.wandb_server.artifacts import Artifact, Collection
from tests.support.wandb_server.graphql_values import connection, opaque
from tests.support.wandb_server.runs import Entity, Project, Run

STRINGS = ("displayName", "description", "notes", "commit", "config", "jobType", "summaryMetrics", "tags")
"""Input fields of a run that are kept as they are."""


class Root:
    """The fields of Query and Mutation."""

    def __init__(self, entity: str) -> None:
        self.entities = {entity: Entity(entity)}
        self.default = entity
        self.projects: dict[tuple[str, str], Project] = {}
        self.artifacts: dict[str, Artifact] = {}
        self.content: dict[str, bytes] = {}
        """What was uploaded, by place."""

    def viewer(self, info: Any) -> dict[str, Any]:
        user = {"entity": self.default, "username": self.default, "name": self.default, "email": "a@example.org"}
        return {"id": opaque("User", self.default), **user, "flags": "{}", "teams": {"edges": []}, "admin": False}

    def serverInfo(self, info: Any) -> dict[str, Any]:
        return {"features": []}

    def entity(self, info: Any, name: str) -> Entity | None:
        return self.entities.get(name)

    def organization(self, info: Any, name: str) -> None:
        return None

    def project(self, info: Any, name: str, entityName: str | None = None) -> Project | None:
        return self.projects.get((entityName or self.default, name))

    model = project

    def artifact(self, info: Any, id: str) -> Artifact:
        if id not in self.artifacts:
            raise GraphQLError("artifact not found")
        return self.artifacts[id]

    def upsertBucket(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Make a run or change it; fields that are null stay as they are."""
        if input.get("id"):
            run, inserted = self._by_id(input["id"]), False
        else:
            entity = self.entities.get(input.get("entityName") or self.default)
            if entity is None:
                raise GraphQLError("entity not found")
            key = (entity.name, input["modelName"])
            project = self.projects.setdefault(key, Project(entity, input["modelName"], len(self.projects) + 1))
            inserted = input["name"] not in project.by_name
            run = project.by_name.setdefault(input["name"], Run(project, input["name"]))
            run.state = "running"
        for name in STRINGS:
            if input.get(name) is not None:
                setattr(run, name, input[name])
        if input.get("groupName") is not None:
            run.group = input["groupName"]
        return {"bucket": run, "inserted": inserted}

    def _by_id(self, id: str) -> Run:
        """The run of an opaque id."""
        for project in self.projects.values():
            for run in project.by_name.values():
                if run.id == id:
                    return run
        raise GraphQLError("run not found")

    def run(self, entity: str, project: str, name: str) -> Run:
        """The run of a name."""
        return self.projects[entity or self.default, project].by_name[name]

    def createRunFiles(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Say where the files of a run are to be uploaded."""
        run = self.run(input["entityName"], input["projectName"], input["runName"])
        for name in input["files"]:
            run.files[name] = f"/storage/{run.project.entity.name}/{run.project.name}/{run.name}/{name}"
        files = [
            {"id": opaque(run.id, name), "name": name, "uploadUrl": f"{info.context.url}{run.files[name]}"}
            for name in input["files"]
        ]
        return {"runID": run.id, "uploadHeaders": [], "files": files}

    def createArtifact(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Begin a version of an artifact; one with the digest of another is that one."""
        project = self.projects[input["entityName"] or self.default, input["projectName"]]
        name = (input.get("artifactCollectionNames") or [input.get("artifactCollectionName")])[0]
        collection = project.collections.setdefault(name, Collection(project, name, input["artifactTypeName"]))
        if collection.type != input["artifactTypeName"]:
            raise GraphQLError(f"artifact {name} is of type {collection.type}")
        wanted = [alias["alias"] for alias in input.get("aliases") or []]
        for artifact in collection.versions:
            if artifact.digest == input["digest"]:
                collection.named |= dict.fromkeys(wanted, artifact)
                break
        else:
            artifact = Artifact(collection, input["digest"], input.get("metadata"), input.get("description"))
            self.artifacts[artifact.id] = artifact
            artifact.wanted_aliases = wanted
        if input.get("runName"):
            run = project.by_name[input["runName"]]
            if artifact not in run.outputs:
                run.outputs.append(artifact)
        return {"artifact": artifact}

    def createArtifactManifest(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Say where the manifest of a version is to be uploaded."""
        artifact = self.artifacts[input["artifactID"]]
        artifact.manifest_place = f"/storage/artifacts/{artifact.id}/{input['name']}"
        url = f"{info.context.url}{artifact.manifest_place}"
        file = {"id": opaque(artifact.id, input["name"]), "uploadUrl": url, "uploadHeaders": []}
        return {"artifactManifest": {"id": opaque("Manifest", artifact.id), "file": file}}

    def createArtifactFiles(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Say where the files of a version are to be uploaded: nowhere, for content that is there already."""
        files = []
        for spec in input["artifactFiles"]:
            artifact = self.artifacts[spec["artifactID"]]
            place = f"/storage/content/{spec['md5'].replace('/', '_')}"
            artifact.places[spec["md5"]] = place
            url = None if place in self.content else f"{info.context.url}{place}"
            file = {"id": opaque(place), "name": spec["name"], "storagePath": f"wandb_artifacts{place}"}
            files.append({**file, "uploadUrl": url, "uploadHeaders": [], "artifact": artifact})
        return {"files": connection(files, None, len(files))}

    def commitArtifact(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """End a version: it gets its number and its aliases."""
        artifact = self.artifacts[input["artifactID"]]
        collection = artifact.artifactSequence
        artifact.manifest = json.loads(self.content[artifact.manifest_place])
        if artifact.state == "PENDING":
            artifact.state, artifact.versionIndex = "COMMITTED", len(collection.versions)
            collection.versions.append(artifact)
        collection.named |= dict.fromkeys(artifact.wanted_aliases, artifact)
        return {"artifact": artifact}

    def useArtifact(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        """Note that a run reads a version."""
        artifact = self.artifacts[input["artifactID"]]
        self.run(input["entityName"], input["projectName"], input["runName"]).used.append(artifact)
        return {"artifact": artifact}
