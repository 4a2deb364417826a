"""One row of the matrix as runs of W&B hold it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crosstask.storage.cell_score import CellScore
from crosstask.storage.json_files import NotARecord
from crosstask.storage.names import key
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun
from crosstask.tracking.row_report import RECORD, RECORD_ID, SCORES, UNDEFINED


@dataclass(frozen=True)
class TrackedRow:
    """A row as one run holds it; of a row that was scored in parts, several runs may each hold some cells."""

    record: RunRecord
    scores: Mapping[str, CellScore]
    """By target."""
    version: str
    """Alias of the version of the row's artifact that holds the answers of these cells."""

    @classmethod
    def from_run(cls, config: Mapping[str, Any], summary: Mapping[str, Any]) -> "TrackedRow":
        """Return the row whose report made the config and the summary of a run; see :class:`RowReport`.

        Raises
        ------
        UserError
            If a newer version wrote it, or it is something else: a run that is not finished has a record before it has
            scores, and anybody can write into a project.
        """
        try:
            content = json.loads(config[RECORD])
            record = RunRecord.from_json(content)
            scores = {}
            for target, score in content[SCORES].items():
                metrics = {name: _known(summary[f"{target}/{name}"]) for name in score["metrics"]}
                scores[target] = CellScore.from_json({**score, "metrics": metrics})
                if scores[target].target != target:
                    raise NotARecord(f"{SCORES}.{target:.60}: is of {scores[target].target}")
            return cls(record, scores, key(RECORD_ID, config[RECORD_ID]))
        except KeyError as error:
            raise NotARecord(f"lacks {error}") from error
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            raise NotARecord(f"{RECORD}: {error}") from error

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "TrackedRow":
        """Return what was written."""
        scores = {target: CellScore.from_json(score) for target, score in content["scores"].items()}
        return cls(RunRecord.from_json(content["record"]), scores, key("version", content["version"]))

    def to_json(self) -> dict[str, Any]:
        """Return what is written."""
        scores = {target: score.to_json() for target, score in self.scores.items()}
        return {"record": self.record.to_json(), "scores": scores, "version": self.version}


def _known(value: Any) -> Any:
    """Return a metric of a summary as JSON has it: null where it is undefined."""
    return None if value == UNDEFINED else value


def merged(rows: Iterable[TrackedRow]) -> tuple[list[ScoredRun], dict[tuple[str, str], str]]:
    """Merge the parts of rows.

    Returns
    -------
    list
        Each row once: its newest record, with the cells of all its runs, of one cell the newest.
    dict
        By run and target: the version of the run's artifact that holds the answers of the cell.
    """
    found: dict[str, ScoredRun] = {}
    versions: dict[tuple[str, str], str] = {}
    for row in sorted(rows, key=lambda row: row.record.updated):
        run = row.record.run
        earlier = found[run].scores if run in found else {}
        found[run] = ScoredRun(row.record, {**earlier, **row.scores})
        versions |= {(run, target): row.version for target in row.scores}
    return list(found.values()), versions
