"""Logs of Inspect: which there are in a folder, and what their heads say.

A ``.eval`` file is a zip archive: ``header.json`` has the model, the task and the results, ``summaries.json`` each
sample with its scores and without its messages, ``reductions.json`` the scores over several epochs. A ``.json`` file is
all of it in one. Inspect's own reader is a package with a hundred others; these three members need none of them.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.inspect_samples import read_samples
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.names import short_names
from crosstask.runs.evaluation_logs.task_run import Measure, TaskRun

_HEAD = "header.json"
_SUCCESS = "success"
_NAMED = 5
"""Logs that a note names."""
_MACHINE = ("max_retries", "timeout", "attempt_timeout", "max_connections", "adaptive_connections", "batch", "cache")
"""Generation settings that say how requests are sent, and not what is asked for."""


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
        If there is no log of an evaluation that succeeded, or one is damaged.
    """
    if not folder.is_dir():
        raise UserError(f"runs.path={folder}: no such folder; runs=inspect reads what --log-dir named")
    logs = [LogArchive(path) for path in sorted(folder.rglob("*")) if path.suffix in (".eval", ".json")]
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
    arguments = [_texts(spec.get("task_args")) for spec in specs]
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
    measures = _measures(results)
    count = int(results.get("completed_samples") or 0)
    return TaskRun(
        model=str(spec["model"]),
        further=_texts({**(spec.get("model_args") or {}), "base_url": spec.get("model_base_url")}),
        task=task,
        asked=_asked(head),
        date=str(spec.get("created", "")),
        place=log.path,
        count=count,
        printed={measure: numbers for measure, (numbers, _) in measures.items()},
        lower=frozenset(),
        read=partial(read_samples, log, {measure: scorer for measure, (_, scorer) in measures.items()}),
    )


def _measures(results: Mapping[str, Any]) -> dict[Measure, tuple[dict[str, float], str]]:
    """Scores that the results have, each with its numbers and the scorer that made it; that of the headline first."""
    found: dict[Measure, tuple[dict[str, float], str]] = {}
    for score in results.get("scores") or []:
        measure = Measure(str(score["name"]), str(score.get("reducer") or ""))
        numbers = {
            str(name): float(metric["value"])
            for name, metric in (score.get("metrics") or {}).items()
            if isinstance(metric.get("value"), int | float) and name != "stderr"
        }
        # A scorer has the same score in several views, of which one has the metrics of epochs reduced.
        before = found.get(measure, ({}, ""))[0]
        found[measure] = {**before, **numbers}, str(score.get("scorer") or score["name"])
    headline = results.get("headline") or {}
    first = [m for m in found if m.metric == (headline.get("score") or headline.get("scorer"))]
    return {measure: found[measure] for measure in dict.fromkeys([*first, *found])}


def _asked(head: Mapping[str, Any]) -> dict[str, str]:
    """How a task was put to the model: its version, its solvers, how texts are generated, and how often."""
    spec, plan = head["eval"], head.get("plan") or {}
    steps = [(step.get("solver"), step.get("params")) for step in plan.get("steps") or []]
    generation = {**(plan.get("config") or {}), **(spec.get("model_generate_config") or {})}
    return {
        "task version": str(spec.get("task_version")),
        "solvers": json.dumps(steps, sort_keys=True, default=str),
        "epochs": str(spec.get("config", {}).get("epochs") or 1),
        **{name: text for name, text in _texts(generation).items() if name not in _MACHINE},
    }


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Settings as text; those without a value left out."""
    return {name: str(value) for name, value in (given or {}).items() if value is not None}
