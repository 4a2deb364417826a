"""A Hub on the loopback interface: repositories in memory, and the part of the protocol that its clients use."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

Files = Mapping[str, bytes]
API = re.compile(
    r"/api/(?P<kind>datasets|models)/(?P<name>[^/]+/[^/]+)"
    r"(/(?P<what>auth-check|revision|tree|paths-info)(/(?P<revision>refs/[^/]+/[^/]+|[^/]+)(/(?P<path>.*))?)?)?"
)
FILE = re.compile(
    r"/((?P<kind>datasets)/)?(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>refs/[^/]+/[^/]+|[^/]+)/(?P<path>.+)"
)


def digest(*parts: bytes) -> str:
    """The id of a commit or of a file: forty hexadecimal digits."""
    return hashlib.sha1(b"\0".join(parts)).hexdigest()


@dataclass
class Repository:
    """The commits of a repository, with the branches and tags that point to them."""

    commits: dict[str, Files] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    status: int | None = None
    """With which every request is refused, as by a server that is overloaded."""

    def commit(self, files: Files, tag: str | None = None) -> str:
        """Add a commit to the branch main; returns its id."""
        commit = digest(*(part for path in sorted(files) for part in (path.encode(), files[path])))
        self.commits[commit] = files
        self.refs |= {"main": commit} | ({tag: commit} if tag else {})
        return commit


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    """Rows as the content of a JSON Lines file."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def folder_files(folder: Path) -> Files:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def card(**front_matter: Any) -> bytes:
    """A README with a YAML header, in which a data set describes its configurations and its columns."""
    return f"---\n{yaml.safe_dump(front_matter)}---\n".encode()


class HubServer:
    """Serves data sets and models until it is stopped; it can be started again under the same address."""

    def __init__(self) -> None:
        self.datasets: dict[str, Repository] = {}
        self.models: dict[str, Repository] = {}
        self.requests: list[str] = []
        """Method and path of each request, and the status of the answer."""
        self.address = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    @contextmanager
    def running(self) -> Iterator["HubServer"]:
        """Serve while the block runs."""
        handler = type("Handler", (_Handler,), {"hub": self})
        with ThreadingHTTPServer(self.address, handler) as server:
            self.address = ("127.0.0.1", server.server_port)
            thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            yield self
            server.shutdown()
            thread.join()


@dataclass
class _Refused(Exception):
    """An answer that is an error, with the code by which clients tell which one."""

    status: int
    code: str
    message: str


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    hub: ClassVar[HubServer]

    def do_HEAD(self) -> None:
        self._answer(self._file)

    def do_GET(self) -> None:
        self._answer(self._api if self.path.startswith("/api/") else self._file)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        self.hub.requests.append(f"{self.command} {self.path} {args[1]}")

    def _answer(self, what: Any) -> None:
        try:
            headers, body = what()
            self.send_response(200)
        except _Refused as refused:
            headers, body = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}, b""
            self.send_response(refused.status)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _found(self, pattern: re.Pattern[str]) -> tuple[Repository, str, dict[str, str]]:
        """Return the repository that is asked for, the commit, and the parts of the path."""
        match = pattern.fullmatch(unquote(urlsplit(self.path).path))
        if match is None:
            raise _Refused(404, "", "no such page")
        parts = match.groupdict("")
        repository = (self.hub.datasets if parts["kind"] == "datasets" else self.hub.models).get(parts["name"])
        if repository is None:  # the Hub does not tell whether a repository exists that one may not see
            raise _Refused(401, "RepoNotFound", "Invalid username or password.")
        if repository.status is not None:
            raise _Refused(repository.status, "", "come back later")
        revision = parts["revision"] or "main"
        commit = repository.refs.get(revision, revision)
        if commit not in repository.commits:
            raise _Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return repository, commit, parts

    def _file(self) -> tuple[dict[str, str], bytes]:
        """One file of a repository."""
        repository, commit, parts = self._found(FILE)
        if repository.gated:
            raise _Refused(401, "GatedRepo", f"Access to {parts['name']} is restricted.")
        content = repository.commits[commit].get(parts["path"])
        if content is None:
            raise _Refused(404, "EntryNotFound", "Entry not found")
        return {"ETag": f'"{digest(content)}"', "X-Repo-Commit": commit}, content

    def _api(self) -> tuple[dict[str, str], bytes]:
        """What a repository is, or which files it has."""
        repository, commit, parts = self._found(API)
        files = repository.commits[commit]
        if parts["what"] == "auth-check" and repository.gated:
            raise _Refused(401, "GatedRepo", f"Access to {parts['name']} is restricted.")
        if parts["what"] == "tree":
            recursive = "recursive=true" in self.path.lower()
            answer: Any = _tree(files, parts["path"], recursive)
        elif parts["what"] == "paths-info":
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = [entry for entry in _tree(files, "", True) if entry["path"] in form["paths"]]
        else:
            siblings = [{"rfilename": path} for path in files]
            answer = {"id": parts["name"], "sha": commit, "siblings": siblings, "gated": repository.gated}
            answer["cardData"] = _front_matter(files.get("README.md", b""))
        return {"Content-Type": "application/json"}, json.dumps(answer).encode()


def _front_matter(readme: bytes) -> Any:
    """The YAML header of a README; null without one."""
    return yaml.safe_load(readme.decode().split("---\n")[1]) if readme.startswith(b"---\n") else None


def _tree(files: Files, folder: str, recursive: bool) -> list[dict[str, Any]]:
    """The entries below a folder."""
    entries: dict[str, dict[str, Any]] = {}
    prefix = f"{folder}/" if folder else ""
    for path, content in files.items():
        if not path.startswith(prefix):
            continue
        parts = path.removeprefix(prefix).split("/")
        for depth in range(1, len(parts)):
            above = prefix + "/".join(parts[:depth])
            if recursive or depth == 1:
                entries[above] = {"type": "directory", "path": above, "oid": digest(above.encode()), "size": 0}
        if recursive or len(parts) == 1:
            entries[path] = {"type": "file", "path": path, "oid": digest(content), "size": len(content)}
    if folder and not entries:
        raise _Refused(404, "EntryNotFound", f"{folder} does not exist")
    return list(entries.values())
