"""Scores of adapters and models that TRL's own script trained, by crosstask and by peft's own forward pass.

TRL is run as its users run it, as a process of its own: ``python -m trl.scripts.sft`` with a folder of rows. What it
leaves behind is the row's folder, as it is.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import peft
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from crosstask.config.external import External
from crosstask.config.job import TrainConfig
from crosstask.data.drawn_examples import test_examples
from crosstask.jobs.job import evaluate
from crosstask.jobs.progress import Progress
from crosstask.models.base_model import model_folder
from crosstask.storage.store import Store
from oracle import inputs
from oracle.comparison import Comparison

LOG_PROBABILITY = 1e-4
"""Largest difference of a label's log-probability, in nats."""
TARGET = "imdb"
LINEAR = "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj"
METHODS = {
    "LoRA": f"--use_peft --lora_r 8 --lora_target_modules {LINEAR}",
    "rsLoRA": f"--use_peft --lora_r 8 --use_rslora --lora_target_modules {LINEAR}",
    "DoRA": f"--use_peft --lora_r 4 --use_dora --lora_target_modules {LINEAR}",
    "output layer": "--use_peft --lora_r 4 --lora_target_modules q_proj v_proj --lora_modules_to_save lm_head",
    "whole model": "--learning_rate 3e-4",
}
"""Arguments of TRL's script."""
SHARED = (
    "--max_steps 30 --per_device_train_batch_size 8 --learning_rate 3e-3 --report_to none --save_strategy no --use_cpu"
    " --bf16 false --gradient_checkpointing false --logging_steps 10 --dtype float32"
)


def compare(job: TrainConfig) -> list[Comparison]:
    """Compare the rows of all."""
    with tempfile.TemporaryDirectory() as place:
        rows = write_rows(job, Path(place) / "rows")
        return [_compared(job, method, train_by_trl(job, rows, method, Path(place) / method)) for method in METHODS]


def write_rows(job: TrainConfig, folder: Path) -> Path:
    """Write training rows as TRL reads them: JSON lines with ``prompt`` and ``completion``."""
    folder.mkdir(parents=True)
    rows = [{"prompt": row.prompt, "completion": row.answer} for row in inputs.training_rows(job, TARGET)]
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return folder


def train_by_trl(job: TrainConfig, rows: Path, method: str, folder: Path) -> Path:
    """Train by TRL's script; returns the folder that it writes."""
    model = ["--model_name_or_path", str(model_folder(job.model)), "--dataset_name", str(rows)]
    shared = SHARED.split()
    if "--learning_rate" in METHODS[method]:
        del shared[shared.index("--learning_rate") : shared.index("--learning_rate") + 2]
    command = [sys.executable, "-m", "trl.scripts.sft", *model, "--output_dir", str(folder), *shared]
    done = subprocess.run(
        [*command, *METHODS[method].split()],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def _compared(job: TrainConfig, method: str, folder: Path) -> Comparison:
    """Compare the log-probabilities of the labels."""
    ours, theirs = our_log_probabilities(job, folder), their_log_probabilities(job, folder)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    what = f"{TARGET}, {method} trained by TRL's script"
    return Comparison(what, ours.size, float(np.abs(ours - theirs).max()), LOG_PROBABILITY, "nats")


def our_log_probabilities(job: TrainConfig, folder: Path) -> np.ndarray:
    """Return what the cell of ``evaluate.py adapter=FOLDER`` has, of shape (rows, labels)."""
    with tempfile.TemporaryDirectory() as place:
        external = External(path=str(folder), trained_on=[TARGET], base_checked=True)
        row = replace(job, source={"base": None}, adapter=external, target=inputs.targets(TARGET), store=place)
        evaluate(row, Progress(lambda share, note: None), "")
        store = Store(place)
        (record,) = store.records()
        answers = pd.read_parquet(store.answers(record.cells[TARGET]))
    return np.stack(answers["log_probabilities"].to_list())


def their_log_probabilities(job: TrainConfig, folder: Path) -> np.ndarray:
    """Return what plain transformers and peft give, one sequence at a time."""
    tokenizer, model = AutoTokenizer.from_pretrained(model_folder(job.model)), their_model(job, folder)
    task = inputs.targets(TARGET)[TARGET]
    return np.array(
        [
            [_log_probability(model, tokenizer, example.prompt, label) for label in task.labels]
            for example in test_examples(TARGET, task, job.data)
        ]
    )


def their_model(job: TrainConfig, folder: Path) -> Any:
    """Return the model as peft, or transformers, loads it."""
    if not (folder / "adapter_config.json").exists():
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    base = AutoModelForCausalLM.from_pretrained(model_folder(job.model), dtype=torch.float32)
    return peft.PeftModel.from_pretrained(base, folder).eval()


def _log_probability(model: Any, tokenizer: Any, prompt: str, label: str) -> float:
    """Return the log-probability of a label after a prompt, in nats."""
    asked, whole = tokenizer(prompt)["input_ids"], tokenizer(prompt + label)["input_ids"]
    assert whole[: len(asked)] == asked, "the label runs into the prompt"
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([whole])).logits[0].log_softmax(-1)
    return sum(float(logits[place - 1, whole[place]]) for place in range(len(asked), len(whole)))
