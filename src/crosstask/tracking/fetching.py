"""Artifacts of rows, fetched from W&B into a folder: answers, what the data sets look like, adapters."""

import logging
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from crosstask.tracking.contents import PROFILES, adapter_name, answers_name
from crosstask.tracking.patience import NotThere, patiently

log = logging.getLogger(__name__)

WORKERS = 8
"""Artifacts that are fetched at a time."""
ANSWERS = "answers"
"""Where a record that was read has, by target, which content of the row's artifact holds the answers."""


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

    def fetch_answers(self, records: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Path]:
        """Fetch the answers of rows; returns the folder of each cell, by run and target.

        It holds ``answers.parquet`` and ``score.json``, as they are in the store.

        Raises
        ------
        UserError
            If the server has them no more, or cannot be reached.
        """
        found = {}
        for record in records:
            for target, content in record[ANSWERS].items():
                found[record["run"], target] = self.cache / "answers" / record["run"] / content / target
        lacking = sorted({folder.parent for folder in found.values() if not folder.exists()})
        if lacking:
            log.info("fetching the answers of %d rows", len(lacking))
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._fetch, lacking))
        return found

    def fetch_profiles(self, records: Iterable[dict[str, Any]]) -> list[Path]:
        """Return the files with what the data sets of rows look like; they come with the answers."""
        folders = {folder.parent / PROFILES for folder in self.fetch_answers(records).values()}
        return sorted(path for folder in folders for path in folder.glob("*.parquet"))

    def fetch_adapters(self, records: Iterable[dict[str, Any]]) -> dict[str, Path]:
        """Fetch the adapters of rows, what is newest under each name; returns the folder of each that the server has.

        Raises
        ------
        UserError
            If the server cannot be reached.
        """
        names = sorted({record["adapter"] for record in records if record["adapter"]})
        with ThreadPoolExecutor(WORKERS) as pool:
            folders = list(pool.map(self._fetch_adapter, names))
        return {name: folder for name, folder in zip(names, folders, strict=True) if folder}

    def _fetch(self, final: Path) -> None:
        """Fetch the answers of a row into a folder ``<run>/<content>``."""
        name = f"{self.path}/{answers_name(final.parent.name)}:{final.name}"
        patiently(lambda: _download(self.api.artifact(name), final))

    def _fetch_adapter(self, name: str) -> Path | None:
        """Fetch an adapter; None where the server has no such."""
        try:
            artifact = patiently(lambda: self.api.artifact(f"{self.path}/{adapter_name(name)}:latest"))
        except NotThere:
            return None
        final = self.cache / "adapters" / name / artifact.digest
        if not final.exists():
            log.info("fetching the adapter %s, %.1f MB", name, artifact.size / 1e6)
            patiently(lambda: _download(artifact, final))
        return final


def _download(artifact: Any, final: Path) -> None:
    """Fetch the files of an artifact into a folder, which is there when all are."""
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = tempfile.mkdtemp(prefix=".unfinished-", dir=final.parent)
    try:
        artifact.download(root=unfinished)
        with suppress(OSError):  # where another process has it already, its content is the same
            Path(unfinished).rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
