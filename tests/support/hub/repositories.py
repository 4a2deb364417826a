"""Data sets as they are found on the Hub, and a small task on them."""

import io
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Task
from crosstask.data import drawn_examples
from tests.hub.conftest import Client
from tests.support.hub.hub_server import HubServer, Repository, card, json_lines

Rows = list[dict[str, Any]]
HUB = Data(name="hub", kind=DataKind.hub, train_rows=0, test_rows=0)
FILMS = Task(
    dataset=DataSet(name="films", hub="acme/films"),
    prompt="{{ text }}\nSentiment:\n",
    answer="{{ label }}",
    metric="accuracy",
    labels=["0", "1"],
)


def films(name: str, count: int) -> Rows:
    return [{"text": f"{name} {i}", "label": i % 2} for i in range(count)]


def publish(hub: HubServer, name: str, **splits: Rows) -> Repository:
    """Put a data set of JSON Lines files on the Hub."""
    repository = hub.datasets.setdefault(name, Repository())
    repository.commit({f"{split}.jsonl": json_lines(rows) for split, rows in splits.items()})
    return repository


def parquet(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def card_of(config: str, splits: list[str], row: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """How a data set with several configurations describes one, its label being a class with names."""
    named = {"class_label": {"names": {str(number): name for number, name in enumerate(labels)}}}
    types = {str: "string", int: "int64"}
    features = [
        {"name": key, "dtype": named if key == "label" and labels else types[type(value)]} for key, value in row.items()
    ]
    files = [{"split": split, "path": f"{config}/{split}-*"} for split in splits]
    return {
        "configs": [{"config_name": config, "data_files": files}],
        "dataset_info": [{"config_name": config, "features": features}],
    }


def publish_task(hub: HubServer, dataset: DataSet, labels: list[str], splits: dict[str, Rows]) -> None:
    """Put a task's data set on the Hub the way that it is found there: Parquet by configuration, or plain files."""
    assert dataset.hub is not None
    if dataset.config is None:
        publish(hub, dataset.hub, **splits)
        return
    described = card_of(dataset.config, [*splits], splits[dataset.train_split][0], labels)
    other = card_of("other", ["train"], {"sentence": "x"}, [])
    content = {f"{dataset.config}/{split}-00000-of-00001.parquet": parquet(rows) for split, rows in splits.items()}
    content["other/train-00000-of-00001.parquet"] = parquet([{"sentence": "x"}])
    content["README.md"] = card(**{key: other[key] + described[key] for key in described})
    hub.datasets.setdefault(dataset.hub, Repository()).commit(content)


def taken(client: Client, dataset: DataSet, split: str = "train", data: Data = HUB) -> list[str]:
    """The inputs of all examples of a split on the Hub."""
    make = {"train": drawn_examples.train_examples, "test": drawn_examples.test_examples}[split]
    made = client(make, "films", replace(FILMS, dataset=dataset), data)
    return [example.prompt.removesuffix("\nSentiment:\n") for example in made]


def texts(rows: Rows) -> list[str]:
    return [row["text"] for row in rows]
