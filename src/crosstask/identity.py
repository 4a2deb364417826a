"""What an adapter, a cell and a run are: fingerprints of everything that makes them, and of nothing else.

Names, paths and dates never enter, so changing any input makes a new thing and renaming one does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crosstask.config import Data, Scoring, Task, TrainConfig, learned_from
from crosstask.data.examples import Example, content_hash
from crosstask.fingerprint import fingerprint

TRAINING_VERSION = 2
"""Raised when the code comes to make another adapter from the same inputs."""
OUTPUT_VERSION = 4
"""Raised when the code comes to get other outputs from the same model."""
JUDGEMENT_VERSION = 3
"""Raised when the code comes to judge the same outputs otherwise."""


def settings(config: TrainConfig) -> dict[str, Any]:
    """Return the training settings that runs of one matrix share: all but source and seed."""
    parts = {part: asdict(getattr(config, part)) for part in ("lora", "optimizer", "trainer", "data")}
    every = {f"{part}.{key}": value for part, of_part in parts.items() for key, value in of_part.items()}
    learned: dict[str, dict[str, Any]] = {part: {} for part in parts}
    for name, value in learned_from(every).items():
        part, _, key = name.partition(".")
        learned[part][key] = value
    of_data = learned.pop("data")
    return learned | of_data


def recipe(config: TrainConfig, base: str, examples: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """Return all that makes an adapter; its fingerprint is the adapter's name in the store."""
    made_of = {key: value for key, value in settings(config).items() if key != "train_rows"}
    content = {name: content_hash(rows) for name, rows in examples.items()}
    return {"version": TRAINING_VERSION, "base": base, "examples": content, "seed": config.seed, **made_of}


def data_id(data: Data) -> str:
    """Return the fingerprint of where test rows come from and how many are drawn."""
    root = str(Path(data.root).resolve()) if data.root else None
    return fingerprint({"kind": data.kind, "root": root, "test_rows": data.test_rows, "seed": data.seed})


@dataclass(frozen=True)
class CellKey:
    """The two parts of a cell's identity, and the part that a whole column shares."""

    outputs: str
    """Adapter, base model, examples, and how outputs are got."""
    scoring: str
    """How outputs are judged."""
    adapter: str | None
    """Content of the adapter; None for the bare base model."""
    target: str
    """Everything but the adapter and the base model: cells of one column are comparable only if this is equal."""


def cell_key(
    base: str, adapter: str | None, task: Task, scoring: Scoring, examples: Sequence[Example], content_free: str
) -> CellKey:
    """Return the identity of a cell; ``adapter`` is the content of its adapter, None for the bare base model."""
    limits = {"max_new_tokens": new_tokens(task, scoring)}
    asked = {
        "version": OUTPUT_VERSION,
        "examples": content_hash(examples),
        "asked": {"labels": task.labels, "content_free": content_free} if task.labels else limits,
    }
    judged = {
        "version": JUDGEMENT_VERSION,
        "metric": task.metric,
        "labels": task.labels,
        "decide": task.decide,
        "extraction": None if task.extraction is None else asdict(task.extraction),
    }
    return CellKey(
        outputs=fingerprint({**asked, "base": base, "adapter": adapter}),
        scoring=fingerprint(judged),
        adapter=adapter,
        target=fingerprint([asked, judged]),
    )


def new_tokens(task: Task, scoring: Scoring) -> int:
    """Return the longest output of an open task, in tokens."""
    return min(task.max_new_tokens, scoring.max_new_tokens or task.max_new_tokens)
