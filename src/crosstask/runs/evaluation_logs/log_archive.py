"""The members of a log of Inspect, whether it is a zip archive or one JSON text."""

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from crosstask.errors import UserError

_ZSTANDARD = 93
"""Method of compression of a zip archive, which Python reads from 3.14 on."""
_LOCAL_HEAD = 30
"""Bytes before the name of a member that its content follows."""
_AGAIN = "copy it again, or leave it out"


class LogArchive:
    """A file with a log.

    Parameters
    ----------
    path : Path
        ``.eval`` or ``.json``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_log(self) -> bool:
        """Tell whether it is a log at all; a ``.json`` file may be anything."""
        return self.path.suffix == ".eval" or isinstance(self._whole.get("eval"), dict)

    def member(self, name: str) -> Any:
        """Return a member as JSON; None where there is none.

        Raises
        ------
        UserError
            If the file, or the member, is damaged or compressed in a way that is not read.
        """
        return next(self.each([name]))

    def each(self, names: Iterable[str]) -> Iterator[Any]:
        """Yield members as :meth:`member` has them, one after the other."""
        if self.path.suffix == ".json":
            known = {"header.json": self._whole, "summaries.json": self._whole.get("samples")}
            yield from (known.get(name, self._whole.get(name.removesuffix(".json"))) for name in names)
            return
        name = "the archive"
        try:
            with zipfile.ZipFile(self.path) as archive:
                infos = {
                    info.filename: info for info in archive.infolist()
                }  # of one name the last, which is the newest
                for name in names:
                    yield json.loads(self._content(archive, infos[name])) if name in infos else None
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError) as error:
            raise UserError(f"{self.path}: not a readable log of Inspect ({name}: {error}); {_AGAIN}") from error

    def members(self, folder: str) -> list[str]:
        """Return the names of the members in a folder of the archive, sorted."""
        if self.path.suffix == ".json":
            return []
        with zipfile.ZipFile(self.path) as archive:
            return sorted(
                {name for name in archive.namelist() if name.startswith(f"{folder}/") and name.endswith(".json")}
            )

    @property
    def _whole(self) -> dict[str, Any]:
        """What a JSON file holds; nothing where that is no mapping."""
        return _json(self.path)

    def _content(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        """A member's bytes."""
        if info.compress_type != _ZSTANDARD:
            try:
                return archive.read(info)
            except NotImplementedError as error:
                raise UserError(
                    f"{self.path}: {info.filename} is compressed by method {info.compress_type}, which is not read;"
                    " inspect log convert --to json writes it as JSON"
                ) from error
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            head = file.read(_LOCAL_HEAD)
            names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            file.seek(info.header_offset + _LOCAL_HEAD + names)
            compressed = file.read(info.compress_size)
        # Large members are of several frames, which a stream reads one after the other.
        with pa.CompressedInputStream(pa.BufferReader(compressed), "zstd") as stream:
            found: bytes = stream.read()
        if len(found) != info.file_size:
            raise ValueError(f"{len(found)} of {info.file_size} bytes")
        return found


@lru_cache(maxsize=1)
def _json(path: Path) -> dict[str, Any]:
    """What a JSON file holds; only the last one is kept, since one may be large."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable log of Inspect ({error}); {_AGAIN}") from error
    return found if isinstance(found, dict) else {}
