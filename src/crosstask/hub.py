"""The only module that talks to the Hugging Face Hub."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from crosstask.errors import UserError


def dataset_rows(name: str, config: str | None, split: str, revision: str | None) -> Sequence[dict[str, Any]]:
    """Return a split of a data set on the Hub; rows are decoded when they are indexed.

    Raises
    ------
    UserError
        If the Hub cannot be reached and the data set is not in the cache, or has no such split.
    """
    import datasets

    try:
        loaded = datasets.load_dataset(name, config, split=split, revision=revision)
    except Exception as error:  # the library raises a dozen unrelated types for what is one thing to a user
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"data set {name!r} (config {config}, split {split!r}) on the Hub: {reason}") from error
    return cast(Sequence[dict[str, Any]], loaded)


def model_folder(name: str, revision: str | None) -> Path:
    """Return the local folder with a model of the Hub, downloaded if it is not in the cache.

    Raises
    ------
    UserError
        If there is no such model, or the Hub cannot be reached and the model is not in the cache.
    """
    import huggingface_hub

    patterns = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
    try:
        return Path(huggingface_hub.snapshot_download(name, revision=revision, allow_patterns=patterns))
    except Exception as error:  # as above
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"model.path={name}: no such folder, and not on the Hub: {reason}") from error
