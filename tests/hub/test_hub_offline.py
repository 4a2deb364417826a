"""What was loaded once can be loaded again when the Hub cannot be reached, and nothing else is taken for it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosstask.config import task_files
from crosstask.config.inputs import Model, Precision
from crosstask.config.task import DataSet
from crosstask.errors import UserError
from crosstask.models import base_model
from tests.hub.conftest import Client, client_of, environment
from tests.support.hub.hub_server import HubServer, Repository, folder_files
from tests.support.hub.repositories import films, publish, publish_task, taken, texts

TINY = Model(name="tiny", path="acme/seen", precision=Precision.float32)
SEEN = DataSet(name="films", hub="acme/seen")
MOVED = DataSet(name="films", hub="acme/moved")
TAGGED = DataSet(name="films", hub="acme/moved", revision="v1")


def train(hub: HubServer, home: Path) -> subprocess.CompletedProcess[str]:
    """Train on a data set and a model of the Hub, with the command."""
    command = [sys.executable, str(task_files.CONF.parent / "train.py"), "source=imdb", "target=imdb", "data=hub"]
    command += ["model=local", "model.path=acme/seen", "experiment=debug", "tracking.mode=disabled"]
    return subprocess.run(
        command, cwd=home, env=environment(hub, home), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def seen(hub: HubServer, client: Client, model_folder: Path) -> Repository:
    """What was loaded before; returns the repository of which the first commit, tagged v1, was loaded last."""
    hub.models.setdefault("acme/seen", Repository()).commit(folder_files(model_folder))
    client(base_model.identity, TINY)
    publish(hub, "acme/seen", train=films("train", 4), test=films("test", 4))
    moved = publish(hub, "acme/moved", train=films("old train", 4), test=films("old", 4))
    moved.refs["v1"] = moved.refs["main"]
    publish(hub, "acme/moved", train=films("new train", 4), test=films("new", 4))
    for dataset in (SEEN, MOVED, TAGGED):
        taken(client, dataset)
    return moved


@pytest.fixture(scope="module")
def stopped() -> HubServer:
    """A Hub that nobody can reach."""
    with HubServer().running() as server:
        return server


@pytest.fixture(scope="module")
def offline(seen: Repository, stopped: HubServer, home: Path) -> Iterator[Client]:
    """A new process of the same user, who cannot reach the Hub any more."""
    with client_of(stopped, home) as call:
        yield call


@pytest.mark.slow
def test_a_job_on_a_data_set_and_a_model_of_the_hub_is_found_again(
    hub: HubServer, seen: Repository, stopped: HubServer, home: Path
):
    imdb = DataSet(name="imdb", hub="stanfordnlp/imdb", config="plain_text")
    publish_task(hub, imdb, ["neg", "pos"], {"train": films("train", 40), "test": films("test", 10)})
    first, again = train(hub, home), train(stopped, home)
    assert first.stdout.startswith("[1/1] imdb seed=0: done: trained 2 steps"), first.stderr
    assert (again.returncode, again.stdout) == (0, "[1/1] imdb seed=0: reused: the adapter and 1 cells\n")


def test_a_model_is_that_of_the_folder(offline: Client, model_folder: Path):
    local = Model(name="tiny", path=str(model_folder), precision=Precision.float32)
    assert offline(base_model.identity, TINY) == base_model.identity(local)


def test_rows_are_those_of_the_newest_and_of_the_pinned_revision(seen: Repository, offline: Client):
    pinned = DataSet(name="films", hub="acme/moved", revision=seen.refs["v1"])
    assert taken(offline, SEEN) == texts(films("train", 4))
    assert taken(offline, SEEN, "test") == texts(films("test", 4))
    assert taken(offline, TAGGED, "test") == taken(offline, pinned, "test") == texts(films("old", 4))


def test_rows_of_another_revision_are_refused(seen: Repository, offline: Client):
    newest = seen.refs["main"]
    with pytest.raises(UserError) as caught:
        taken(offline, MOVED)
    assert str(caught.value) == (
        "data set acme/moved on the Hub (split=train): "
        f"the Hub does not give commit {newest}, and the cache has {seen.refs['v1']} instead"
    )


UNREACHABLE = "the Hub cannot be reached, and the cache does not have it"


@pytest.mark.parametrize("revision", [None, "v1", "0" * 40])
def test_rows_never_loaded_are_refused_at_once(offline: Client, revision: str | None):
    started = time.monotonic()
    with pytest.raises(UserError, match=rf"^data set acme/never on the Hub \(split=train.*\): {UNREACHABLE}$"):
        taken(offline, DataSet(name="films", hub="acme/never", revision=revision))
    assert time.monotonic() - started < 15, "the library alone tries for 23 seconds"


@pytest.mark.parametrize(("revision", "named"), [(None, ""), ("v1", " (revision=v1)")])
def test_a_model_never_loaded_is_refused(offline: Client, revision: str | None, named: str):
    with pytest.raises(UserError) as caught:
        offline(base_model.model_folder, Model(path="acme/never", revision=revision))
    assert str(caught.value) == f"model.path=acme/never{named}: no such folder; as an id on the Hub: {UNREACHABLE}"
