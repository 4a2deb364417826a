"""Adapters and models that were made elsewhere: found, identified by content, and refused where the base is another."""

import json
from pathlib import Path

from crosstask.config.external import External
from crosstask.config.inputs import Model
from crosstask.config.places import MINIATURE
from crosstask.errors import UserError, quoted
from crosstask.hub.models import folder_or_model
from crosstask.models import base_model
from crosstask.models.adapter_reading import check_weights, read_config
from crosstask.models.fine_tuned import FineTuned, whole_model
from crosstask.storage import adapter_files
from crosstask.storage.layout import CONFIG, WEIGHTS


def find_external(external: External, model: Model) -> FineTuned:
    """Return what was made elsewhere, without loading it.

    Parameters
    ----------
    external
        Where it is, which has a path.
    model
        The base model.

    Raises
    ------
    UserError
        If there is neither an adapter nor a model, or both; if it cannot be loaded exactly, or is of another base
        model.
    """
    assert external.path is not None
    folder = folder_or_model(external.path, "adapter.path", external.revision)
    is_adapter = (folder / CONFIG).is_file() or (folder / WEIGHTS).is_file()
    wholes = sorted(path.name for path in folder.glob("*.safetensors") if path.name != WEIGHTS)
    if not is_adapter:
        return whole_model(folder, model)
    if wholes:
        raise UserError(
            f"adapter.path={external.path}: holds an adapter ({CONFIG}) and a whole model ({wholes[0]}), of which only"
            " one can be the row; each needs a folder of its own"
        )
    named = read_config(folder).base_model_name_or_path
    if not external.base_checked:
        _check_base(external.path, named, model)
    check_weights(folder)
    return FineTuned(folder, adapter_files.content(folder), None)


def _check_base(path: str, named: object, model: Model) -> None:
    """Refuse an adapter that names another base model than the one that it would be put on."""
    ours = model.path
    if not isinstance(named, str | None):
        raise UserError(f"adapter.path={path}: base_model_name_or_path={quoted(named)} in its {CONFIG} is no text")
    if not _is_same(named, model):
        theirs = f"it was trained on {quoted(named)}" if named else f"its {CONFIG} names no base model"
        raise UserError(
            f"adapter.path={path}: {theirs}, and the base model is {ours}; if they are the same,"
            " adapter.base_checked=true says so"
        )


def _is_same(named: str | None, model: Model) -> bool:
    """Tell whether a base model that an adapter names is the one at hand.

    It is where both are the same id or folder, a folder with the same files, or where one is an id on the Hub and the
    other is a folder of the last part of its name.
    """
    if not named:
        return False
    if named == model.path:
        return True
    theirs, ours = Path(named), base_model.model_folder(model)
    if _is_folder(theirs):
        return theirs.resolve() == ours.resolve() or _same_files(theirs, ours)
    if model.path == MINIATURE:
        return False
    is_id = any(name.count("/") == 1 and not name.startswith((".", "/", "~")) for name in (named, model.path))
    return is_id and theirs.name.lower() == Path(model.path).name.lower()


def _is_folder(path: Path) -> bool:
    """Tell whether there is such a folder; what cannot even be the name of one is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _same_files(one: Path, other: Path) -> bool:
    """Tell whether two folders have models with the same weights and configuration."""
    try:
        return base_model.identity(Model(path=str(one))) == base_model.identity(Model(path=str(other)))
    except (UserError, json.JSONDecodeError):
        return False
