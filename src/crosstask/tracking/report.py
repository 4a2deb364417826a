"""What is known of a run, and what a job has to say, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class RunIdentity:
    """Which run, and how the UI shows it."""

    id: str
    """What the job is, so that a rerun continues the run."""
    name: str
    group: str | None
    kind: str
    """The job type: train, evaluate or analyze."""
    config: Mapping[str, Any]
    """Flat columns, see :func:`columns`."""
    command: tuple[str, ...] = ()
    """The script and its arguments, such that they repeat the run."""
    gpus: tuple[str, ...] = ()
    """Names of the GPUs that it may use."""


class Report(Protocol):
    """What a job has to say when it is done."""

    @property
    def id(self) -> str:
        """What identifies the content."""
