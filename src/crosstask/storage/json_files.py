"""JSON files of the store, read and parsed with errors that say what helps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from crosstask.errors import UserError

T = TypeVar("T")


class NotARecord(UserError):
    """Something else than what is written of a record; the message names the field."""


class NotThere(UserError):
    """A file that does not exist."""


class Damaged(UserError):
    """A file that is not what the store writes.

    Parameters
    ----------
    path
        The file.
    fault
        What is wrong with it.
    """

    def __init__(self, path: Path, fault: object) -> None:
        super().__init__(f"{path}: {fault}; delete it to make it again")
        self.fault = UserError(f"{path}: {fault}")
        """The same without what to do, for what makes it again by itself."""


class Foreign(Damaged):
    """A file of another cell than that in whose folder it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "of another adapter or target than its folder's name says, which was renamed or copied")


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    Damaged
        If it cannot be read; the store writes files whole, so somebody else changed it.
    NotThere
        If it is gone.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotThere(f"{path}: cannot be read: {error}; delete it to make it again") from error
    except (OSError, ValueError) as error:
        raise Damaged(path, f"cannot be read: {error}") from error


def parsed(path: Path, parse: Callable[[Any], T]) -> T:
    """Return what a JSON file holds, parsed.

    Raises
    ------
    Damaged
        If it cannot be read, or is something else.
    UserError
        If a newer version wrote it.
    """
    content = read_json(path)
    try:
        return parse(content)
    except NotARecord as error:
        raise Damaged(path, f"not what the store writes: {error}") from error
    except UserError as error:
        raise UserError(
            f"{path}: {error}; use that version, or delete the file to make it again by this one"
        ) from error
