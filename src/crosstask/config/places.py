"""Files and folders that settings name: looked for before anything is started with them."""

import os
from pathlib import Path

from crosstask.errors import UserError, quoted

MINIATURE = "miniature"
"""The base model that is part of the program, as ``model.path`` names it."""
MADE = ("adapter_config.json", "adapter_model.safetensors", "config.json")
"""Files of which a folder with an adapter or a model has one, by which it is known for such."""


def check_place(key: str, value: object) -> None:
    """Refuse a value of a key that names a file or folder, if there is none or it is of another kind.

    A folder that is written may be missing, but not what it would be made in.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    check = CHECKS.get(key)
    if check is not None and isinstance(value, str) and value:
        try:
            check(key, value)
        except OSError as error:  # such as a name that is too long
            raise UserError(f"{key}={quoted(value)}: {str(error.strerror).lower()}") from error


def _folder_to_read(key: str, value: str) -> None:
    """Refuse what is no folder."""
    path = Path(value).expanduser()
    if not path.is_dir():
        raise UserError(f"{key}={value}: {'a file' if path.exists() else 'no such folder'}; {key} is a folder")


def _place_to_read(key: str, value: str) -> None:
    """Refuse what is neither a file nor a folder: which of them it is to be, another key says."""
    path = Path(value)
    if path.is_file() or path.is_dir():
        return
    raise UserError(f"{key}={value}: {'neither a file nor a' if path.exists() else 'no such file or'} folder")


def _model(key: str, value: str) -> None:
    """Refuse what is neither a folder with a model nor could be the id of one on the Hub."""
    if value == MINIATURE and key == "model.path":
        return
    path = Path(value).expanduser()
    allowed = f"{key} is a folder with a model or owner/name of one on the Hub"
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise UserError(f"{key}={value}: no model there; the folder lacks config.json; {allowed}")
    elif path.exists():
        raise UserError(f"{key}={value}: a file; {allowed}")
    elif value.startswith((".", "/", "~")) or value.count("/") != 1:
        raise UserError(f"{key}={value}: no such folder; {allowed}")


def _adapter(key: str, value: str) -> None:
    """Refuse what is neither a folder with an adapter or a model nor could be the id of one on the Hub."""
    path = Path(value).expanduser()
    allowed = f"{key} is a folder with an adapter (peft) or a model, or owner/name of one on the Hub"
    if path.is_dir():
        if not any((path / name).is_file() for name in MADE):
            raise UserError(f"{key}={value}: no adapter there; the folder lacks {MADE[0]}; {allowed}")
    elif path.exists():
        raise UserError(f"{key}={value}: a file; {allowed}")
    elif value.startswith((".", "/", "~")) or value.count("/") != 1:
        raise UserError(f"{key}={value}: no such folder; {allowed}")


def _folder_as_written(key: str, value: str) -> None:
    """Refuse what `_folder_to_write` does, and a name that a shell would read as a home folder, as we do not."""
    if value.startswith("~"):
        raise UserError(f"{key}={value}: ~ is not read as a home folder here; write {key}={Path(value).expanduser()}")
    _folder_to_write(key, value)


def _folder_to_write(key: str, value: str) -> None:
    """Refuse what is no folder, or could not be made."""
    path = Path(value).expanduser().absolute()
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not there.is_dir():
        raise UserError(f"{key}={value}: {there} is a file; {key} is a folder")
    if there != path and not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{key}={value}: cannot be made, {there} may not be written to; {key} is a folder")


def _folder_of_results(key: str, value: str) -> None:
    """Refuse what `_folder_as_written` does, and a folder that is there and may not be written to."""
    _folder_as_written(key, value)
    if Path(value).is_dir() and not os.access(value, os.W_OK | os.X_OK):
        raise UserError(f"{key}={value}: may not be written to; {key} is a folder")


CHECKS = {
    "data.root": _folder_to_read,
    "runs.path": _place_to_read,
    "model.path": _model,
    "adapter.path": _adapter,
    "encoder": _model,
    "store": _folder_as_written,
    "output": _folder_of_results,
    "runs.cache": _folder_to_write,
}
"""By key, for every key that names a file or folder."""
