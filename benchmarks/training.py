"""Training alone: tokens per second on rows of mixed lengths, against TRL with padding and with packing.

Every repetition is a process of its own that times its work without imports and without loading the base model: from
rows to adapter, and the steps alone (from the end of the first to the end of the last).
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine, module, option_parser, passed_on, ratio, run, spread
from crosstask.config.job import TrainConfig
from crosstask.data.examples import Example
from crosstask.models.base_model import model_folder
from oracle import inputs

SOURCES = ("goat", "flipkart", "amazon", "imdb", "metamath", "magicoder")
"""From a dozen tokens to more than a hundred."""
WORKERS = {"crosstask": "crosstask", "padding": "TRL, padding", "packing": "TRL, packing"}


def main() -> None:
    """Measure and print, or do one worker's part."""
    parser = option_parser("training", __doc__)
    parser.add_argument("--sources", nargs="+", default=list(SOURCES))
    parser.add_argument("--worker", choices=list(WORKERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        job = inputs.settings(*options.set, *(options.ours if options.worker == "crosstask" else []))
        print(json.dumps(work(job, options.worker, inputs.training_rows(job, *options.sources))))
    else:
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Let the three train in turn, and print."""
    found: dict[str, list[dict[str, float]]] = {worker: [] for worker in WORKERS}
    settings = ["--sources", *options.sources, *passed_on(options)]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.repeats):
            for worker in WORKERS:
                worked = run(module("benchmarks.training", "--worker", worker, *settings), Path(folder) / worker)
                found[worker].append(json.loads(worked.output.splitlines()[-1]) | {"peak": worked.peak})
    print(f"{machine()}\n\nsources {' '.join(options.sources)}; {' '.join([*options.set, *options.ours])}\n")
    print(
        "| | tokens/s, rows to adapter | ours / theirs | tokens/s, steps alone | ours / theirs | GFLOP/s of the steps"
        " | peak memory, MiB |"
    )
    print("|---|---|---|---|---|---|---|")
    ours = {key: [rates[key] for rates in found["crosstask"]] for key in ("whole", "steps")}
    for worker, title in WORKERS.items():
        whole, steps, flops, peak = (
            [rates[key] for rates in found[worker]] for key in ("whole", "steps", "gflops", "peak")
        )
        against = ["", ""] if worker == "crosstask" else [ratio(ours["whole"], whole), ratio(ours["steps"], steps)]
        cells = [title, spread(whole, 0), against[0], spread(steps, 0), against[1], spread(flops), spread(peak, 0)]
        print(f"| {' | '.join(cells)} |")


def work(job: TrainConfig, worker: str, examples: Sequence[Example]) -> dict[str, float]:
    """Train once and return rates.

    Returns
    -------
    dict
        ``whole`` and ``steps``, tokens of prompts and answers per second, padding not counted; ``gflops``, the 1e9
        operations per second of the steps (4 per parameter and token: frozen weights need no gradient of their own).
    """
    lengths = [len(sequence.prompt) + len(sequence.answer) for sequence in inputs.sequences(job, examples)]
    parameters = sum(weight.numel() for weight in inputs.loaded(job).model.parameters())
    with tempfile.TemporaryDirectory() as folder:
        if worker == "crosstask":
            seconds, ends = train_ours(job, examples, Path(folder))
        else:
            seconds, ends = train_trl(job, examples, folder, lengths if worker == "packing" else None)
    steps = sum(lengths) * (len(ends) - 1) / len(ends) / (ends[-1] - ends[0])
    return {"whole": sum(lengths) / seconds, "steps": steps, "gflops": 4 * parameters * steps / 1e9}


def train_ours(job: TrainConfig, examples: Sequence[Example], folder: Path) -> tuple[float, list[float]]:
    """Train an adapter; returns seconds, and when each step ended."""
    import peft  # noqa: F401  here and below: what a training imports late is not timed

    from crosstask.storage.store import Store
    from crosstask.training.destination import Destination
    from crosstask.training.fit import train_adapter
    from crosstask.training.recipe import TrainingSettings
    from crosstask.training.sequences import TrainingExamples

    ends: list[float] = []
    base, started = inputs.loaded(job), time.perf_counter()
    train_adapter(
        base,
        TrainingExamples(examples),
        TrainingSettings(job.lora, job.optimizer, job.trainer, job.seed),
        Destination(Store(folder), "benchmark", {}),
        progress=lambda done, total, note: ends.append(time.perf_counter()),
    )
    return time.perf_counter() - started, ends


def train_trl(
    job: TrainConfig, examples: Sequence[Example], folder: str, lengths: Sequence[int] | None
) -> tuple[float, list[float]]:
    """Train an adapter with TRL, packed where ``lengths`` of the sequences are given; returns what train_ours does.

    Packed rows have the tokens of a padded step, as far as the longest sequence and the model's context let them: a
    step is then one such row, or as many as hold these tokens.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTTrainer

    from oracle.training_parity import trl_adapter, trl_arguments, trl_rows

    ends: list[float] = []

    class Ends(TrainerCallback):
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            ends.append(time.perf_counter())

    more: dict[str, Any] = {}
    if lengths is not None:
        tokens = job.trainer.batch_size * sum(lengths) / len(lengths)
        row = min(inputs.loaded(job).context, max(round(tokens), *lengths))
        more = {"packing": True, "max_length": row, "per_device_train_batch_size": max(1, round(tokens / row))}
    path = model_folder(job.model)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(path)
    started = time.perf_counter()
    training = SFTTrainer(
        model=model,
        args=trl_arguments(job, folder, **more),
        train_dataset=trl_rows(examples),
        processing_class=tokenizer,
        peft_config=trl_adapter(job),
        callbacks=[Ends()],
    )
    training.train()
    training.save_model()
    return time.perf_counter() - started, ends


if __name__ == "__main__":
    main()
