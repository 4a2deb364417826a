"""Logs of Inspect: which there are in a folder, and what their heads say.

A ``.eval`` file is a zip archive: ``header.json`` has the model, the task and the results, ``summaries.json`` each
sample with its scores and without its messages, ``reductions.json`` the scores over several epochs. A ``.json`` file is
all of it in one. Inspect's own reader is a package with a hundred others; these members need none of them.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.inspect_samples import read_samples
from crosstask.runs.evaluation_logs.inspect_settings import asked, scored, texts
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.log_folder import files_below
from crosstask.runs.evaluation_logs.names import short_names
from crosstask.runs.evaluation_logs.task_run import Measure, TaskRun

_HEAD = "header.json"
_SUCCESS = "success"
_NAMED = 5
"""Logs that a note names."""


def inspect_runs(folder: Path) -> tuple[list[TaskRun], list[str]]:
    """Return every model and task of the logs in a folder and all below it.

    Parameters
    ----------
    folder : Path
        Such as ``--log-dir`` was.

    Returns
    -------
    runs : list of TaskRun
        Of the logs of evaluations that succeeded, in the order of the files.
    notes : list of str
        Logs of others, a line each kind.

    Raises
    ------
    UserError
        If there is no log of an evaluation that succeeded, or a log or a folder is damaged.
    """
    if not folder.is_dir():
        raise UserError(f"runs.path={folder}: no such folder; runs=inspect reads what --log-dir named")
    logs = [LogArchive(path) for path in files_below(folder) if path.suffix in (".eval", ".json")]
    heads = [(log, log.member(_HEAD)) for log in logs if log.is_log()]
    whole, notes = [], []
    other: dict[str, list[str]] = {}
    for log, head in heads:
        status = str((head or {}).get("status", "started"))
        if head and status == _SUCCESS and _is_whole(head):
            whole.append((log, head))
        else:
            other.setdefault("without samples" if status == _SUCCESS else status, []).append(log.path.name)
    for status, names in other.items():
        shown = ", ".join(names[:_NAMED]) + ", ..." * (len(names) > _NAMED)
        notes.append(f"logs that are not of an evaluation that succeeded are left out ({status}): {shown}")
    why = f"; {notes[0]}" if notes else ""
    if not whole:
        raise UserError(f"runs.path={folder}: no .eval or .json log of Inspect of an evaluation that succeeded{why}")
    tasks = _task_names([head["eval"] for _, head in whole])
    return [_checked(log, head, task) for (log, head), task in zip(whole, tasks, strict=True)], notes


def _is_whole(head: Mapping[str, Any]) -> bool:
    """Whether a head names model and task, and does not say that samples were left out."""
    spec = head.get("eval") or {}
    return "model" in spec and "task" in spec and (spec.get("config") or {}).get("log_samples") is not False


def _task_names(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the task of each log is called: with the arguments in which logs of one name differ."""
    shorts = short_names(str(spec["task"]) for spec in specs)
    arguments = [texts(spec.get("task_args")) for spec in specs]
    found = []
    for spec, own in zip(specs, arguments, strict=True):
        same = [other for other, of in zip(arguments, specs, strict=True) if of["task"] == spec["task"]]
        differ = [name for name in own if any(other.get(name) != own[name] for other in same)]
        told = ", ".join(f"{name}={own[name]}" for name in differ)
        found.append(shorts[str(spec["task"])] + (f"({told})" if told else ""))
    return found


def _checked(log: LogArchive, head: Mapping[str, Any], task: str) -> TaskRun:
    """One log; UserError where its head is none of Inspect's."""
    try:
        return _task_run(log, head, task)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{log.path}: not the head of a log of Inspect ({type(error).__name__}: {error})") from error


def _task_run(log: LogArchive, head: Mapping[str, Any], task: str) -> TaskRun:
    """One log."""
    spec, results = head["eval"], head.get("results") or {}
    scores = _scores(results)
    numbers: dict[Measure, dict[str, float]] = {}
    for measure, views in scores.items():
        # A scorer has the same score in several views, of which one has the metrics of epochs reduced.
        numbers[measure] = {name: value for score in views for name, value in _numbers(score).items()}
    return TaskRun(
        model=str(spec["model"]),
        further=texts({**(spec.get("model_args") or {}), "base_url": spec.get("model_base_url")}),
        task=task,
        asked=asked(head),
        date=str(spec.get("created", "")),
        place=log.path,
        count=int(results.get("completed_samples") or 0),
        printed=numbers,
        lower=frozenset(),
        read=partial(read_samples, log, {measure: _scorer(views[0]) for measure, views in scores.items()}),
        scored={measure: scored(head, views[0]) for measure, views in scores.items()},
    )


def _scores(results: Mapping[str, Any]) -> dict[Measure, list[Mapping[str, Any]]]:
    """Scores that the results have, that of the headline first; scorers may have scores of one name."""
    found: dict[Measure, list[Mapping[str, Any]]] = {}
    for score in results.get("scores") or []:
        name, scorer = str(score["name"]), _scorer(score)
        measure = Measure(name, str(score.get("reducer") or ""), "" if scorer == name else scorer)
        found.setdefault(measure, []).append(score)
    headline = results.get("headline") or {}
    leading = headline.get("scorer"), headline.get("score") or headline.get("scorer")
    first = [m for m, views in found.items() if (_scorer(views[0]), m.metric) == leading]
    return {measure: found[measure] for measure in dict.fromkeys([*first, *found])}


def _scorer(score: Mapping[str, Any]) -> str:
    """The scorer of a score, by which samples have it."""
    return str(score.get("scorer") or score["name"])


def _numbers(score: Mapping[str, Any]) -> dict[str, float]:
    """Numbers that are printed of a score; standard errors left out."""
    return {
        str(name): float(metric["value"])
        for name, metric in (score.get("metrics") or {}).items()
        if isinstance(metric.get("value"), int | float) and name != "stderr"
    }
