"""The files of a folder of logs, and of all folders below it or behind a link in it."""

import os
from pathlib import Path

from crosstask.errors import UserError


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder and of all below it, sorted; of a folder that is there twice, by a link, once.

    Parameters
    ----------
    folder : Path
        That is there.

    Raises
    ------
    UserError
        If a folder cannot be read, or a link leads nowhere: what is behind it would be missing from the results.
    """
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link to a folder that is there by itself, or that it is in
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        found += [Path(place, name) for name in names]
    for path in found:
        if path.is_symlink() and not path.exists():
            raise UserError(f"{path}: a link to {os.readlink(path)}, which is not there; mend it, or leave it out")
    return sorted(found)


def _refuse(error: OSError) -> None:
    """Raise what the walk would leave out without a word."""
    raise UserError(f"{error.filename}: cannot be read ({error.strerror or error})") from error
