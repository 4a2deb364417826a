"""What lm-evaluation-harness writes with ``--log_samples``: files of results, and of samples beside them.

One run writes ``results_<date>.json`` and for each task ``samples_<task>_<date>.jsonl`` into one folder, which is named
after the model; where ``--output_path`` is a ``.json`` file, ``<name>_<date>.json`` and the samples beside it. The date
alone says which belong together: a folder may have several runs, and samples say nothing of the model.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.lm_eval_samples import read_samples
from crosstask.runs.evaluation_logs.task_run import Measure, TaskRun

_DATE = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?"
_RESULTS = re.compile(rf"(?:.*_)?({_DATE})\.json")
_SAMPLES = re.compile(rf"samples_(.+)_({_DATE})\.jsonl")
_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")
"""Arguments that may name the model, the first that is there; as lm-eval has it."""
_OF_MACHINE = {
    *_NAMES,
    *("device", "device_map", "batch_size", "max_batch_size", "parallelize", "trust_remote_code", "base_url"),
    *("tensor_parallel_size", "data_parallel_size", "gpu_memory_utilization", "num_concurrent", "max_retries"),
    *(
        "tokenized_requests",
        "tokenizer_backend",
        "max_memory_per_gpu",
        "max_cpu_memory",
        "offload_folder",
        "logits_cache",
    ),
}
"""Arguments that name the model, or say where it runs and not what it says."""


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
    heads = {(path.parent, found[1]): _head(path) for path, found in _named(folder, "*.json", _RESULTS)}
    runs, with_samples = [], set()
    for path, found in _named(folder, "samples_*.jsonl", _SAMPLES):
        key = path.parent, found[2]
        if not heads.get(key):
            raise UserError(
                f"{path}: no results_{found[2]}.json beside it, which has the model's name; copy it there, or leave the"
                " samples out"
            )
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


def _named(folder: Path, pattern: str, name: re.Pattern[str]) -> Iterable[tuple[Path, re.Match[str]]]:
    """Files of a name, sorted, each with the match."""
    for path in sorted(folder.rglob(pattern)):
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
    printed = _printed(numbers)
    better = head.get("higher_is_better", {}).get(task, {})
    count = int(head.get("n-samples", {}).get(task, {}).get("effective") or numbers.get("sample_len") or 0)
    arguments = _arguments(head.get("config", {}).get("model_args"))
    model = head.get("model_name") or next((arguments[name] for name in _NAMES if name in arguments), None)
    if not model:
        raise UserError(f"{path}: its results_{date}.json does not name the model")
    return TaskRun(
        model=str(model),
        further={name: value for name, value in arguments.items() if name not in _OF_MACHINE},
        task=task,
        asked=_asked(head, task),
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


def _printed(numbers: Mapping[str, Any]) -> dict[Measure, dict[str, float]]:
    """Scores of a task: ``acc,none`` and ``exact_match,strict-match`` as measures; standard errors left out."""
    found = {}
    for key, value in numbers.items():
        metric, comma, name = key.partition(",")
        if comma and not metric.endswith("_stderr") and isinstance(value, int | float):
            found[Measure(metric, "" if name == "none" else name)] = {metric: float(value)}
    return found


def _arguments(given: object) -> dict[str, str]:
    """Arguments of the model, which older versions have as one text."""
    if isinstance(given, str):
        given = dict(part.split("=", 1) for part in given.split(",") if "=" in part)
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _asked(head: Mapping[str, Any], task: str) -> dict[str, str]:
    """How a task was put to the model."""
    config, shots = head.get("config", {}), head.get("n-shot", {}).get(task)
    found = {
        "num_fewshot": shots,
        "chat template": _short(head.get("chat_template_sha")),
        "system instruction": _short(head.get("system_instruction_sha")),
        "fewshot_as_multiturn": head.get("fewshot_as_multiturn"),
        "gen_kwargs": config.get("gen_kwargs") or None,
        "few-shot seed": config.get("fewshot_seed") if shots else None,
        "task version": head.get("versions", {}).get(task),
        "model_source": head.get("model_source"),
    }
    return {name: "none" if value is None else str(value) for name, value in found.items()}


def _short(code: object) -> str | None:
    """The beginning of a hash."""
    return str(code)[:8] if code else None
