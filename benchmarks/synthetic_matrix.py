"""The analysis of a matrix whose answers are drawn: the process that ``benchmarks.analysis`` measures."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from crosstask.analysis.answers import Answers, TargetAnswers
from crosstask.analysis.columns import BASE, CELLS, column_names
from crosstask.analysis.selection import Selection
from crosstask.report.analyze import analyze_runs
from crosstask.report.options import AnalysisOptions


def drawn_answers(tasks: int, seeds: int, examples: int) -> Answers:
    """Draw right and wrong answers of every source and seed, and of base, to every target."""
    generator = np.random.default_rng(0)
    sources = [name(place) for place in range(tasks)]
    rows = ((BASE, None), *((source, seed) for source in sources for seed in range(seeds)))
    ids = np.array([f"test-{place}" for place in range(examples)], dtype=object)
    donor = np.concatenate([[0.0], np.repeat(generator.normal(0, 0.5, tasks), seeds)])
    targets = {}
    for place in range(tasks):
        home = np.array([source == name(place) for source, *_ in rows])
        skill = donor + generator.normal(0, 0.2, len(rows)) + 2 * home
        difficulty = generator.standard_normal(examples, dtype=np.float32)
        noise = generator.standard_normal((len(rows), examples), dtype=np.float32)
        scores = (skill.astype(np.float32)[:, None] + noise > difficulty).astype(np.float32)
        targets[name(place)] = TargetAnswers(rows, ids, scores, {"0": examples // 2, "1": examples - examples // 2})
    return Answers(targets)


def cell_table(answers: Answers) -> pd.DataFrame:
    """Make the table of cells that the answers belong to."""
    rows = []
    for target, found in answers.targets.items():
        for (source, seed, *_), score in zip(found.rows, found.scores.mean(axis=1, dtype=float), strict=True):
            n = len(found.examples)
            known = {"score": score, "stderr": (score * (1 - score) / (n - 1)) ** 0.5, "n": n, "metrics": {}}
            names = {"run": f"{source}-{seed}", "source": source, "seed": seed, "target": target, "metric": "accuracy"}
            fixed = {"model": "m", "base": "b", "data": "d", "data_id": "d", "group": "g", "target_id": "t"}
            settings = {"settings": None if source == BASE else "s", "updated": "2026-01-01T00:00:00+00:00"}
            rows.append({**names, **fixed, **settings, **known})
    return pd.DataFrame(rows, columns=column_names(CELLS)).astype({"seed": "Int64", "n": "Int64"})


def name(place: int) -> str:
    """Return the name of a task."""
    return f"task_{place:03d}"


def main() -> None:
    """Draw, analyse, and print the seconds that the analysis took, figures and files included."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", type=int)
    parser.add_argument("seeds", type=int)
    parser.add_argument("examples", type=int)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    answers = drawn_answers(options.tasks, options.seeds, options.examples)
    cells = cell_table(answers)
    started = time.perf_counter(), time.process_time()
    with (options.output / "terminal.txt").open("w") as file:
        analyze_runs(cells, Selection(), AnalysisOptions(options.output), lambda _: answers, console=Console(file=file))
    print(json.dumps({"seconds": time.perf_counter() - started[0], "cpu": time.process_time() - started[1]}))


if __name__ == "__main__":
    main()
