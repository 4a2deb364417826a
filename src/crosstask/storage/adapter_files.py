"""The files of an adapter: what they are, and whether they are those that were trained under the folder's name."""

import json
from pathlib import Path

from crosstask.errors import UserError
from crosstask.fingerprint import file_hash, fingerprint
from crosstask.storage.adapter_record import AdapterRecord
from crosstask.storage.json_files import parsed
from crosstask.storage.layout import CONFIG, WEIGHTS

RECORD = "adapter.json"
INCIDENTAL = ("base_model_name_or_path", "revision", "peft_version", "inference_mode", "auto_mapping")
"""Entries of an adapter's configuration that do not change what it computes."""
AGAIN = "delete the folder to train the adapter again"
MODULE_LISTS = ("target_modules", "feedforward_modules")
"""Entries whose order does not matter."""


def content(folder: Path) -> str:
    """Return the fingerprint of what an adapter computes: its weights and its configuration."""
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    kept = {key: value for key, value in settings.items() if key not in INCIDENTAL}
    for key in MODULE_LISTS:
        if isinstance(kept.get(key), list):
            kept[key] = sorted(kept[key])
    return fingerprint([file_hash(folder / WEIGHTS), kept])


def read(folder: Path, name: str) -> AdapterRecord:
    """Return what is written down of the adapter in a folder.

    Parameters
    ----------
    folder
        With the files of one adapter.
    name
        Its name in the store, the fingerprint of its recipe.

    Raises
    ------
    UserError
        If the folder holds another adapter.
    """
    recorded = parsed(folder / RECORD, AdapterRecord.from_json)
    recipe = {key: value for key, value in recorded.recipe.items() if key != "source"}
    if fingerprint(recipe) != name:
        raise UserError(
            f"{folder}: holds another adapter than its name says, trained on {recorded.recipe.get('source')!r:.60} with"
            f" seed {recorded.recipe.get('seed')!r:.20}: a folder was renamed or copied; {AGAIN}"
        )
    return recorded


def verified(folder: Path, name: str) -> AdapterRecord:
    """Return what `read` does, once the adapter's files are those that were trained.

    Raises
    ------
    UserError
        Also if they are not.
    """
    recorded = read(folder, name)
    try:
        found = content(folder)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"{folder}: damaged ({error}); {AGAIN}") from error
    if found != recorded.content:
        raise UserError(f"{folder}: not what was trained, its files changed; {AGAIN}")
    return recorded
