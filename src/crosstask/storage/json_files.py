"""JSON files of the store, read and parsed with errors that say what helps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from crosstask.errors import UserError
from crosstask.storage.schema import NotARecord

T = TypeVar("T")


class NotThere(UserError):
    """A file that does not exist."""


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    UserError
        If it cannot be read; the store writes files whole, so somebody else changed it. `NotThere` if it is gone.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotThere(f"{path}: cannot be read: {error}; delete it to make it again") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}; delete it to make it again") from error


def parsed(path: Path, parse: Callable[[Any], T]) -> T:
    """Return what a JSON file holds, parsed.

    Raises
    ------
    UserError
        If it cannot be read, a newer version wrote it, or it is something else.
    """
    content = read_json(path)
    try:
        return parse(content)
    except NotARecord as error:
        raise UserError(f"{path}: not what the store writes: {error}; delete it to make it again") from error
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
