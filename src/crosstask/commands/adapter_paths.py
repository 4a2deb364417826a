"""``adapter=`` with folders instead of names of files in ``conf/adapter``: as the key that holds their path."""

import glob
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override, Quote, QuotedString
from hydra.errors import HydraException

from crosstask.commands.flags import MULTIRUN
from crosstask.commands.override_values import members
from crosstask.config.external import external_name
from crosstask.config.groups import options_of
from crosstask.config.literal_text import escaped
from crosstask.config.places import MADE
from crosstask.errors import UserError

GROUP, KEY = "adapter", "adapter.path"


def with_adapter_paths(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command with ``adapter.path=`` where ``adapter=`` has folders, or ids on the Hub.

    ``adapter=glob(DIR/*)`` is every folder that it matches with an adapter or a model in it, and the base model, as
    ``adapter=glob(*)`` is every file of ``conf/adapter`` with ``none`` among them.

    Raises
    ------
    UserError
        If it matches none, or several of one name; has folders and names of files; or is no sweep (-m).

    Examples
    --------
    >>> with_adapter_paths(["adapter=out/sst2,out/imdb", "seed=0"])
    ["adapter.path='out/sst2','out/imdb'", 'seed=0']
    """
    sweeps = any(flag in arguments for flag in MULTIRUN)
    return [_with_path(text, sweeps) if text.startswith(f"{GROUP}=") else text for text in arguments]


def _with_path(text: str, sweeps: bool) -> str:
    """Return an override of the group, as one of the path where it has paths."""
    try:
        override = OverridesParser.create().parse_override(text)
    except HydraException:
        return text  # which is refused with all else that cannot be read
    value = override.value()
    if isinstance(value, Glob):
        if not any(_is_path(pattern) for pattern in value.include):
            return text  # names of files, of which one is the base model
        if not sweeps:
            raise UserError(f"{text}: is several rows; -m makes them: python evaluate.py -m '{text}'")
        return _of_paths([None, *_matching(override, value)])
    chosen = members(override)
    paths = [name for name in chosen if _is_path(name)]
    if not paths:
        return text
    if len(paths) < len(chosen):
        raise UserError(
            f"{text}: has folders and names of files in conf/adapter; a file's adapter.path can stand among the folders"
        )
    return _of_paths(paths)


def _is_path(name: Any) -> bool:
    """Tell whether what is chosen is a folder, or an id on the Hub, and no file of the group."""
    return isinstance(name, str) and name not in options_of(GROUP) and ("/" in name or Path(name).is_dir())


def _matching(override: Override, value: Glob) -> list[str]:
    """Return the folders that a pattern matches and that hold an adapter or a model, sorted."""
    found = sorted({path for pattern in value.include for path in glob.glob(str(Path(pattern).expanduser()))})
    kept = [path for path in found if not any(fnmatch(path, pattern) for pattern in value.exclude)]
    holding = [path for path in kept if any((Path(path) / name).is_file() for name in MADE)]
    if not holding:
        raise UserError(
            f"{override.input_line}: matches no folder with an adapter or a model (one of {', '.join(MADE)}), of"
            f" {len(kept)} that it matches"
        )
    _check_names(override.input_line or "", holding)
    return holding


def _check_names(text: str, paths: Sequence[str]) -> None:
    """Refuse folders that would be rows of the same name."""
    by_name: dict[str, str] = {}
    for path in paths:
        name = external_name(None, path)
        if name in by_name:
            raise UserError(
                f"{text}: {by_name[name]} and {path} would both be called {name}; files of conf/adapter can name them"
            )
        by_name[name] = path


def _of_paths(paths: Iterable[str | None]) -> str:
    """Return an override of the path."""
    texts = ["null" if path is None else QuotedString(escaped(path), Quote.single).with_quotes() for path in paths]
    return f"{KEY}={','.join(texts)}"
