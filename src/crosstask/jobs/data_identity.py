"""The identity of the test data of a row: decided by the rows themselves, never by the folder that they lie in.

What is generated or comes from the Hub is identified by where it comes from, how many rows are drawn, and by which
seed. Local files have an identity of the same form, but their content can change, and two folders can hold other rows
under one name. The store therefore keeps, for each identity in use, the content of its test rows by data set:
``data/<data id>.json``. A job takes the identity that agrees with its own folder, so that a folder can move and data
sets can be added, while an edited test row makes other data.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Task
from crosstask.data.rows import drawn_test_rows
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage.json_files import Damaged, parsed
from crosstask.storage.schema import checked, known_fields
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DataContent:
    """What one identity of local test data stands for."""

    SCHEMA: ClassVar[int] = 0

    kind: str
    test_rows: int
    seed: int
    data_sets: dict[str, str]
    """Fingerprint of the drawn test rows by data set."""

    @property
    def origin(self) -> tuple[str, int, int]:
        """What two folders must have in common to be compared."""
        return self.kind, self.test_rows, self.seed

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "DataContent":
        """Return what was written; errors are those of `crosstask.storage.records.RunRecord.from_json`."""
        return checked(cls, known_fields(cls, content))

    def contradicts(self, found: Mapping[str, str]) -> bool:
        """Tell whether a data set has other rows than found in a folder."""
        return any(found[name] != content for name, content in self.data_sets.items() if name in found)


def find_data_id(store: Store, data: Data, targets: Mapping[str, Task]) -> str:
    """Return the identity of a job's test data without writing anything.

    Parameters
    ----------
    store
        Where identities are in use.
    data
        Where rows come from.
    targets
        What the job is scored on.

    Returns
    -------
    str
        For local files, of the identities that no data set of the folder contradicts, the one that agrees in most data
        sets. Before the first job this is the same on every machine: the fingerprint of the kind, the number of test
        rows and the seed. Where all contradict, a new one, in which the rows' content takes part.

    Raises
    ------
    UserError
        If the test rows of a target cannot be read.
    """
    return _chosen(store, data, targets)[0]


def claim_data_id(store: Store, data: Data, targets: Mapping[str, Task]) -> str:
    """Return the identity of a job's test data, and keep the content of its data sets for later jobs.

    See `find_data_id`. One process at a time does so, such that two folders cannot claim the same identity.
    """
    if data.kind.is_fixed:
        return plain_data_id(data)
    with store.lock("data", plain_data_id(data)):
        chosen, found = _chosen(store, data, targets)
        known = _known(store, data).get(chosen)
        merged = {**(known.data_sets if known else {}), **found}
        if known is None or known.data_sets != merged:
            store.write_json(store.data(chosen), asdict(DataContent(data.kind, data.test_rows, data.seed, merged)))
    return chosen


def plain_data_id(data: Data) -> str:
    """Return the identity of data by where they come from: of all that is not local, and of a store's first folder."""
    # The root is part of every fingerprint since the beginning; None keeps the ids of data without a folder.
    return fingerprint({"kind": data.kind, "root": None, "test_rows": data.test_rows, "seed": data.seed})


def _chosen(store: Store, data: Data, targets: Mapping[str, Task]) -> tuple[str, dict[str, str]]:
    """Return the identity of a job's test data, and the content of the folder's data sets by which it was chosen."""
    plain = plain_data_id(data)
    if data.kind.is_fixed:
        return plain, {}
    known = {plain: DataContent(data.kind, data.test_rows, data.seed, {}), **_known(store, data)}
    found = _contents(data, targets, known)
    agreeing = {
        name: sum(data_set in found for data_set in other.data_sets)
        for name, other in known.items()
        if not other.contradicts(found)
    }
    if not agreeing:
        return fingerprint([data.kind, data.test_rows, data.seed, found]), found
    return max(agreeing, key=lambda name: agreeing[name]), found  # of several the first: the plain one, then by name


def _known(store: Store, data: Data) -> dict[str, DataContent]:
    """Return the test data of the same origin by identity, in order of name."""
    every = {path.stem: _read(path) for path in store.data_files()}
    return {
        name: other for name, other in every.items() if other and other.origin == (data.kind, data.test_rows, data.seed)
    }


def _read(path: Path) -> DataContent | None:
    """Return what one identity stands for; None where the file is damaged, which a warning names."""
    try:
        return parsed(path, DataContent.from_json)
    except Damaged as error:
        _say_once(f"{error.fault}; passed over, and made again by a job on the same test rows")
        return None


@cache
def _say_once(message: str) -> None:
    """Warn of something that every job of a sweep comes upon."""
    log.warning("%s", message)


def _contents(data: Data, targets: Mapping[str, Task], known: Mapping[str, DataContent]) -> dict[str, str]:
    """Return the content of the targets' data sets, and of others in the same folder that earlier jobs used.

    By the others two folders are told apart although the jobs at hand have no target in common.
    """
    place = (data.kind, data.root or "", data.test_rows, data.seed)
    found = {name: _content(name, *place) for name in sorted({task.dataset.name for task in targets.values()})}
    for name in sorted({name for other in known.values() for name in other.data_sets} - found.keys()):
        try:
            found[name] = _content(name, *place)
        except UserError:  # not in this folder, or not readable: no matter of this job
            continue
    return found


@cache
def _content(data_set: str, kind: DataKind, root: str, test_rows: int, seed: int) -> str:
    """Return the fingerprint of the test rows that are drawn of a data set, and of their numbers."""
    data = Data(kind=kind, root=root, test_rows=test_rows, seed=seed, name=root)
    rows, numbers = drawn_test_rows(DataSet(name=data_set), data)
    return fingerprint([(number, rows[number]) for number in numbers])
