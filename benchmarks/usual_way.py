"""The usual way: TRL's own training script for each source, lm-evaluation-harness' own command for each adapter."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.measuring import module
from crosstask.config.job import TrainConfig
from crosstask.config.task import Task
from crosstask.data.drawn_examples import test_examples
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.generated_text import max_new_tokens
from crosstask.evaluation.scorers.registry import scorer
from crosstask.models.base_model import model_folder
from oracle import inputs
from oracle.trl_settings import trl_settings

BATCH_SIZE = 64
"""Of lm-eval, as ours."""


def write_training_file(job: TrainConfig, source: str, folder: Path) -> None:
    """Write a source as TRL reads it: prompt and completion, in the order of our training."""
    rows = inputs.in_training_order(job, inputs.training_rows(job, source))
    _write_lines(folder / "train.jsonl", [{"prompt": row.prompt, "completion": row.answer} for row in rows])


def training_command(job: TrainConfig, data: Path, output: Path) -> list[str]:
    """Return TRL's command with the hyper-parameters of a job.

    One thing differs: its learning rate starts from 0, ours from the first step of the warm-up.
    """
    lora = job.lora
    options = trl_settings(job) | {
        "model_name_or_path": model_folder(job.model),
        "dtype": "float32",
        "dataset_name": data,
        "output_dir": output,
        "train_sampling_strategy": "sequential",
        "num_train_epochs": 1,
        "max_steps": job.trainer.max_steps,
        "use_peft": True,
        "lora_r": lora.rank,
        "lora_alpha": int(lora.alpha or 0),
        "lora_dropout": lora.dropout,
    }
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    return module("trl.scripts.sft", *words, "--lora_target_modules", *(lora.target_modules or ["all-linear"]))


def write_tasks(job: TrainConfig, folder: Path) -> None:
    """Write every target of a job as a task of lm-eval: a YAML file and its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, task in job.target.items():
        rows = folder / f"{name}.rows.jsonl"
        _write_lines(rows, [_document(example, task) for example in test_examples(name, task, job.data)])
        content = {
            "task": _task_name(name),
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(rows)}},
            "test_split": "test",
            "doc_to_text": "prompt",
            "target_delimiter": "",
            "num_fewshot": 0,
            **_kind(job, task),
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def _task_name(target: str) -> str:
    """Return a name that none of lm-eval's own tasks has."""
    return f"crosstask_{target}"


def _document(example: Example, task: Task) -> dict[str, Any]:
    """Return one row as lm-eval's tasks read it."""
    gold = {"gold": task.labels.index(example.answer)} if task.labels else {}
    return {"id": example.id, "prompt": example.prompt, "answer": example.answer, **gold}


def _kind(job: TrainConfig, task: Task) -> dict[str, Any]:
    """Return what a closed and an open task of lm-eval differ in."""
    if task.labels:
        closed = {"output_type": "multiple_choice", "doc_to_choice": list(task.labels), "doc_to_target": "gold"}
        return {**closed, "metric_list": [{"metric": "acc"}]}
    end = inputs.loaded(job).tokenizer.decode([inputs.loaded(job).end])
    limits = {"until": [end], "max_gen_toks": max_new_tokens(task, job.scoring), "do_sample": False}
    opened = {"output_type": "generate_until", "doc_to_target": "answer", "generation_kwargs": limits}
    return {**opened, "metric_list": [{"metric": "exact_match"}]}


def model_arguments(job: TrainConfig, adapter: Path | None) -> dict[str, Any]:
    """Return lm-eval's description of a model with an adapter."""
    peft = {} if adapter is None else {"peft": str(adapter)}
    return {"pretrained": str(model_folder(job.model)), "dtype": "float32", **peft}


def scoring_command(job: TrainConfig, tasks: Path, adapter: Path | None, output: Path) -> list[str]:
    """Return lm-eval's command that scores one adapter on every target and keeps the answers, as we do."""
    described = ",".join(f"{key}={value}" for key, value in model_arguments(job, adapter).items())
    options = ("--model", "hf", "--model_args", described, "--device", inputs.loaded(job).model.device)
    names = ",".join(_task_name(name) for name in job.target)
    where = ("--include_path", tasks, "--output_path", output, "--log_samples")
    return module("lm_eval", "run", *options, "--tasks", names, "--batch_size", BATCH_SIZE, *where)


def scores(job: TrainConfig, output: Path) -> dict[str, float]:
    """Return the score of every target from the answers that lm-eval kept.

    Accuracy is lm-eval's own; generated text is scored by our rules, since lm-eval's would be others.
    """
    found = {}
    for name, task in job.target.items():
        (path,) = output.rglob(f"samples_{_task_name(name)}_[0-9]*.jsonl")
        samples = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if task.labels:
            found[name] = sum(sample["acc"] for sample in samples) / len(samples)
        else:
            ours = scorer(name, task)
            found[name] = ours.metrics(ours.score(_outputs(samples)))["score"]
    return found


def _outputs(samples: list[dict[str, Any]]) -> pd.DataFrame:
    """Return lm-eval's generations in the form of ours; lengths are unknown and do not enter the score."""
    return pd.DataFrame(
        {
            "example": [sample["doc"]["id"] for sample in samples],
            "reference": [sample["doc"]["answer"] for sample in samples],
            "text": [sample["resps"][0][0] for sample in samples],
            "output_tokens": 0,
            "stopped": True,
            "prompt_cut": 0,
        }
    )


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write a JSON Lines file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
