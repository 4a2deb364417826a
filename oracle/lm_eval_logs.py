"""Logs that lm-evaluation-harness writes with ``--log_samples``, of five models on six tasks of the miniature's data.

The models are the embedded miniature and it with four adapters, each trained for some steps on one source. The tasks
have what logs are read for: one metric and two (``acc``, ``acc_norm``), labels that are the same in all rows and
options that are not, two filters, the likelihood of whole texts, and a group of two tasks.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from crosstask.miniature.rows import rows
from crosstask.models.base_model import model_folder
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples
from oracle import inputs

SOURCES = ("goat", "imdb", "mnli", "sst2")
BASE = "miniature"
STEPS = 60
TASKS = ("imdb", "quiz", "goat", "texts", "claims")
"""The last is a group."""
TaskOf = tuple[Sequence[Mapping[str, Any]], dict[str, Any]]
"""Rows of a task, and what its YAML file says besides where they are."""
_MEAN = {"aggregation": "mean", "higher_is_better": True}
_REVIEW = "{{text}}\nIs the sentiment of this movie review negative (0) or positive (1)?\nSentiment:"
_CLAIM = "{{{{{0}}}}}\nDoes this entail: {{{{{1}}}}}\nAnswer:"


def write_logs(folder: Path, examples: int, python: str = sys.executable) -> Path:
    """Make models and tasks in a folder and run lm-eval on them; return the folder of its logs.

    The base model is run twice: the first time on five rows of each task, as one tries a command before the real run.
    """
    models = _models(folder)
    write_tasks(folder / "tasks", examples)
    run(folder, python, models[BASE], "logs", TASKS, "--limit", "5")
    for arguments in models.values():
        run(folder, python, arguments, "logs", TASKS)
    return folder / "logs"


def run(folder: Path, python: str, model: str, logs: str, tasks: Iterable[str], *options: str) -> str:
    """Run lm-eval's command in a folder; return what it printed."""
    command = [python, "-m", "lm_eval", "run", "--model", "hf", "--model_args", model, "--tasks", ",".join(tasks)]
    command += ["--include_path", "tasks", "--output_path", logs, "--log_samples", "--device", "cpu"]
    command += ["--batch_size", "16", *options]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(folder / "cache")}
    done = subprocess.run(command, cwd=folder, env=os.environ | offline, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _models(folder: Path) -> dict[str, str]:
    """Write the models, and return the arguments by which lm-eval loads each."""
    job = inputs.settings("data.train_rows=300", f"trainer.max_steps={STEPS}")
    shutil.copytree(model_folder(job.model), folder / "models" / BASE)
    found = {BASE: f"pretrained=models/{BASE},dtype=float32"}
    for source in SOURCES:
        store = Store(folder / "store")
        train_adapter(
            inputs.loaded(job),
            TrainingExamples(inputs.training_rows(job, source)),
            TrainingSettings(job.lora, job.optimizer, job.trainer, job.seed),
            Destination(store, source, {}),
        )
        shutil.copytree(store.adapter(source), folder / "models" / source)
        found[source] = f"{found[BASE]},peft=models/{source}"
    return found


def write_tasks(folder: Path, examples: int) -> None:
    """Write rows and YAML files of all tasks, and of the group."""
    folder.mkdir(parents=True)
    tasks = {**_choices(examples), "goat": _sums(examples), "texts": _texts(examples // 2)}
    claims = {f"claims_{name}": task for name, task in _claims(examples).items()}
    for name, (found, fields) in (tasks | claims).items():
        _write_task(folder, name, found, fields)
    group = {
        "group": "claims",
        "task": list(claims),
        "aggregate_metric_list": [{"metric": "acc", "weight_by_size": True}],
        "metadata": {"version": 1.0},
    }
    (folder / "claims.yaml").write_text(yaml.safe_dump(group), encoding="utf-8")


def _choices(count: int) -> dict[str, TaskOf]:
    """Return a task whose labels are the same in all rows, and one whose options differ, with a second metric."""
    reviews = _rows("imdb", count)
    return {
        "imdb": (
            reviews,
            {
                "output_type": "multiple_choice",
                "doc_to_text": _REVIEW,
                "doc_to_choice": ["0", "1"],
                "doc_to_target": "{{label}}",
                "target_delimiter": "\n",
                "metric_list": [{"metric": "acc", **_MEAN}],
            },
        ),
        "quiz": (
            _quiz(reviews),
            {
                "output_type": "multiple_choice",
                "doc_to_text": "{{question}}",
                "doc_to_choice": "{{options}}",
                "doc_to_target": "{{right}}",
                "metric_list": [{"metric": "acc", **_MEAN}, {"metric": "acc_norm", **_MEAN}],
            },
        ),
    }


def _sums(count: int) -> TaskOf:
    """Return a task of generated text with two filters, as gsm8k has them."""
    return _rows("goat", count), {
        "output_type": "generate_until",
        "doc_to_text": "{{instruction}}\nAnswer:",
        "doc_to_target": "{{answer}}",
        "target_delimiter": "\n",
        "fewshot_split": "test",
        "generation_kwargs": {"until": ["<|end|>"], "do_sample": False, "max_gen_toks": 16},
        "filter_list": [
            _filter("strict-match", r"^\s*(-?[\d,]+)\s*$"),
            _filter("flexible-extract", r"(-?\d[\d,]*)", group_select=-1),
        ],
        "metric_list": [{"metric": "exact_match", **_MEAN}],
    }


def _texts(count: int) -> TaskOf:
    """Return a task of the likelihood of whole texts, as wikitext is."""
    return [{"text": row["text"]} for row in _rows("imdb", count)], {
        "output_type": "loglikelihood_rolling",
        "doc_to_text": "",
        "doc_to_target": "{{text}}",
        "metric_list": [{"metric": name} for name in ("word_perplexity", "byte_perplexity", "bits_per_byte")],
    }


def _claims(count: int) -> dict[str, TaskOf]:
    """Return the two tasks of a group, of different size, as those of mmlu are."""
    parts = {
        "mnli": (count, ("premise", "hypothesis"), ["0", "1", "2"]),
        "rte": (2 * count // 3, ("sentence1", "sentence2"), ["yes", "no"]),
    }
    return {
        name: (
            _rows(name, of_part),
            {
                "output_type": "multiple_choice",
                "doc_to_text": _CLAIM.format(*columns),
                "doc_to_choice": labels,
                "doc_to_target": "{{label}}",
                "metric_list": [{"metric": "acc", **_MEAN}],
            },
        )
        for name, (of_part, columns, labels) in parts.items()
    }


def _rows(name: str, count: int) -> Sequence[Mapping[str, Any]]:
    """Return the first test rows of a data set of the miniature."""
    return rows(name, "test")[:count]


def _quiz(reviews: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return questions which of two to five texts comes again; they differ in length, which ``acc_norm`` takes off."""
    words = [row["text"].split() for row in reviews]
    found = []
    for number, text in enumerate(words):
        others = [(number + step) % len(words) for step in range(1, 3 + number % 4)]
        options = [" ".join(words[other][: 2 + 5 * (other % 3)]) for other in others]
        right = number % (len(options) + 1)
        options.insert(right, " ".join(text[:12]))
        found.append({"question": f"{' '.join(text[:12])}\nAgain:", "options": options, "right": right})
    return found


def _filter(name: str, pattern: str, **more: Any) -> dict[str, Any]:
    """Return a filter by a pattern."""
    steps = [{"function": "regex", "regex_pattern": pattern, **more}, {"function": "take_first"}]
    return {"name": name, "filter": steps}


def _write_task(folder: Path, name: str, found: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> None:
    """Write the rows and the YAML file of a task."""
    lines = [json.dumps(dict(row), ensure_ascii=False) for row in found]
    (folder / f"{name}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    task = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"tasks/{name}.jsonl"}},
        "test_split": "test",
        "metadata": {"version": 1.0},
        **fields,
    }
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
