"""Rows of the matrix read back from W&B: scores from the runs' summaries, answers from their artifacts."""

import json
import logging
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import wandb

from crosstask.atomic import write_atomic
from crosstask.config.job import BASE
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage.cell_score import CellScore
from crosstask.storage.json_files import NotARecord
from crosstask.storage.names import key
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun
from crosstask.tracking.fetching import Artifacts
from crosstask.tracking.retries import NotThere, with_retries
from crosstask.tracking.row_report import RECORD
from crosstask.tracking.server import quiet, reason
from crosstask.tracking.tracked_row import TrackedRow, merged

log = logging.getLogger(__name__)

OURS = re.compile("[0-9a-f]{20}(-evaluate)?")
"""The ids of our own runs, which have a config from their start."""
PAGE = 200
"""Runs in one request."""


@dataclass(frozen=True)
class Query:
    """Which runs of a project; None is no condition. The base model's rows join in any case."""

    project: str
    entity: str | None = None
    """None: the user's own."""
    group: str | None = None
    source: str | None = None
    seed: int | None = None
    model: str | None = None
    """Name or hash."""
    data: str | None = None
    """Name or hash."""

    def filters(self) -> dict[str, Any]:
        """Return the conditions as W&B takes them."""
        chosen = {"group": self.group, "config.source": self.source, "config.seed": self.seed}
        conditions: list[dict[str, Any]] = [{"jobType": {"$in": ["train", "evaluate"]}}]
        if tuned := {key: value for key, value in chosen.items() if value is not None}:
            conditions.append({"$or": [tuned, {"config.source": BASE}]})
        for value, name, code in ((self.model, "model", "base"), (self.data, "data", "data_id")):
            if value is not None:
                conditions.append({"$or": [{f"config.{name}": value}, {f"config.{code}": value}]})
        return {"$and": conditions}


class Reader:
    """Reads the rows of a project, what it has read before from a folder.

    Parameters
    ----------
    query
        Which runs.
    cache
        Folder of what was read: runs by the time of their last change, answers by their content.

    Raises
    ------
    UserError
        If the server cannot be reached, refuses the key, or has no such project.
    """

    no_prompts = "these runs were sent with tracking.texts=false, or before prompts were kept"
    """What a message says where W&B has no prompts."""

    def __init__(self, query: Query, cache: Path) -> None:
        quiet()
        self.query = query
        try:
            api = wandb.Api(timeout=30)
        except Exception as error:
            raise UserError(f"runs=wandb: {reason(error)}") from error
        path = f"{query.entity or api.default_entity}/{query.project}"
        self.api = api
        self.path = path
        self.cache = cache.expanduser() / fingerprint([api.settings["base_url"], path])
        self.artifacts = Artifacts(api, path, self.cache)
        self.versions: dict[tuple[str, str], str] = {}
        """By run and target of the rows that were read: the version of the run's artifact with the cell's answers."""

    def rows(self) -> list[ScoredRun]:
        """Return every row that matches the query; of one row that several runs hold, all cells, the newest first.

        Raises
        ------
        UserError
            If there is none.
        """
        kept, lacking = [], []
        for run in self._runs(self.query.filters(), lazy=True):
            try:
                kept.append(self._kept(run))
            except LookupError:
                lacking.append(run.id)
            except NotARecord as error:
                log.warning("runs=wandb: a run is left out: %s", error)
        for start in range(0, len(lacking), PAGE):
            kept += [self._keep(run) for run in self._whole_runs(lacking[start : start + PAGE])]
        rows, self.versions = merged(row for row in kept if row is not None)
        if not any(self.query.group in (None, row.record.group) for row in rows):
            raise UserError(f"runs=wandb: {self.path} has no rows of the matrix{self._groups()}")
        return rows

    def fetch_answers(self, records: Iterable[RunRecord]) -> dict[tuple[str, str], Path]:
        """Fetch the answers of rows that were read; returns the folder of each cell, by run and target."""
        return self.artifacts.answers(self._versions(records))

    def fetch_features(self, records: Iterable[RunRecord]) -> list[Path]:
        """Return the files with features of the examples of some rows' data sets."""
        return self.artifacts.features(self._versions(records))

    def fetch_profiles(self, records: Iterable[RunRecord]) -> list[Path]:
        """Fetch the answers of rows that were read; returns the files with what their data sets look like."""
        return self.artifacts.profiles(self._versions(records))

    def fetch_examples(self, records: Iterable[RunRecord]) -> dict[str, Path]:
        """Fetch the prompts of rows' columns; returns the file of each that the server has, by fingerprint."""
        return self.artifacts.examples(frozenset(record.examples.values()) for record in records if record.examples)

    def fetch_adapters(self, records: Iterable[RunRecord]) -> dict[str, Path]:
        """Fetch the adapters of rows; returns the folder of each that the server has, by its name."""
        return self.artifacts.adapters(record.adapter for record in records if record.adapter)

    def _versions(self, records: Iterable[RunRecord]) -> dict[tuple[str, str], str]:
        """Return what is known of the answers of rows, by run and target."""
        runs = {record.run for record in records}
        return {cell: version for cell, version in self.versions.items() if cell[0] in runs}

    def _kept(self, run: Any) -> TrackedRow | None:
        """Return the row of a run as it was kept, None for a run that holds none; LookupError if it is to be read.

        NotARecord where its id is no name of a file.
        """
        path = self._path(run)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["stamp"] == _stamp(run):
                return TrackedRow.from_json(found["row"]) if found["row"] else None
        except (OSError, ValueError, TypeError, UserError) as error:
            raise LookupError from error  # also a file that was damaged: it is written anew
        raise LookupError

    def _whole_runs(self, ids: Sequence[str]) -> list[Any]:
        """Return runs with their config and summary; a warning names one of which the client can make nothing.

        The client reads a page as a whole, so one that fails is read in halves.
        """
        try:
            return list(self._runs({"name": {"$in": list(ids)}}, lazy=False))
        except NotThere as error:
            if len(ids) > 1:
                half = len(ids) // 2
                return self._whole_runs(ids[:half]) + self._whole_runs(ids[half:])
            log.warning("runs=wandb: run %s is left out: its config or summary is none: %s", ids[0], error.why)
            return []

    def _keep(self, run: Any) -> TrackedRow | None:
        """Return the row of a run and keep it; None for a run that holds none, or whose row cannot be read."""
        if not run.config and OURS.fullmatch(run.id):
            log.warning("runs=wandb: run %s (%s, %s) is left out: its config is empty", run.name, run.id, run.state)
            return None
        try:
            row = TrackedRow.from_run(run.config, run.summary) if RECORD in run.config else None
        except UserError as error:
            log.warning("runs=wandb: run %s (%s, %s) is left out: %s", run.name, run.id, run.state, error)
            return None
        path = self._path(run)
        text = json.dumps({"stamp": _stamp(run), "row": row.to_json() if row else None})
        write_atomic(path, lambda file: file.write(text.encode()))
        return row

    def _path(self, run: Any) -> Path:
        """Return the file that keeps the row of a run."""
        return self.cache / "runs" / f"{key('run id', run.id)}.json"

    def _runs(self, filters: dict[str, Any], lazy: bool) -> Iterator[Any]:
        """Yield the runs that match."""
        runs = self.api.runs(self.path, filters=filters, per_page=PAGE, lazy=lazy)
        try:
            for number in count():
                yield with_retries(partial(operator.getitem, runs, number))  # next() would lose its place with an error
        except IndexError:
            return
        except ValueError as error:
            raise UserError(f"runs.project={self.query.project}: {self.path} does not exist") from error

    def _groups(self) -> str:
        """Return what a group could have been, where one was given."""
        if self.query.group is None:
            return ""
        groups = sorted({run.group for run in self._runs({}, lazy=True) if run.group})
        return f" with runs.group={self.query.group!r}; the groups are {', '.join(map(repr, groups)) or 'none'}"


def _stamp(run: Any) -> str:
    """Return what changes with a run, and with what is kept of one."""
    return fingerprint([run.state, run.heartbeatAt, run.group, RunRecord.SCHEMA, CellScore.SCHEMA])
