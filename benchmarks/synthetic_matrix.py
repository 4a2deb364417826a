"""A store whose answers and data sets are drawn, as large as one likes: what ``benchmarks.analysis`` analyses."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crosstask.config.job import BASE
from crosstask.data.examples import Example
from crosstask.features.surface import embedding_profile, profile
from crosstask.storage.cell_score import CellScore
from crosstask.storage.example_files import write_examples
from crosstask.storage.records import CellRef, RunRecord
from crosstask.storage.store import Store

WORDS, WORDS_A_ROW, ROWS, DIMENSIONS = 5000, 40, 100, 256
"""Of a data set: its vocabulary, the length of its rows, their number, and where a model sees it."""
TIME = "2026-01-01T00:00:00+00:00"


def main() -> None:
    """Fill a store with every source and seed, and base, on every target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", type=int)
    parser.add_argument("seeds", type=int)
    parser.add_argument("examples", type=int)
    parser.add_argument("store", type=Path)
    parser.add_argument(
        "--texts", action="store_true", help="keep prompts and answers, of every other target as labels"
    )
    options = parser.parse_args()
    store = Store(options.store)
    generator = np.random.default_rng(0)
    names = [f"task_{place:03d}" for place in range(options.tasks)]
    donors = generator.normal(0, 0.5, options.tasks)
    targets = Targets(names, generator.standard_normal((options.tasks, options.examples)), options.texts)
    write_profiles(store, names, generator)
    if options.texts:
        write_prompts(store, targets, generator)
    write_row(store, BASE, None, targets, 0.2 * generator.standard_normal(options.tasks), generator)
    for place, source in enumerate(names):
        for seed in range(options.seeds):
            skills = (
                donors[place]
                + 0.2 * generator.standard_normal(options.tasks)
                + 2.0 * (np.arange(options.tasks) == place)
            )
            write_row(store, source, seed, targets, skills, generator)


@dataclass(frozen=True)
class Targets:
    """The columns of the matrix."""

    names: list[str]
    difficulties: np.ndarray
    """Of shape (targets, examples)."""
    texts: bool = False
    """Whether prompts and answers are kept: those of every other target are labels with their log-probabilities."""

    def is_closed(self, target: str) -> bool:
        """Whether answers to a target are labels."""
        return self.names.index(target) % 2 == 0


def write_row(
    store: Store,
    source: str,
    seed: int | None,
    targets: Targets,
    skills: np.ndarray,
    generator: np.random.Generator,
) -> None:
    """Write a row's record and cells; an answer is right where skill and chance are more than difficulty."""
    run, difficulties = f"{source}-{seed}", targets.difficulties
    ids = pa.array([f"test-{place}" for place in range(difficulties.shape[1])])
    gold = pa.array([str(place % 2) for place in range(difficulties.shape[1])])
    right = skills[:, None] + generator.standard_normal(difficulties.shape) > difficulties
    for target, scores in zip(targets.names, right.astype(float), strict=True):
        folder = store.cell(CellRef(f"{run}-{target}", "s"))
        folder.mkdir(parents=True)
        said = answers(targets.is_closed(target), scores, generator) if targets.texts else {}
        pq.write_table(pa.table({"example": ids, "gold": gold, "score": scores, **said}), folder / "answers.parquet")
        labels = ("0", "1") if not targets.texts or targets.is_closed(target) else ()
        (folder / "score.json").write_text(json.dumps(score(target, scores, labels).to_json()))
    record = RunRecord(
        run=run,
        source=source,
        seed=seed,
        model="m",
        base="b",
        data="d",
        data_id="d",
        settings=None if seed is None else "s",
        group="g",
        adapter=None,
        updated=TIME,
        cells={target: CellRef(f"{run}-{target}", "s") for target in targets.names},
        home=() if seed is None else (source,),
        examples={target: f"examples-{target}" for target in targets.names} if targets.texts else {},
        profiles={
            "source": {} if seed is None else {source: f"source-{source}"},
            "target": {target: f"target-{target}" for target in targets.names},
        },
    )
    store.record(record)


def answers(closed: bool, scores: np.ndarray, generator: np.random.Generator) -> dict[str, pa.Array]:
    """Return what a model said: labels with their log-probabilities, or texts."""
    valid = pa.array([True] * len(scores))
    if not closed:
        texts = pa.array(sentences(len(scores), 25, generator))
        return {"valid": valid, "text": texts, "prediction": texts}
    labels = [str(place % 2 if right else 1 - place % 2) for place, right in enumerate(scores)]
    sure = -np.log1p(np.exp(-np.abs(generator.standard_normal(len(scores)))))
    unsure = np.log1p(-np.exp(sure))
    pairs = [[a, b] if label == "0" else [b, a] for label, a, b in zip(labels, sure, unsure, strict=True)]
    return {"valid": valid, "prediction": pa.array(labels), "log_probabilities": pa.array(pairs)}


def sentences(rows: int, words: int, generator: np.random.Generator) -> list[str]:
    """Return as many texts of as many words."""
    drawn = generator.integers(0, WORDS, (rows, words))
    return [" ".join(f"word{place}" for place in row) for row in drawn]


def write_prompts(store: Store, targets: Targets, generator: np.random.Generator) -> None:
    """Write the prompts of every target."""
    rows = targets.difficulties.shape[1]
    ids = [f"test-{place}" for place in range(rows)]
    for target in targets.names:
        name = f"examples-{target}"
        path = store.examples(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        gold = [str(place % 2) for place in range(rows)]
        prompts = sentences(rows, WORDS_A_ROW, generator)
        write_examples(path, name, pd.DataFrame({"example": ids, "prompt": prompts, "answer": gold}))


def score(target: str, scores: np.ndarray, labels: tuple[str, ...]) -> CellScore:
    """Return the score of a cell."""
    mean, n = float(scores.mean()), len(scores)
    shares = {f"predicted/{label}": 0.5 for label in labels}
    return CellScore(
        target=target,
        target_id="t",
        metric="accuracy",
        metrics={"score": mean, "stderr": (mean * (1 - mean) / (n - 1)) ** 0.5, "n": n, **shares},
        adapter=None,
        logit_difference=None,
        labels=labels,
    )


def write_profiles(store: Store, names: list[str], generator: np.random.Generator) -> None:
    """Write what the data sets of every source and target look like."""
    words = np.array(
        [f"word{place}" for place in range(WORDS)] + ["the", "a", "of", "to", "in", "is", "was", "it", "and"]
    )
    for role in ("source", "target"):
        for name in names:
            drawn = generator.choice(words, (ROWS, WORDS_A_ROW))
            lengths = generator.integers(5, WORDS_A_ROW, ROWS)
            rows = [
                Example(f"train-{place}", " ".join(row[:length]), str(place % 2))
                for place, (row, length) in enumerate(zip(drawn, lengths, strict=True))
            ]
            seen = embedding_profile(generator.standard_normal(DIMENSIONS))
            for path, frame in (
                (store.profile(f"{role}-{name}"), profile(rows, ["0", "1"])),
                (store.profile(f"{role}-{name}", "b"), seen),
            ):
                path.parent.mkdir(parents=True, exist_ok=True)
                pd.DataFrame(frame).to_parquet(path, index=False)


if __name__ == "__main__":
    main()
