"""Rows from the Hub, through the unpatched `datasets`, are the rows of the same files read here."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from crosstask.config import task_files
from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Role, Task
from crosstask.data import drawn_examples
from crosstask.errors import UserError
from crosstask.miniature.rows import GENERATORS
from crosstask.miniature.rows import rows as miniature_rows
from tests.hub.conftest import Client
from tests.support.hub.hub_server import HubServer, Repository, card, json_lines
from tests.support.hub.repositories import FILMS, HUB, Rows, card_of, films, publish, publish_task, taken, texts

TASKS = {
    name: OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Task), content))
    for name, content in task_files.task_files().items()
    if content["dataset"]["name"] in GENERATORS  # whose rows have the Hub's columns
}


def write(root: Path, name: str, **splits: Rows) -> Data:
    """Write the same rows where data=local finds them."""
    (root / name).mkdir()
    for split, rows in splits.items():
        (root / name / f"{split}.jsonl").write_bytes(json_lines(rows))
    return replace(HUB, name="local", kind=DataKind.local, root=str(root))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_the_same_examples_from_the_hub_and_from_local_files(
    hub: HubServer, client: Client, tmp_path: Path, name: str
):
    task = TASKS[name]
    dataset = task.dataset
    train, test = miniature_rows(dataset.name, "train")[:27], miniature_rows(dataset.name, "test")[:9]
    if dataset.train_split == dataset.test_split:
        splits = {dataset.train_split: train}
        train, test = [row for i, row in enumerate(train) if i % 10], train[::10]
    else:
        splits = {dataset.train_split: train, dataset.test_split: test}
    words = TASKS["mnli_words"].labels if dataset.name == "mnli" else task.labels
    publish_task(hub, dataset, words, splits)
    if dataset.revision:
        repository = hub.datasets[str(dataset.hub)]
        repository.refs[dataset.revision] = repository.refs["main"]
    local = write(tmp_path, dataset.name, train=train, test=test)
    fewer = {"train_rows": 20, "test_rows": 3}
    made = client(drawn_examples.train_examples, name, task, replace(HUB, **fewer))
    assert len(made) == 20
    assert made == drawn_examples.train_examples(name, task, replace(local, **fewer))
    if Role.target in task.roles:
        made = client(drawn_examples.test_examples, name, task, replace(HUB, **fewer))
        assert len(made) == 3
        assert made == drawn_examples.test_examples(name, task, replace(local, **fewer))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_file_says_where_its_data_is(name: str):
    dataset = TASKS[name].dataset
    assert dataset.name in {name.removesuffix("_judged"), "mnli"}
    owner, _, repository = (dataset.hub or "").partition("/")
    assert owner
    assert repository
    assert set(owner + repository) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    for word in (dataset.config, dataset.train_split, dataset.test_split):
        assert word is None or word.isidentifier()


def test_a_revision_is_the_commit_the_tag_or_the_newest(hub: HubServer, client: Client):
    first, second, third = films("first", 3), films("second", 3), films("third", 3)
    repository = publish(hub, "acme/revised", train=first)
    commit = repository.refs["main"]
    repository.commit({"train.jsonl": json_lines(second)}, tag="v2")
    publish(hub, "acme/revised", train=third)
    for revision, rows in ((commit, first), ("v2", second), ("main", third), (None, third)):
        dataset = DataSet(name="films", hub="acme/revised", revision=revision, test_split="train")
        found = taken(client, dataset) + taken(client, dataset, "test")
        assert sorted(found) == texts(rows)


@pytest.mark.parametrize(("rows", "tests"), [(2, 1), (11, 2), (45, 5)])
def test_one_split_is_divided_into_train_and_test(hub: HubServer, client: Client, rows: int, tests: int):
    name = f"acme/single{rows}"
    publish(hub, name, train=films("only", rows))
    dataset = DataSet(name="films", hub=name, test_split="train")
    train, test = taken(client, dataset), taken(client, dataset, "test")
    assert (len(train), len(test)) == (rows - tests, tests)
    assert sorted(train + test) == sorted(texts(films("only", rows)))


def test_one_row_cannot_be_divided(hub: HubServer, client: Client):
    publish(hub, "acme/lonely", train=films("only", 1))
    with pytest.raises(UserError, match="the train split of data=hub is empty"):
        taken(client, DataSet(name="films", hub="acme/lonely", test_split="train"))


def test_rows_are_asked_for_once(hub: HubServer, client: Client):
    publish(hub, "acme/once", train=films("a", 5), test=films("b", 5))
    dataset = DataSet(name="films", hub="acme/once")
    taken(client, dataset)
    before = len(hub.requests)
    assert len(taken(client, dataset, data=replace(HUB, train_rows=3))) == 3
    assert len(hub.requests) == before


COMMIT = "0123456789" * 4
LOGIN = "`hf auth login` or set HF_TOKEN"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"hub": "acme/none"}, f"acme/none on the Hub (split=test): no such repository; for a private one {LOGIN}"),
        ({"test_split": "dev"}, """(split=dev): Unknown split "dev". Should be one of ['train', 'test']."""),
        ({"config": "de"}, "(config=de, split=test): BuilderConfig 'de' not found. Available: ['default']"),
        ({"revision": "v9"}, "(split=test, revision=v9): no such revision"),
        ({"revision": COMMIT}, f"(split=test, revision={COMMIT}): Revision '{COMMIT}' doesn't exist for dataset"),
        (
            {"hub": "acme/gated"},
            f"(split=test): it is gated; ask for access on https://huggingface.co/datasets/acme/gated, then {LOGIN}",
        ),
        ({"hub": "acme/configs"}, "Config name is missing. Please pick one among the available configs: ['a', 'b']"),
        ({"hub": "acme/broken"}, "An error occurred while generating the dataset: JSON parse error"),
        ({"hub": "acme/empty"}, "The directory at hf://datasets/acme/empty@"),
        ({"hub": None}, "data set 'films': dataset.hub has no value, so data=hub cannot find it"),
    ],
)
def test_what_the_hub_does_not_give_is_one_line(hub: HubServer, client: Client, wrong: dict[str, Any], message: str):
    publish(hub, "acme/films", train=films("a", 3), test=films("b", 3))
    publish(hub, "acme/gated", train=films("a", 3)).gated = True
    described = [card_of(config, ["train"], {"sentence": "x"}, []) for config in "ab"]
    lines = {f"{config}/train-0.jsonl": json_lines([{"sentence": "x"}]) for config in "ab"}
    readme = card(configs=[entry for content in described for entry in content["configs"]])
    hub.datasets.setdefault("acme/configs", Repository()).commit({"README.md": readme, **lines})
    hub.datasets.setdefault("acme/broken", Repository()).commit({"test.jsonl": b'{"text": "a", "label": 1}\n{broken\n'})
    hub.datasets.setdefault("acme/empty", Repository()).commit({".gitattributes": b""})
    with pytest.raises(UserError) as caught:
        taken(client, replace(FILMS.dataset, **wrong), "test")
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 450
