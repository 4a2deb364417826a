"""Rows of the matrix read back from W&B: scores from the runs' summaries, answers from their artifacts."""

import json
import logging
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import wandb

from crosstask.atomic import write_atomic
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.tracking.fetching import ANSWERS, Artifacts
from crosstask.tracking.patience import patiently
from crosstask.tracking.row_report import RECORD, RECORD_ID, metric_value
from crosstask.tracking.server import quiet, reason

log = logging.getLogger(__name__)

PAGE = 200
"""Runs that are asked for at a time."""
BASE = "base"
"""The source of the rows that join whatever is chosen."""

Row = tuple[dict[str, Any], dict[str, dict[str, Any]]]
"""The record of a row, with ``ANSWERS``, and by target the content of ``score.json``, as in the store."""


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


class Reader(Artifacts):
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

    def __init__(self, query: Query, cache: Path) -> None:
        quiet()
        self.query = query
        try:
            api = wandb.Api(timeout=30)
        except Exception as error:
            raise UserError(f"runs=wandb: {reason(error)}") from error
        path = f"{query.entity or api.default_entity}/{query.project}"
        super().__init__(api, path, cache.expanduser() / fingerprint([api.settings["base_url"], path]))

    def rows(self) -> list[Row]:
        """Return every row that matches the query; of one row that several runs hold, all cells, the newest first.

        Raises
        ------
        UserError
            If there is none.
        """
        kept, lacking = [], []
        for run in self._runs(self.query.filters(), lazy=True):
            path = self.cache / "runs" / f"{run.id}.json"
            stamp = fingerprint([run.state, run.heartbeatAt, run.group])
            found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
            if found is not None and found["stamp"] == stamp:
                kept.append(found["row"])
            else:
                lacking.append(run.id)
        for start in range(0, len(lacking), PAGE):
            for run in self._runs({"name": {"$in": lacking[start : start + PAGE]}}, lazy=False):
                kept.append(self._keep(run))
        rows = _merged([row for row in kept if row is not None])
        if not any(self.query.group in (None, record["group"]) for record, _ in rows):
            raise UserError(f"runs=wandb: {self.path} has no rows of the matrix{self._groups()}")
        return rows

    def _keep(self, run: Any) -> Row | None:
        """Return the row of a run and keep it; None for a run that holds none."""
        row = stored_row(run.config, run.summary) if RECORD in run.config else None
        path = self.cache / "runs" / f"{run.id}.json"
        stamp = fingerprint([run.state, run.heartbeatAt, run.group])
        text = json.dumps({"stamp": stamp, "row": row})
        write_atomic(path, lambda file: file.write(text.encode()))
        return row

    def _runs(self, filters: dict[str, Any], lazy: bool) -> Iterator[Any]:
        """Yield the runs that match."""
        runs = self.api.runs(self.path, filters=filters, per_page=PAGE, lazy=lazy)
        try:
            for number in count():
                yield patiently(partial(operator.getitem, runs, number))  # next() would lose its place with an error
        except IndexError:
            return
        except ValueError as error:
            raise UserError(f"runs.project={self.query.project}: {self.path} does not exist") from error

    def _groups(self) -> str:
        """Return what a group could have been, where one was asked for."""
        if self.query.group is None:
            return ""
        groups = sorted({run.group for run in self._runs({}, lazy=True) if run.group})
        return f" with runs.group={self.query.group!r}; the groups are {', '.join(map(repr, groups)) or 'none'}"


def stored_row(config: Any, summary: Any) -> Row:
    """Return a row as the store has it, from the config and the summary of its run."""
    record = json.loads(config[RECORD])
    scores = record.pop("scores")
    for target, score in scores.items():
        score["metrics"] = {name: metric_value(summary[f"{target}/{name}"]) for name in score["metrics"]}
    return {**record, ANSWERS: dict.fromkeys(scores, config[RECORD_ID])}, scores


def _merged(rows: list[Row]) -> list[Row]:
    """Return each row once: its newest record, with the cells of all."""
    merged: dict[str, Row] = {}
    for record, scores in sorted(rows, key=lambda row: row[0]["updated"]):
        earlier, earlier_scores = merged.get(record["run"], ({ANSWERS: {}}, {}))
        answers = {**earlier[ANSWERS], **record[ANSWERS]}
        merged[record["run"]] = ({**record, ANSWERS: answers}, {**earlier_scores, **scores})
    return list(merged.values())
