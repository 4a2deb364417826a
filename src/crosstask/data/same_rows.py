"""Whether two data sets are the same under two names, by what they hold."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.split_files import found_files
from crosstask.fingerprint import file_hash


def has_same_rows(one: DataSet, other: DataSet, data: Data) -> bool:
    """Tell whether two data sets have the same rows.

    On the Hub these are those of one repository and configuration, in local files those with the same training or test
    file, byte for byte.
    """
    if one.name == other.name:
        return True
    if data.kind is DataKind.hub:
        return one.hub is not None and (one.hub, one.config) == (other.hub, other.config)
    if data.kind is DataKind.local and data.root:
        folders = [Path(data.root).expanduser() / data_set.name for data_set in (one, other)]
        return any(_same_files(*(found_files(folder, split) for folder in folders)) for split in ("train", "test"))
    return False


def _same_files(one: Sequence[Sequence[Path]], other: Sequence[Sequence[Path]]) -> bool:
    """Tell whether a split is there twice, in files that hold the same."""
    if not (len(one) == len(other) == 1 and len(one[0]) == len(other[0])):
        return False
    return all(map(_same_file, one[0], other[0]))


def _same_file(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same."""
    if one.stat().st_size != other.stat().st_size:
        return False
    return _hash(one, one.stat().st_mtime_ns) == _hash(other, other.stat().st_mtime_ns)


@lru_cache
def _hash(path: Path, changed: int) -> str:
    """Return the hash of a file as it was at a time."""
    return file_hash(path)
