"""Runs and artifacts of a W&B project that are malformed, foreign or hostile, served by the loopback server."""

import json
import os
import pickle
import signal
import time
from collections.abc import Callable
from typing import Any

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.running import fork
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind
from tests.support.wandb_server.http_server import WandbServer
from tests.support.wandb_server.runs import Run
from tests.tracking.conftest import client_environment

KIND = Kind("contents of W&B")
PROJECT = "films"
NAME = "28945b78323c0ff4e4b1"
"""Of the first run."""
Damage = Callable[[WandbServer], object]


def serve(work: Workplace, damage: Damage) -> WandbServer:
    """A server in a process of its own, with what it recorded of the small sweep and a damage; its address."""
    content = work.shared.recorded
    read, written = os.pipe()
    parent = os.getpid()

    def host() -> None:
        server = WandbServer()
        server.root = pickle.loads(content.read_bytes())
        server.root.artifacts = {artifact.id: artifact for artifact in server.root.artifacts.values()}
        damage(server)
        with server.running():
            os.write(written, str(server.address[1]).encode())
            while os.getppid() == parent:  # and not on its own, when this run is killed
                time.sleep(0.5)

    child = fork(host)
    os.close(written)
    work.ending.callback(lambda: (os.kill(child, signal.SIGKILL), os.waitpid(child, 0)))
    server = WandbServer(port=int(os.read(read, 20)))
    os.close(read)
    return server


def project(
    damage: Damage, more: tuple[str, ...], before: Callable[[Workplace, Command], object] | None
) -> Callable[[Workplace], Command]:
    """A project with something wrong in it, and its analysis; ``before`` may run that once already."""

    def setup(work: Workplace) -> Command:
        server = serve(work, damage)
        settings = work.analyze("runs=wandb", f"runs.project={PROJECT}", "runs.cache=cache", *more).arguments
        environment = client_environment(server, work.folder)
        command = work.command("analyze.py", *settings, environment=environment)
        if before is not None:
            before(work, command)
        return command

    return setup


def bad(name: str, about: str, damage: Damage, *words: WORD, more: tuple[str, ...] = (), lines: int = 1) -> None:
    """A project that must be refused."""
    KIND.add(name, about, project(damage, more, None), Refused(words, lines=lines))


def left_out(
    name: str, about: str, damage: Damage, *words: WORD, more: tuple[str, ...] = (), scores: str = "goat,imdb,"
) -> None:
    """A run that must be named and left out, while the others are read."""
    expected = Accepted((*words, ("left out", "missing")) if words else (), {"results/scores.csv": scores})
    KIND.add(name, about, project(damage, more, None), expected)


def runs(server: WandbServer) -> list[Run]:
    """The runs of the project."""
    return list(server.root.projects[server.root.default, PROJECT].by_name.values())


def record(**values: Any) -> Damage:
    """Other fields of the first run's record."""

    def damage(server: WandbServer) -> None:
        run = runs(server)[0]
        config = json.loads(run.config)
        config["record"]["value"] = json.dumps(json.loads(config["record"]["value"]) | values)
        run.config = json.dumps(config)

    return damage


def text(content: Any) -> Damage:
    """Another text in place of the first run's record."""

    def damage(server: WandbServer) -> None:
        run = runs(server)[0]
        run.config = json.dumps({**json.loads(run.config), "record": {"value": content}})

    return damage


def summary(**values: Any) -> Damage:
    """Other values of the first run's summary, where ``__`` stands for a slash."""

    def damage(server: WandbServer) -> None:
        run = runs(server)[0]
        changed = {name.replace("__", "/"): value for name, value in values.items()}
        run.summaryMetrics = json.dumps(json.loads(run.summaryMetrics) | changed)

    return damage


def of_run(**values: Any) -> Damage:
    """Other attributes of the first run."""
    return lambda server: [setattr(runs(server)[0], name, value) for name, value in values.items()]


def foreign(server: WandbServer) -> None:
    """A run of somebody else's script."""
    server.root.projects[server.root.default, PROJECT].by_name["x"] = Run(runs(server)[0].project, "x", jobType="train")


left_out("run-foreign", "a run of somebody else's script", foreign)
left_out("record-broken", "a record that is no JSON", text("{"), "record")
left_out("record-list", "a record that is a list", text("[]"), "[]")
left_out("record-number", "a record that is a number", text(5), "record")
left_out("record-escape", "a record with an escape sequence", text("\x1b[2J{"), "record")
left_out("record-newer", "a record of a newer version", record(schema=99), "99", "newer")
left_out("record-path", "a row whose name is a path", record(run="../../../evil"), "../../../evil")
left_out("record-adapter", "an adapter whose name is a path", record(adapter="/tmp/evil"), "/tmp/evil")
left_out("record-cells", "cells that are a list", record(cells=[1, 2]), "cells")
left_out("record-target", "a target whose name is a path", record(cells={"../evil": ["a", "b"]}), "../evil")
left_out("record-seed", "a seed that is a word", record(seed="one"), "seed", "one")
left_out("record-source", "a source that is null", record(source=None), "source")
left_out("record-updated", "a date that is none", record(updated="yesterday"), "updated", "yesterday")
left_out("record-source-escape", "a source with an escape sequence", record(source="\x1b[2Jevil"))
left_out("record-nested", "a record nested 100,000 deep", text("[" * 100_000), "record")
left_out("score-large", "a score of 58.1", summary(imdb__score=58.1), "58.1")
left_out("score-negative", "a score below 0", summary(imdb__score=-0.1), "-0.1")
left_out("score-nan", "a score that is NaN", summary(imdb__score="NaN"), "score")
left_out("score-text", "a score that is a word", summary(imdb__score="good"), "score")
left_out("score-null", "a score that is null", summary(imdb__score=None), "score")
left_out("score-truth", "a score that is true", summary(imdb__score=True), "score")
left_out("n-zero", "no rows scored", summary(imdb__n=0), "n", "0")
left_out("n-infinite", "infinitely many rows scored", summary(imdb__n="Infinity"), "metrics.n")
left_out("stderr-negative", "a negative standard error", summary(imdb__stderr=-0.1), "stderr", "-0.1")
left_out("summary-list", "a summary that is a list", of_run(summaryMetrics="[]"), NAME, "[]")
left_out("summary-number", "a summary that is a number", of_run(summaryMetrics="5"), NAME, "5")
left_out("summary-broken", "a summary that is no JSON", of_run(summaryMetrics="{"), NAME)
left_out("summary-empty", "a run without summary", of_run(summaryMetrics="{}"), NAME)
left_out("config-broken", "a config that is no JSON", of_run(config="{"), NAME)
left_out("config-list", "a config that is a list", of_run(config="[]"), NAME, "config")
left_out("config-empty", "a run without config", of_run(config="{}"), NAME, "config")
