"""Rows of the matrix as a table: one row per run and target, for the analysis."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.matrix.task_order import MIXED, NOWHERE
from crosstask.analysis.schema import BASE, column_names
from crosstask.config.learned import learned_from
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun

NAMES = ("source", "seed", "model", "base", "data", "data_id", "settings")
"""What a record says of its run that may be a row of the matrix; besides, every setting in its config."""
_OF_RUN = ("run", *NAMES, "group", "updated")
"""What a record says of each of its cells."""


def cell_table(rows: Iterable[ScoredRun], keys: Sequence[str] = ("source",)) -> pd.DataFrame:
    """Return every cell of some rows, wherever they were read.

    Parameters
    ----------
    rows
        The rows of the matrix.
    keys
        What a row of the analysis is told apart by: ``NAMES`` and settings as a run's config has them, such as
        ``lora.rank``.

    Returns
    -------
    DataFrame
        The columns of ``CELLS``, and the settings asked for as text, ``none`` where a
        run has no value and <NA> for the base model; empty where there are no rows. ``settings`` then is the hash of
        the other training settings, those that are not among the keys.

    Raises
    ------
    UserError
        If no run has a key.
    """
    rows = list(rows)
    further = [name for name in keys if name not in NAMES]
    _require_settings(further, rows)
    cells = []
    for row in rows:
        of_run = {name: getattr(row.record, name) for name in _OF_RUN}
        of_run["train_seed"] = None if row.record.source == BASE else row.record.config.get("data.train_seed")
        of_run["prompt"] = row.record.config.get("scoring.prompt", 0)
        of_run["shots"] = row.record.config.get("scoring.shots")
        if further:
            of_run |= _settings(row.record, further)
        for target, score in row.scores.items():
            cells.append(
                {
                    **of_run,
                    "target": target,
                    "target_id": score.target_id,
                    "metric": score.metric,
                    "score": score.metrics["score"],
                    "stderr": score.metrics["stderr"],
                    "n": int(score.metrics["n"]),
                    "metrics": {**score.metrics, **_leaked(row.record, target, score)},
                    "labels": score.labels,
                }
            )
    frame = pd.DataFrame(cells, columns=[*column_names(CELLS), *further])
    whole = dict.fromkeys(("seed", "train_seed", "prompt", "shots", "n"), "Int64")
    return frame.astype({**whole, "score": float, "stderr": float})


def _leaked(record: RunRecord, target: str, score: CellScore) -> dict[str, float]:
    """Return the share of a cell's test rows that the source was trained on, where there are any."""
    return {"leaked": record.leaked[target] / score.metrics["n"]} if target in record.leaked else {}


def homes(records: Iterable[RunRecord]) -> dict[str, str]:
    """Return the home of each source that has exactly one, and those of what was made elsewhere: all, or none."""
    records = list(records)
    one = {record.source: record.home[0] for record in records if len(record.home) == 1}
    return one | {record.source: MIXED.join(record.home) or NOWHERE for record in records if record.external}


def _require_settings(names: Sequence[str], rows: Sequence[ScoredRun]) -> None:
    """Raise if one of the names is no setting of any run."""
    there = {name for row in rows for name in row.record.config}
    for name in names:
        if rows and name not in there:
            allowed = ", ".join([*NAMES, *sorted(there - set(NAMES))])
            raise UserError(f"analysis.rows: {name!r} is nothing that runs are told apart by; there are {allowed}")


def _settings(record: RunRecord, names: Sequence[str]) -> dict[str, str | None]:
    """Return settings of a run as text, and the hash of the training settings besides; nothing was trained for base,
    and of what was made elsewhere they are not known.
    """
    if record.source == BASE:
        return dict.fromkeys([*names, "settings"])
    if record.external:
        return {"settings": None, **{name: _text(record.config.get(name)) for name in names}}
    others = {name: value for name, value in learned_from(record.config).items() if name not in names}
    return {"settings": fingerprint(others), **{name: _text(record.config.get(name)) for name in names}}


def _text(value: Any) -> str:
    """Return a setting as a part of a row's name.

    Examples
    --------
    >>> [_text(value) for value in (8, None, True, ["q_proj", "v_proj"], 0.002)]
    ['8', 'none', 'true', 'q_proj+v_proj', '0.002']
    """
    if isinstance(value, list):
        return "+".join(map(str, value))
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
