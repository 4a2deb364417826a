"""How long ``analyze.py runs=lm_eval`` takes, and how much memory: logs of many models, tasks and samples.

The lines are as long as those of a multiple-choice task with four options and a prompt of 600 characters, which each
option's request repeats.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.analysis import within
from benchmarks.measuring import machine, script

SIZES = ((20, 20, 1000),)
"""Models, tasks and samples of each."""
SECONDS, MEMORY = 60.0, 2.0
"""What each may take, in seconds and GiB."""
OPTIONS, PROMPT = 4, 600
_DATE = "2026-01-01T00-00-00.000000"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation_logs", description=__doc__)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    print(f"{machine(('numpy', 'scipy', 'pandas', 'matplotlib'))}\n")
    print("| logs | MB | seconds | CPU seconds | GiB | within |")
    print("|---|---|---|---|---|---|")
    for models, tasks, samples in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            logs = Path(folder) / "logs"
            written = write_logs(logs, models, tasks, samples)
            command = script(
                "analyze.py", "runs=lm_eval", f"runs.path={logs}", "runs.base=m0", f"output={folder}/results"
            )
            measured = within(command, Path(folder) / "scratch", options.repeats, SECONDS, MEMORY)
            print(f"| {models} x {tasks} x {samples:,} | {written / 1e6:,.0f} | {measured} |", flush=True)


def write_logs(folder: Path, models: int, tasks: int, samples: int) -> int:
    """Write the logs of models of which each is right at random; return their size in bytes."""
    generator = np.random.default_rng(0)
    levels, donors = generator.normal(0.0, 0.8, tasks), generator.normal(0.0, 0.3, models)
    for model in range(models):
        place = folder / f"org__m{model}"
        place.mkdir(parents=True)
        right = generator.random((tasks, samples)) < 1 / (1 + np.exp(-(levels + donors[model])))[:, None]
        for task in range(tasks):
            path = place / f"samples_t{task}_{_DATE}.jsonl"
            path.write_text("".join(_line(task, n, bool(one)) for n, one in enumerate(right[task])), encoding="utf-8")
        head = {
            "results": {f"t{task}": {"acc,none": float(right[task].mean())} for task in range(tasks)},
            "n-samples": {f"t{task}": {"original": samples, "effective": samples} for task in range(tasks)},
            "config": {"model_args": {"pretrained": f"org/m{model}"}},
            "model_name": f"org/m{model}",
        }
        (place / f"results_{_DATE}.json").write_text(json.dumps(head), encoding="utf-8")
    return sum(path.stat().st_size for path in folder.rglob("*.jsonl"))


def _line(task: int, number: int, right: bool) -> str:
    """A line as lm-eval writes it."""
    prompt = f"{task} {number} " + "word " * (PROMPT // 5)
    codes = {
        name: hashlib.sha256(f"{name}{task} {number}".encode()).hexdigest() for name in ("doc", "prompt", "target")
    }
    gold = number % OPTIONS
    best = gold if right else (gold + 1) % OPTIONS
    pairs = [[str(-1.5 if option == best else -3.25), "False"] for option in range(OPTIONS)]
    line: dict[str, Any] = {
        "doc_id": number,
        "doc": {"question": prompt, "choices": [f"option {option}" for option in range(OPTIONS)], "answer": gold},
        "target": str(gold),
        "arguments": {f"gen_args_{n}": {"arg_0": prompt, "arg_1": f" option {n}"} for n in range(OPTIONS)},
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "metrics": ["acc"],
        **{f"{name}_hash": code for name, code in codes.items()},
        "acc": float(right),
    }
    return json.dumps(line) + "\n"


if __name__ == "__main__":
    main()
