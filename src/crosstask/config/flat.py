"""The settings of a job as flat columns: the W&B config of a run, and what tells rows of a matrix apart.

The columns are part of a row's record, and ``analysis.rows`` names them: leaving one out changes which runs are
comparable.
"""

import dataclasses
from enum import Enum
from typing import Any

from crosstask.config.asked import asked_otherwise
from crosstask.config.inputs import NEW_SETTINGS
from crosstask.config.job import TrainConfig
from crosstask.config.scoring import ASKED
from crosstask.config.variant import VARIANT, VariantKind
from crosstask.paths import without_home

LEFT_OUT = (
    *("source", "adapter", "target", "suite", "tracking", "store", "model", "data", "rescore", "fail_fast", "own_gpu"),
    *("dry_run", "preview", "judge", "parser", "variant"),
)


OF_TRAINING = ("lora", "optimizer", "trainer", "seed", "data.train_rows", "data.train_seed")
"""Settings, and groups of them, that say nothing of a row that was made elsewhere."""


def columns(config: TrainConfig, **more: Any) -> dict[str, Any]:
    """Return a job's settings as flat columns (``seed``, ``lora.rank``, ...); tasks and tracking are left out."""
    flat: dict[str, Any] = dict(more)
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.name in LEFT_OUT:
            continue
        if dataclasses.is_dataclass(value):
            inner = {f"{field.name}.{key}": getattr(value, key) for key in (f.name for f in dataclasses.fields(value))}
            flat |= inner
        else:
            flat[field.name] = value
    flat |= {f"data.{key}": getattr(config.data, key) for key in ("train_rows", "test_rows", "train_seed")}
    for key, usual in NEW_SETTINGS.items():  # earlier runs have no such columns
        if getattr(config.data, key) is not usual:
            flat[f"data.{key}"] = getattr(config.data, key)
    for key in ASKED:
        if key not in asked_otherwise(config.scoring):
            del flat[f"scoring.{key}"]
    flat |= {"model": config.model.name, "data": config.data.name}
    if config.variant.kind is not VariantKind.none:  # as above
        flat[VARIANT] = config.variant.name
    flat["encoder"] = config.encoder and without_home(config.encoder)
    if (path := config.adapter.path) is not None:
        flat = {key: value for key, value in flat.items() if not {key, key.partition(".")[0]} & {*OF_TRAINING}}
        flat |= {"adapter.path": without_home(path), "adapter.revision": config.adapter.revision}
        flat["adapter.trained_on"] = sorted(set(config.adapter.trained_on))
    return {key: value.value if isinstance(value, Enum) else value for key, value in flat.items()}
