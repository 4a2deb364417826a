"""W&B projects as a whole, their servers, and the artifacts of their runs: absent, foreign or hostile."""

import json
from collections.abc import Callable
from typing import Any

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.running import run
from tests.bad_inputs.wandb_contents import KIND, NAME, PROJECT, Damage, bad, left_out, project, runs
from tests.bad_inputs.workplace import Workplace
from tests.support.wandb_server.http_server import KEY, WandbServer


def files(change: Callable[[dict[str, Any]], object], part: bytes) -> Damage:
    """Another manifest of every artifact that has a file of a certain name."""

    def damage(server: WandbServer) -> None:
        for place, content in server.root.content.items():
            if part in content and b'"contents"' in content:
                manifest = json.loads(content)
                change(manifest["contents"])
                server.root.content[place] = json.dumps(manifest).encode()

    return damage


def blobs(change: Callable[[bytes], bytes], start: bytes) -> Damage:
    """Another content of every file that begins in a certain way; its digest stays."""

    def damage(server: WandbServer) -> None:
        for place, content in server.root.content.items():
            if content.startswith(start):
                server.root.content[place] = change(content)

    return damage


def spoiled_cache(work: Workplace, command: Command) -> None:
    """Garbage in a file that an analysis has fetched, as a foreign program may leave it."""
    run(command, work.folder, limit=60)
    fetched = sorted((work.folder / "cache").rglob("answers.parquet"))
    fetched[0].write_bytes(b"\x00garbage")


bad(
    "runs-none",
    "a project without runs",
    lambda server: server.root.projects[server.root.default, PROJECT].by_name.clear(),
    "runs=wandb",
    PROJECT,
)
bad(
    "runs-all-broken",
    "a project in which every record is broken",
    lambda server: [setattr(run, "config", "{}") for run in runs(server)],
    NAME,
    PROJECT,
    lines=4,
)
bad(
    "project-unknown",
    "a project that is not there",
    lambda server: None,
    "runs.project",
    "nope",
    more=("runs.project=nope",),
)
bad("entity-unknown", "a team that is not there", lambda server: None, "nobody", more=("runs.entity=nobody",))
bad(
    "project-odd",
    "a project with a slash and a line break",
    lambda server: None,
    "runs.project",
    more=("runs.project='a/b\nc'",),
)
bad(
    "key-wrong",
    "a key that the server refuses",
    lambda server: setattr(server, "key", KEY[::-1]),
    "runs=wandb",
    lines=4,
)
bad("server-forbids", "a server that answers 403", lambda server: server.refuse(403), "runs=wandb", lines=4)
KIND.add(
    "cache-file",
    "a file in place of the cache",
    project(lambda server: None, ("runs.cache=taken",), lambda work, _: work.write("taken", "")),
    Refused(("runs.cache",)),
)
bad(
    "answers-gone",
    "runs whose answers the server has no more",
    lambda server: (
        [run.outputs.clear() for run in runs(server)]
        + [collection.named.clear() for run in runs(server) for collection in run.project.collections.values()]
    ),
    "answers-",
)

left_out("recorded", "a good project", lambda server: None)
left_out(
    "answers-path",
    "answers with a file outside the artifact",
    files(lambda found: found.update({"../../../evil": next(iter(found.values()))}), b"answers.parquet"),
    "evil",
)
left_out(
    "answers-reference",
    "answers that are a reference to /etc/passwd",
    files(
        lambda found: found.update({name: {**entry, "ref": "file:///etc/passwd"} for name, entry in found.items()}),
        b"answers.parquet",
    ),
    "answers",
)
left_out(
    "answers-cut",
    "answers that are cut",
    blobs(lambda content: content[: len(content) // 2], b"PAR1"),
    ("answers", "digest", "md5"),
)
left_out(
    "answers-other",
    "answers replaced by other bytes",
    blobs(lambda content: b"PAR1" + bytes(200), b"PAR1"),
    ("answers", "digest", "md5"),
)
KIND.add(
    "cache-spoiled",
    "answers in the cache that are garbage",
    project(lambda server: None, (), spoiled_cache),
    Accepted(("answers.parquet", "left out", "again"), {"results/scores.csv": "goat,imdb,"}),
)
