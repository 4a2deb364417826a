"""What was loaded once can be loaded again when the Hub cannot be reached, and nothing else is taken for it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.hub.conftest import Client, client_of, environment
from tests.hub.hub_server import HubServer, Repository, folder_files
from tests.hub.repositories import films, publish, publish_task, taken, texts

from crosstask import base_model, registry
from crosstask.config import DataSet, Model, Precision
from crosstask.errors import UserError

TINY = Model(name="tiny", path="acme/tiny", precision=Precision.float32)
FILMS = DataSet(name="films", hub="acme/films")
MOVED = DataSet(name="films", hub="acme/moved")
TAGGED = DataSet(name="films", hub="acme/moved", revision="v1")


@dataclass
class Stopped:
    """A Hub that cannot be reached any more, and the home folder of somebody who used it before."""

    hub: HubServer
    home: Path
    tagged: str
    """The commit of acme/moved that has the tag v1; it was loaded last."""
    output: str
    """What train.py said when the Hub could be reached."""


def train(hub: HubServer, home: Path) -> subprocess.CompletedProcess[str]:
    """Train on a data set and a model of the Hub, with the command."""
    command = [sys.executable, str(registry.CONF.parent / "train.py"), "source=imdb", "target=imdb", "data=hub"]
    command += ["model=local", "model.path=acme/tiny", "experiment=debug", "tracking.mode=disabled"]
    return subprocess.run(
        command, cwd=home, env=environment(hub, home), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Stopped:
    home = tmp_path_factory.mktemp("home")
    with HubServer().running() as hub:
        hub.models["acme/tiny"] = Repository()
        hub.models["acme/tiny"].commit(folder_files(model_folder))
        publish(hub, "acme/films", train=films("train", 4), test=films("test", 4))
        repository = publish(hub, "acme/moved", train=films("old", 4), test=films("old", 4))
        repository.refs["v1"] = repository.refs["main"]
        publish(hub, "acme/moved", train=films("new", 4), test=films("new", 4))
        imdb = DataSet(name="imdb", hub="stanfordnlp/imdb", config="plain_text")
        publish_task(hub, imdb, ["neg", "pos"], {"train": films("train", 40), "test": films("test", 10)})
        with client_of(hub, home) as client:
            for dataset in (FILMS, MOVED, TAGGED):
                taken(client, dataset)
        output = train(hub, home)
        assert output.returncode == 0, output.stderr
    return Stopped(hub, home, repository.refs["v1"], output.stdout)


@pytest.fixture(scope="module")
def client(stopped: Stopped) -> Iterator[Client]:
    with client_of(stopped.hub, stopped.home) as call:
        yield call


def test_a_job_on_a_data_set_and_a_model_of_the_hub_is_found_again(stopped: Stopped):
    assert stopped.output.startswith("[1/1] imdb seed=0: done: trained 2 steps")
    again = train(stopped.hub, stopped.home)
    assert (again.returncode, again.stdout) == (0, "[1/1] imdb seed=0: reused: the adapter and 1 cells\n")


def test_a_model_is_that_of_the_folder(client: Client, model_folder: Path):
    local = Model(name="tiny", path=str(model_folder), precision=Precision.float32)
    assert client(base_model.identity, TINY) == base_model.identity(local)


def test_rows_are_those_of_the_newest_and_of_the_pinned_revision(stopped: Stopped, client: Client):
    pinned = DataSet(name="films", hub="acme/moved", revision=stopped.tagged)
    assert taken(client, FILMS) == texts(films("train", 4))
    assert taken(client, FILMS, "test") == texts(films("test", 4))
    assert taken(client, TAGGED, "test") == taken(client, pinned, "test") == texts(films("old", 4))


def test_rows_of_another_revision_are_refused(stopped: Stopped, client: Client):
    newest = stopped.hub.datasets["acme/moved"].refs["main"]
    with pytest.raises(UserError) as caught:
        taken(client, MOVED)
    assert str(caught.value) == (
        "data set acme/moved on the Hub (split=train): "
        f"the Hub does not give commit {newest}, and the cache has {stopped.tagged} instead"
    )


UNREACHABLE = "the Hub cannot be reached, and the cache does not have it"


@pytest.mark.parametrize("revision", [None, "v1", "0" * 40])
def test_rows_never_loaded_are_refused_at_once(client: Client, revision: str | None):
    started = time.monotonic()
    with pytest.raises(UserError, match=rf"^data set acme/never on the Hub \(split=train.*\): {UNREACHABLE}$"):
        taken(client, DataSet(name="films", hub="acme/never", revision=revision))
    assert time.monotonic() - started < 15, "the library alone tries for 23 seconds"


@pytest.mark.parametrize(("revision", "named"), [(None, ""), ("v1", " (revision=v1)")])
def test_a_model_never_loaded_is_refused(client: Client, revision: str | None, named: str):
    with pytest.raises(UserError) as caught:
        client(base_model.model_folder, Model(path="acme/never", revision=revision))
    assert str(caught.value) == f"model.path=acme/never{named}: no such folder; as an id on the Hub: {UNREACHABLE}"
