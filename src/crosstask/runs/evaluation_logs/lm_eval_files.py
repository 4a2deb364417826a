"""What lm-evaluation-harness writes with ``--log_samples``: files of results, and of samples beside them.

One run writes ``results_<date>.json`` and for each task ``samples_<task>_<date>.jsonl`` into one folder, which is named
after the model; where ``--output_path`` is a ``.json`` file, ``<name>_<date>.json`` and the samples beside it. The date
alone says which belong together: a folder may have several runs, and samples say nothing of the model.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.lm_eval_samples import read_samples
from crosstask.runs.evaluation_logs.lm_eval_settings import asked, model_of
from crosstask.runs.evaluation_logs.log_folder import files_below
from crosstask.runs.evaluation_logs.task_run import Measure, TaskRun

_DATE = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?"
_RESULTS = re.compile(rf"(?:.*_)?({_DATE})\.json")
_SAMPLES = re.compile(rf"samples_(.+)_({_DATE})\.jsonl(?:\.gz)?")


def lm_eval_runs(folder: Path) -> tuple[list[TaskRun], list[str]]:
    """Return every model and task of the runs in a folder and all below it.

    Parameters
    ----------
    folder : Path
        Such as ``--output_path`` was.

    Returns
    -------
    runs : list of TaskRun
        In the order of the files.
    notes : list of str
        Results without samples, a line each.

    Raises
    ------
    UserError
        If there is no run with samples, samples have no results beside them, or a file of results is damaged.
    """
    if not folder.is_dir():
        raise UserError(f"runs.path={folder}: no such folder; runs=lm_eval reads what --output_path named")
    files = files_below(folder)
    heads = {(path.parent, found[1]): _head(path) for path, found in _named(files, _RESULTS)}
    runs, with_samples = [], set()
    for path, found in _named(files, _SAMPLES):
        key = path.parent, found[2]
        if not heads.get(key):
            name = f"results_{found[2]}.json"
            lacking = f"{name} beside it is none of lm-eval's" if key in heads else f"no {name} beside it"
            raise UserError(f"{path}: {lacking}, which has the model's name; copy it there, or leave the samples out")
        with_samples.add(key)
        runs.append(_checked(path, found[1], found[2], heads[key]))
    notes = [
        f"{place / f'results_{date}.json'}: no samples beside it, left out; --log_samples writes them"
        for (place, date), head in sorted(heads.items())
        if head and (place, date) not in with_samples
    ]
    why = f"; {notes[0]}" if notes else ""
    if not runs:
        raise UserError(
            f"runs.path={folder}: no samples_<task>_<date>.jsonl of lm-evaluation-harness, which --log_samples writes"
            f"{why}"
        )
    return runs, notes


def _named(files: Sequence[Path], name: re.Pattern[str]) -> Iterable[tuple[Path, re.Match[str]]]:
    """Files of a name, each with the match."""
    for path in files:
        if found := name.fullmatch(path.name):
            yield path, found


def _head(path: Path) -> Mapping[str, Any]:
    """What a file of results says; nothing for JSON that is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not readable results of lm-evaluation-harness ({error})") from error
    return found if isinstance(found, dict) and isinstance(found.get("results"), dict) else {}


def _checked(path: Path, task: str, date: str, head: Mapping[str, Any]) -> TaskRun:
    """One file of samples; UserError where the results beside it are none of lm-eval's."""
    try:
        return _task_run(path, task, date, head)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        results = path.with_name(f"results_{date}.json")
        raise UserError(f"{results}: not results of lm-evaluation-harness ({type(error).__name__}: {error})") from error


def _task_run(path: Path, task: str, date: str, head: Mapping[str, Any]) -> TaskRun:
    """One file of samples with what the results say of it."""
    numbers = head["results"].get(task)
    if numbers is None:
        raise UserError(f"{path}: its results_{date}.json has no task {task}; it has {', '.join(head['results'])}")
    printed = _printed(numbers, math.nan)
    better = head.get("higher_is_better", {}).get(task) or {}
    count = int(head.get("n-samples", {}).get(task, {}).get("effective") or numbers.get("sample_len") or 0)
    model, further = model_of(head)
    if not model:
        raise UserError(f"{path}: its results_{date}.json does not name the model")
    return TaskRun(
        model=model,
        further=further,
        task=task,
        asked=asked(head, task),
        date=date,
        place=path,
        count=count,
        printed=printed,
        lower=frozenset(name for name, higher in better.items() if higher is False),
        read=partial(read_samples, path, tuple(printed), count),
        groups={
            name: _printed(head["results"].get(name, {})) for name in _groups(head.get("group_subtasks", {}), task)
        },
    )


def _groups(parts: Mapping[str, Sequence[str]], task: str) -> list[str]:
    """Groups that a task is a part of, and those that these are parts of."""
    found = [task]
    for name in found:
        found += [group for group, inside in parts.items() if name in inside and group not in found]
    return found[1:]


def _printed(numbers: Mapping[str, Any], otherwise: float | None = None) -> dict[Measure, dict[str, float]]:
    """Scores of a task: ``acc,none`` and ``exact_match,strict-match`` as measures; standard errors left out.

    What is no number is left out, or another one instead.
    """
    found = {}
    for key, value in numbers.items():
        metric, comma, name = key.partition(",")
        number = value if isinstance(value, int | float) else otherwise
        if comma and not metric.endswith("_stderr") and number is not None:
            found[Measure(metric, "" if name == "none" else name)] = {metric: float(number)}
    return found
