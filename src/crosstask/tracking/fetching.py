"""Artifacts of rows, fetched from W&B into a folder: answers, prompts, what the data sets look like, adapters."""

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.storage.feature_files import read_features
from crosstask.storage.json_files import NotARecord
from crosstask.storage.names import key
from crosstask.storage.profile_files import read_profile
from crosstask.tracking.contents import FEATURES, PROFILES, adapter_name, answers_name, examples_name
from crosstask.tracking.retries import NotThere, with_retries

log = logging.getLogger(__name__)

_FILE = re.compile(r"([^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*/)?[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
"""A file of an artifact, or one in a folder of it; no name begins with a dot, so none leads out of it."""
WORKERS = 8
"""Artifacts that are fetched at a time."""


class Artifacts:
    """Fetches what lies behind the rows of a project, once.

    Parameters
    ----------
    api
        W&B's client.
    path
        ``entity/project``.
    cache
        Folder of what was fetched before.
    """

    def __init__(self, api: Any, path: str, cache: Path) -> None:
        self.api = api
        self.path = path
        self.cache = cache

    def answers(self, versions: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], Path]:
        """Fetch the answers of cells.

        Parameters
        ----------
        versions
            By run and target: the version of the run's artifact that holds the cell.

        Returns
        -------
        dict
            The folder of each cell, with ``answers.parquet`` and ``score.json`` as they are in the store.

        Raises
        ------
        UserError
            If the server no longer has them, or cannot be reached.
        """
        found = {
            (run, target): self.cache / "answers" / run / version / target
            for (run, target), version in versions.items()
        }
        lacking = sorted({folder.parent for folder in found.values() if not folder.exists()})
        if lacking:
            log.info("fetching the answers of %d rows", len(lacking))
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._fetch, lacking))
        return found

    def profiles(self, versions: Mapping[tuple[str, str], str]) -> list[Path]:
        """Return the files with what the data sets of rows look like; they come with the answers."""
        return self._tables(versions, PROFILES, read_profile)

    def features(self, versions: Mapping[tuple[str, str], str]) -> list[Path]:
        """Return the files with features of the examples of rows' data sets; they come with the answers."""
        return self._tables(versions, FEATURES, read_features)

    def _tables(
        self, versions: Mapping[tuple[str, str], str], inner: str, read: Callable[[Path], object]
    ) -> list[Path]:
        """Return the files in a folder beside the answers; where one cannot be read, all are fetched again."""
        folders = {folder.parent / inner for folder in self.answers(versions).values()}
        for folder in sorted(folders):
            if fault := _fault(folder, read):
                log.warning("%s; fetched again", fault)
                self._fetch(folder.parent)
        return sorted(path for folder in folders for path in folder.glob("*.parquet"))

    def examples(self, columns: Iterable[frozenset[str]]) -> dict[str, Path]:
        """Fetch the prompts of columns, whose examples' fingerprints come in the sets that rows have.

        Returns
        -------
        dict
            By fingerprint, the file of each that the server has.

        Raises
        ------
        UserError
            If the server cannot be reached.
        """
        found: dict[str, Path] = {}
        for names in sorted(set(columns), key=sorted):
            artifact = examples_name(names)
            folder = self._fetch_newest(artifact, self.cache / "examples" / artifact)
            if folder is not None:
                found |= {name: path for name in names if (path := folder / f"{name}.parquet").exists()}
        return found

    def adapters(self, names: Iterable[str]) -> dict[str, Path]:
        """Fetch adapters, what is newest under each name; returns the folder of each that the server has.

        Raises
        ------
        UserError
            If the server cannot be reached.
        """
        names = sorted(set(names))
        with ThreadPoolExecutor(WORKERS) as pool:
            folders = list(pool.map(self._fetch_adapter, names))
        return {name: folder for name, folder in zip(names, folders, strict=True) if folder}

    def _fetch(self, final: Path) -> None:
        """Fetch the answers of a row into a folder ``<run>/<content>``."""
        name = f"{self.path}/{answers_name(final.parent.name)}:{final.name}"
        try:
            with_retries(lambda: _download(self.api.artifact(name), final))
        except NotARecord as error:
            log.warning("runs=wandb: the answers of run %s are left out: %s", final.parent.name, error)

    def _fetch_adapter(self, name: str) -> Path | None:
        """Fetch an adapter; None where the server has no such."""
        return self._fetch_newest(adapter_name(name), self.cache / "adapters" / name)

    def _fetch_newest(self, name: str, folder: Path) -> Path | None:
        """Fetch what is newest under the name of an artifact into a folder; None where the server has no such."""
        try:
            artifact = with_retries(lambda: self.api.artifact(f"{self.path}/{name}:latest"))
        except NotThere:
            return None
        try:
            final = folder / key("digest", artifact.digest)
            if not final.exists():
                log.info("fetching %s, %.1f MB", name, artifact.size / 1e6)
                with_retries(lambda: _download(artifact, final))
        except NotARecord as error:
            log.warning("runs=wandb: %s is left out: %s", name, error)
            return None
        return final


def _fault(folder: Path, read: Callable[[Path], object]) -> UserError | None:
    """Return what is wrong with one of the tables in a folder; None if nothing is."""
    try:
        for path in sorted(folder.glob("*.parquet")):
            read(path)
    except UserError as error:
        return error
    return None


def _download(artifact: Any, final: Path) -> None:
    """Fetch the files of an artifact into a folder, which is there when all are; one that lacks some is replaced.

    Raises
    ------
    NotARecord
        If one of them would lie elsewhere, or is a reference to a place outside of W&B.
    """
    for name, entry in artifact.manifest.entries.items():
        if entry.ref is not None or not _FILE.fullmatch(name):
            raise NotARecord(f"artifact {artifact.name}: {name!r:.60} is no file that a run was logged with")
    final.parent.mkdir(parents=True, exist_ok=True)
    lacks_some = final.exists()
    unfinished = tempfile.mkdtemp(prefix=".unfinished-", dir=final.parent)
    try:
        artifact.download(root=unfinished)
        if lacks_some:
            shutil.rmtree(final, ignore_errors=True)
        with suppress(OSError):  # where another process has it already, its content is the same
            Path(unfinished).rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
