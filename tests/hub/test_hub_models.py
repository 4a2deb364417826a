"""Models from the Hub, through the unpatched `huggingface_hub`, are the models of the same files in a folder."""

import json
from pathlib import Path

import pytest
import torch

from crosstask.config.external import External
from crosstask.config.inputs import Model, Precision
from crosstask.errors import UserError
from crosstask.models import base_model
from crosstask.models.external import find_external
from crosstask.storage.layout import CONFIG, WEIGHTS
from tests.hub.conftest import Client
from tests.support.foreign_adapters import made_by_peft
from tests.support.hub.hub_server import HubServer, Repository, folder_files


def model(path: str | Path, revision: str | None = None) -> Model:
    return Model(name="tiny", path=str(path), revision=revision, precision=Precision.float32)


@pytest.fixture
def published(hub: HubServer, model_folder: Path) -> Repository:
    """The tiny model, with weights in another format beside it."""
    repository = hub.models.setdefault("acme/tiny", Repository())
    repository.commit({**folder_files(model_folder), "pytorch_model.bin": b"0", "onnx/model.onnx": b"0"}, tag="v1")
    return repository


def test_a_model_of_the_hub_is_the_same_as_its_folder(client: Client, published: Repository, model_folder: Path):
    local = model(model_folder)
    assert client(base_model.identity, model("acme/tiny")) == base_model.identity(local)
    downloaded = client(base_model.model_folder, model("acme/tiny"))
    here, there = (base_model.load(settings).model.state_dict() for settings in (local, model(downloaded)))
    assert all(torch.equal(here[key], there[key]) for key in here.keys() | there.keys())


def test_only_what_a_model_needs_is_downloaded_and_only_once(hub: HubServer, client: Client, published: Repository):
    folder = client(base_model.model_folder, model("acme/tiny"))
    names = {path.name for path in folder.rglob("*")}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not {"pytorch_model.bin", "model.onnx"} & names
    before = len(hub.requests)
    assert client(base_model.model_folder, model("acme/tiny")) == folder
    assert len(hub.requests) == before


def test_an_adapter_of_the_hub_is_the_same_as_its_folder(
    hub: HubServer, client: Client, published: Repository, model_folder: Path, tmp_path: Path
):
    folder = made_by_peft(model_folder, tmp_path / "reviews")
    settings = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(settings | {"base_model_name_or_path": "acme/tiny"}))
    repository = hub.models["acme/reviews"] = Repository()
    repository.commit({**folder_files(folder), "training_args.bin": b"0"}, tag="v1")
    repository.commit({**folder_files(folder), WEIGHTS: b"damaged"})
    there = client(find_external, External(path="acme/reviews", revision="v1"), model("acme/tiny"))
    here = find_external(External(path=str(folder), base_checked=True), model(model_folder))
    assert there.content == here.content
    assert not (there.folder / "training_args.bin").exists()
    assert client(find_external, External(path="acme/reviews"), model("acme/tiny")).content != here.content


def test_a_revision_is_the_commit_the_tag_or_the_newest(
    hub: HubServer, client: Client, model_folder: Path, other_model_folder: Path
):
    repository = hub.models["acme/revised"] = Repository()
    commit = repository.commit(folder_files(model_folder), tag="v1")
    repository.commit(folder_files(other_model_folder))
    old, new = (base_model.identity(model(folder)) for folder in (model_folder, other_model_folder))
    found = [client(base_model.identity, model("acme/revised", revision)) for revision in ("v1", commit, "main", None)]
    assert found == [old, old, new, new]


@pytest.mark.parametrize(
    ("path", "revision", "message"),
    [
        ("acme/none", None, ": no such folder; as an id on the Hub: no such repository; for a private one `hf auth"),
        ("acme/gated", None, ": no such folder; as an id on the Hub: it is gated; ask for access on https://hugg"),
        ("acme/tiny", "v9", " (revision=v9): no such folder; as an id on the Hub: no such revision"),
        ("acme/tiny", "0" * 40, f" (revision={'0' * 40}): no such folder; as an id on the Hub: no such revision"),
        ("acme/a..b", None, ": no such folder; as an id on the Hub: Cannot have -- or .. in repo_id: 'acme/a..b'"),
    ],
)
def test_what_the_hub_does_not_give_is_one_line(
    hub: HubServer, client: Client, published: Repository, path: str, revision: str | None, message: str
):
    hub.models.setdefault("acme/gated", Repository(gated=True)).commit({"config.json": b"{}"})
    with pytest.raises(UserError) as caught:
        client(base_model.model_folder, model(path, revision))
    assert str(caught.value).startswith(f"model.path={path}{message}")
    assert len(str(caught.value).splitlines()) == 1
