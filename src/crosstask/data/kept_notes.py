"""What is logged while examples are drawn: kept with them, so that every job says it once, whoever drew them first."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_NOTES = logging.getLogger("crosstask.data")
_said: set[str] | None = None
"""Keys of the examples whose notes the job at hand has said; None outside of jobs, as in the planning of a sweep."""


class _Keeper(logging.Handler):
    """Keeps records in place of writing them."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


@contextmanager
def kept() -> Iterator[list[logging.LogRecord]]:
    """Keep what is logged of data instead of writing it."""
    keeper, propagate, level = _Keeper(), _NOTES.propagate, _NOTES.level
    _NOTES.addHandler(keeper)
    _NOTES.propagate = False
    _NOTES.setLevel(logging.INFO)
    try:
        yield keeper.records
    finally:
        _NOTES.removeHandler(keeper)
        _NOTES.propagate = propagate
        _NOTES.setLevel(level)


def say(key: str, records: list[logging.LogRecord]) -> None:
    """Write what was kept of some examples, unless this job has done so or there is none."""
    if _said is None or key in _said:
        return
    _said.add(key)
    for record in records:
        logger = logging.getLogger(record.name)
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)


@contextmanager
def said_once() -> Iterator[None]:
    """Say the notes of all examples that are asked for meanwhile, those of each once."""
    global _said
    before, _said = _said, set()
    try:
        yield
    finally:
        _said = before
