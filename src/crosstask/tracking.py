"""The only module that talks to Weights & Biases."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

from crosstask.config import Tracking, TrackingMode, TrainConfig


class Tracker:
    """One W&B run, or nothing where tracking is disabled."""

    def __init__(self, run: Any = None) -> None:
        self.run = run

    def lightning_logger(self) -> Any:
        """Return the logger that sends Lightning's metrics to this run; None where tracking is disabled."""
        if self.run is None:
            return None
        from pytorch_lightning.loggers import WandbLogger

        return WandbLogger(experiment=self.run)

    def summarize(self, values: Mapping[str, Any]) -> None:
        """Put values into the run's summary; what is not a number is left out."""
        if self.run is not None:
            finite = {k: v for k, v in values.items() if not (isinstance(v, float) and math.isnan(v))}
            self.run.summary.update(finite)


@contextmanager
def tracked(
    settings: Tracking, folder: Path, *, run: str, name: str, group: str, kind: str, config: Mapping[str, Any]
) -> Iterator[Tracker]:
    """Open a run, and close it whatever happens in the block; one that raises is marked as failed.

    Parameters
    ----------
    settings
        Mode, project and the like.
    folder
        Where W&B keeps its own files.
    run
        The run's id: what the job is, so that a rerun continues it.
    name, group, kind
        Shown in the UI; ``kind`` is the job type.
    config
        Flat columns, see :func:`columns`.
    """
    if settings.mode is TrackingMode.disabled:
        yield Tracker()
        return
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    with wandb.init(
        mode=settings.mode.value,  # type: ignore[arg-type]  # the enum holds W&B's own words
        project=settings.project,
        entity=settings.entity,
        dir=folder,
        id=run,
        name=name,
        group=group,
        job_type=kind,
        tags=[*settings.tags] or None,
        config=dict(config),
        resume="allow" if settings.mode is TrackingMode.online else None,
        settings=wandb.Settings(silent=True, console="off", x_disable_meta=True, x_disable_stats=True),
    ) as opened:
        yield Tracker(opened)


def columns(config: TrainConfig, **more: Any) -> dict[str, Any]:
    """Return a job's settings as flat columns (``seed``, ``lora.rank``, ...); tasks and tracking are left out."""
    flat: dict[str, Any] = dict(more)
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.name in ("source", "target", "tracking", "store", "model", "data"):
            continue
        if dataclasses.is_dataclass(value):
            inner = {f"{field.name}.{key}": getattr(value, key) for key in (f.name for f in dataclasses.fields(value))}
            flat |= inner
        else:
            flat[field.name] = value
    flat |= {"data.train_rows": config.data.train_rows, "data.test_rows": config.data.test_rows}
    flat |= {"model": config.model.name, "data": config.data.name}
    return {key: value.value if isinstance(value, Enum) else value for key, value in flat.items()}
