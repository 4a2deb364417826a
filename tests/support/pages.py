"""Small analyses with all that a page can show: scores, answers, labels, lengths and texts; names as one likes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crosstask.analysis import pipeline
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.answers import Answers, Run, TargetAnswers
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.texts import TargetTexts
from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.files.results import write_results
from crosstask.report.options import PageOptions, ReportOptions
from crosstask.report.page.page import page
from tests.simulation.closed_answers import behavior_of_logits
from tests.support.analyses import sections

N = 40
"""Test rows of a target."""
NAMES = ("gsm8k", "goat", "mnli_words", "imdb", "sst2")


@dataclass(frozen=True)
class Sweep:
    """What a matrix is drawn from."""

    sources: Sequence[str] = NAMES
    targets: Sequence[str] = NAMES
    seeds: int = 2
    labels: Sequence[str] = ("negative", "positive")
    """Of every other target; the others are open."""
    said: Sequence[str] = ("It is 4.", "It is 5.")
    """Texts that prompts, right answers and answers are made of, in turn."""
    abilities: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> list[Run]:
        """Base, then every source and seed."""
        return [(BASE, None), *((source, seed) for source in self.sources for seed in range(self.seeds))]

    def is_closed(self, target: str) -> bool:
        """Whether a target has labels."""
        return list(self.targets).index(target) % 2 == 0


def transfer_of(sweep: Sweep, with_texts: bool = True) -> Transfer:
    """Draw the matrix; sources gain on their own task and on the target beside it."""
    behaviors = {target: _behavior(sweep, target, place) for place, target in enumerate(sweep.targets)}
    rows = [
        (source, target, seed, found.scores[place].mean(), found.scores[place].std() / np.sqrt(N))
        for target, found in behaviors.items()
        for place, (source, seed) in enumerate(sweep.runs)
    ]
    scores = pd.DataFrame(rows, columns=["source", "target", "seed", "score", "stderr"])
    scores = scores.astype({"seed": "Int64"}).assign(metric="accuracy", n=pd.array([N] * len(rows), "Int64"))
    answers = {name: TargetAnswers(found.rows, found.examples, found.scores) for name, found in behaviors.items()}
    return Transfer(
        scores[["source", "target", "seed", "metric", "score", "stderr", "n"]],
        Conventions(TaskOrder(tuple(sweep.targets)), abilities=sweep.abilities),
        answers=Answers(answers),
        behavior=behaviors.get,
        texts=_texts(sweep) if with_texts else None,
        notes=(f"{len(sweep.runs)} runs of model tiny, data drawn",),
    )


def analysis_of(transfer: Transfer) -> Analysis:
    """What every section finds, with few draws."""
    return pipeline.analyze(transfer, sections())


def page_of(analysis: Analysis, folder: Path, formats: tuple[str, ...] = (), **options: Any) -> bytes:
    """The page of an analysis, after its files have been written to a folder."""
    paths = write_results(analysis, ReportOptions(folder, formats))
    pictures = {path.stem: path.read_bytes() for path in paths if path.suffix == ".svg"}
    return page(analysis, pictures, folder, PageOptions(**options))


def _behavior(sweep: Sweep, target: str, place: int) -> TargetBehavior:
    """The answers to one target."""
    generator = np.random.default_rng(place)
    gold = generator.integers(0, 2, N)
    logits = generator.normal(size=(N, 2)) + 0.3 * generator.normal(size=(len(sweep.runs), N, 2))
    for row, (source, _) in enumerate(sweep.runs):
        own = source != BASE and list(sweep.sources).index(source)
        skill = 0.3 if source == BASE else {0: 2.0, 1: 1.0}.get((place - own) % len(sweep.targets), -0.2)
        logits[row, np.arange(N), gold] += skill
    found = behavior_of_logits(sweep.runs, gold, logits)
    if sweep.is_closed(target):
        return TargetBehavior(**vars_of(found) | {"labels": tuple(sweep.labels)})
    lengths = {"words": generator.integers(3, 30, (len(sweep.runs), N)).astype(np.int32)}
    return TargetBehavior(
        found.rows,
        found.examples,
        found.scores,
        found.valid,
        cut=np.zeros(found.scores.shape, bool),
        lengths=lengths,
        gold_lengths={"words": np.full(N, 9, np.int32)},
    )


def vars_of(found: TargetBehavior) -> dict[str, Any]:
    """The fields of what was done on a target."""
    return {name: getattr(found, name) for name in TargetBehavior.__dataclass_fields__}


def _texts(sweep: Sweep) -> Callable[[str, Sequence[Run]], TargetTexts]:
    """Gives prompts and answers, made of what the sweep says."""

    def read(target: str, runs: Sequence[Run]) -> TargetTexts:
        said = sweep.said
        ids = [f"e{place}" for place in range(N)]
        prompts = {name: f"{said[place % len(said)]}\nanswer:" for place, name in enumerate(ids)}
        gold = {name: said[(place + 1) % len(said)] for place, name in enumerate(ids)}
        answers = [
            {name: said[(place + shift) % len(said)] for place, name in enumerate(ids)} for shift in range(len(runs))
        ]
        return TargetTexts(prompts, gold, tuple(answers))

    return read
