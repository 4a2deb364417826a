"""The folders of a store; looked at also by what answers before anything large is imported."""

from pathlib import Path

from crosstask.errors import UserError

FOLDERS = (
    *("adapters", "external", "checkpoints", "curves", "cells", "data", "records", "locks", "unfinished", "profiles"),
    *("logs", "replies", "examples"),
)
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
"""The files of an adapter, as peft names them."""


def check_layout(root: Path) -> None:
    """Refuse a store in which a file is in the place of a folder.

    Raises
    ------
    UserError
        Naming it.
    """
    for name in FOLDERS:
        if (path := root / name).exists() and not path.is_dir():
            raise UserError(f"{path}: a file, where the store keeps a folder; move it away")
