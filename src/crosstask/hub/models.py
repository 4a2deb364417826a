"""Models in folders or on the Hub."""

from functools import cache
from pathlib import Path

from crosstask.errors import NotAtHand, UserError
from crosstask.hub.cache import is_cached_only
from crosstask.hub.reasons import reason

MODEL_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
CONFIG_FILES = ["config.json"]


def folder_or_model(name: str, knob: str, revision: str | None = None) -> Path:
    """Return a folder by its path, or that of a model on the Hub by its id.

    Parameters
    ----------
    name
        A path, or ``owner/name`` where there is no such folder.
    knob
        Key of the config that holds the name, for errors.
    revision
        Of the model on the Hub.

    Raises
    ------
    UserError
        If there is neither.
    """
    folder = Path(name).expanduser()
    if folder.exists():
        return folder
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise UserError(f"{knob}={name}: no such folder")
    return _model_folder(name, revision, knob, is_cached_only())


def config_folder(name: str, revision: str | None) -> Path | None:
    """Return the folder in the cache with the configuration of a model on the Hub, with weights or not, if any."""
    import huggingface_hub

    try:
        found = huggingface_hub.snapshot_download(
            name, revision=revision, allow_patterns=CONFIG_FILES, local_files_only=True
        )
    except Exception:  # the library raises many unrelated types
        return None
    return Path(found) if (Path(found) / CONFIG_FILES[0]).is_file() else None


@cache
def _model_folder(name: str, revision: str | None, knob: str, cached: bool) -> Path:
    """Return the local folder with a model of the Hub, downloaded if it is not in the cache.

    Raises
    ------
    UserError
        If there is no such model, or the Hub cannot be reached and the model is not in the cache.
    """
    import huggingface_hub

    try:
        folder = Path(
            huggingface_hub.snapshot_download(
                name, revision=revision, allow_patterns=MODEL_FILES, local_files_only=cached
            )
        )
        if cached and not any(folder.glob("*.safetensors")):
            raise LookupError("the cache has other files of it")
        return folder
    except Exception as error:  # the library raises many unrelated types
        if cached:
            raise NotAtHand(f"{knob}={name}: not in the cache of this machine") from error
        what = f"{knob}={name}" + (f" (revision={revision})" if revision else "")
        raise UserError(f"{what}: no such folder; as an id on the Hub: {reason(error, name)}") from error
