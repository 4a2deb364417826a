"""Generation alone: the base model on open targets, against lm-eval in one process and transformers' own ``generate``.

Every repetition is a process of its own that times its work without imports and without loading the base model: from
rows to outputs. All generate greedily, at most as many tokens; lm-eval and transformers in batches of as many prompts,
longest first.
"""

import argparse
import json
import resource
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

from benchmarks import usual_way
from benchmarks.measuring import COST_HEAD, Clock, Cost, cost_row, machine, module, option_parser, passed_on, run
from crosstask.config.job import TrainConfig
from crosstask.data.drawn_examples import test_examples
from crosstask.evaluation.scorers.generated_text import max_new_tokens
from oracle import inputs

TARGETS = ("goat", "gsm8k")
WORKERS = {"crosstask": "crosstask", "lm-eval": "lm-eval, one process", "transformers": "transformers"}
Outputs = dict[str, list[str]]
"""Texts by target, in the order of the examples."""


def main() -> None:
    """Measure and print, or do one worker's part."""
    parser = option_parser("generation", __doc__)
    parser.add_argument("--targets", nargs="+", default=list(TARGETS))
    parser.add_argument("--worker", choices=list(WORKERS), help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    common = [f"target=[{','.join(options.targets)}]", "source=base", *options.set]
    if options.worker:
        job = inputs.settings(*common, *(options.ours if options.worker == "crosstask" else []))
        cost, outputs = GENERATE[options.worker](job, options.scratch)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cost": astuple(cost), "peak": peak, "outputs": outputs}))
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), options, common)


def measure(scratch: Path, options: argparse.Namespace, common: list[str]) -> None:
    """Let the three generate in turn, and print."""
    usual_way.write_tasks(inputs.settings(*common), scratch / "tasks")
    costs: dict[str, list[Cost]] = {worker: [] for worker in WORKERS}
    peaks: dict[str, float] = {}
    outputs: dict[str, Outputs] = {}
    for number in range(options.repeats):
        for worker in WORKERS:
            own = scratch / f"{worker}-{number}"
            sizes = ["--targets", *options.targets, "--scratch", own, *passed_on(options)]
            own.mkdir()
            (own / "tasks").symlink_to(scratch / "tasks")
            worked = json.loads(
                run(module("benchmarks.generation", "--worker", worker, *sizes), own).output.splitlines()[-1]
            )
            costs[worker].append(Cost(*worked["cost"]))
            peaks[worker], outputs[worker] = max(peaks.get(worker, 0), worked["peak"]), worked["outputs"]
    print(f"{machine()}\n\n{' '.join([*common, *options.ours])}\n")
    print(COST_HEAD)
    for worker, title in WORKERS.items():
        print(cost_row(title, costs[worker], costs["crosstask"]))
    print(f"\npeak memory, MiB: {', '.join(f'{title} {peaks[worker]:.0f}' for worker, title in WORKERS.items())}")
    for worker in ("lm-eval", "transformers"):
        print(f"outputs equal to ours: {WORKERS[worker]} {_agreement(outputs['crosstask'], outputs[worker])}")


def _agreement(ours: Outputs, theirs: Outputs) -> str:
    """Return how many outputs are equal, white space around them aside."""
    pairs = [pair for target in ours for pair in zip(ours[target], theirs[target], strict=True)]
    return f"{sum(one.strip() == other.strip() for one, other in pairs)} of {len(pairs)}"


def our_outputs(job: TrainConfig, scratch: Path) -> tuple[Cost, Outputs]:
    """Return what the inference of a job's cells takes, rows and tokens included, and their texts."""
    from crosstask.evaluation.inference import PartialOutputs, collect_outputs
    from crosstask.evaluation.scorers.registry import scorer
    from crosstask.jobs.row_of_job import read_target
    from crosstask.storage.store import Store

    base, found, store = inputs.loaded(job), Outputs(), Store(scratch / "store")
    clock = Clock()
    for name, task in job.target.items():
        target = read_target(scorer(name, task), job)
        requests, partial = target.scorer.requests(base, target), PartialOutputs(store, scratch / "parts" / name)
        made = collect_outputs(requests, base.model, job.scoring.batch_tokens, partial, lambda share: None)
        found[name] = list(made["text"])
    return clock.cost(), found


def lm_eval_outputs(job: TrainConfig, scratch: Path) -> tuple[Cost, Outputs]:
    """Return what lm-eval's own functions take for the same; the index of its tasks is not timed."""
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    tasks = TaskManager(include_path=str(scratch / "tasks"), include_defaults=False)
    device = str(inputs.loaded(job).model.device)
    model = HFLM(**usual_way.model_arguments(job, None), device=device, batch_size=usual_way.BATCH_SIZE)
    names = {f"crosstask_{name}": name for name in job.target}
    clock = Clock()
    found = simple_evaluate(model=model, tasks=list(names), task_manager=tasks, bootstrap_iters=0, log_samples=True)
    cost = clock.cost()
    samples: Mapping[str, list[dict[str, Any]]] = found["samples"]
    return cost, {
        name: [sample["resps"][0][0] for sample in sorted(samples[task], key=lambda one: one["doc_id"])]
        for task, name in names.items()
    }


def transformers_outputs(job: TrainConfig, scratch: Path) -> tuple[Cost, Outputs]:
    """Return what a loop of ``generate`` over padded batches takes, as examples on the Web have it."""
    import torch
    from transformers import AutoTokenizer

    from crosstask.models.base_model import model_folder

    base = inputs.loaded(job)
    tokenizer = AutoTokenizer.from_pretrained(model_folder(job.model), padding_side="left")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.decode([base.pad])
    clock, found = Clock(), Outputs()
    for name, task in job.target.items():
        prompts = [example.prompt for example in test_examples(name, task, job.data)]
        order = sorted(range(len(prompts)), key=lambda number: -len(prompts[number]))
        texts = [""] * len(prompts)
        for start in range(0, len(order), usual_way.BATCH_SIZE):
            batch = order[start : start + usual_way.BATCH_SIZE]
            tokens = tokenizer([prompts[number] for number in batch], return_tensors="pt", padding=True)
            tokens = tokens.to(base.model.device)
            with torch.inference_mode():
                made = base.model.generate(
                    input_ids=tokens["input_ids"],
                    attention_mask=tokens["attention_mask"],
                    do_sample=False,
                    max_new_tokens=max_new_tokens(task, job.scoring),
                    eos_token_id=list(base.ends),
                    pad_token_id=base.pad,
                )
            new = tokenizer.batch_decode(made[:, tokens["input_ids"].shape[1] :], skip_special_tokens=True)
            for number, text in zip(batch, new, strict=True):
                texts[number] = text
        found[name] = texts
    return clock.cost(), found


GENERATE: Mapping[str, Callable[[TrainConfig, Path], tuple[Cost, Outputs]]] = {
    "crosstask": our_outputs,
    "lm-eval": lm_eval_outputs,
    "transformers": transformers_outputs,
}


if __name__ == "__main__":
    main()
