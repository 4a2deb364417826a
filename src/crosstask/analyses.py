"""One analysis: from the config to the report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask import tracking
from crosstask.analysis.answers import Answers
from crosstask.analysis.components import ComponentAnalysis
from crosstask.analysis.inference import Inference
from crosstask.analysis.published_table import read_score_table
from crosstask.analysis.selection import Selection
from crosstask.analysis.task_order import TaskOrder
from crosstask.analysis.trait_analysis import TraitAnalysis
from crosstask.cell_table import Row, cell_table, homes
from crosstask.config import Analysis, AnalyzeConfig, Runs, RunsKind
from crosstask.registry import task_files
from crosstask.report.analyze import Report, analyze_runs, analyze_scores
from crosstask.report.options import AnalysisOptions
from crosstask.store import Store
from crosstask.stored_answers import read_answers
from crosstask.stored_rows import cell_folders, stored_rows
from crosstask.tracking import AnalysisReport, RunIdentity


@dataclass(frozen=True)
class _Found:
    """Rows of the matrix, and where their answers are."""

    rows: list[Row] = field(default_factory=list)
    folders: Callable[[list[dict[str, Any]]], dict[tuple[str, str], Path]] = lambda _: {}
    """From records to the folder of each cell, by run and target; may have to fetch them."""

    def answers(self, cells: pd.DataFrame, keys: tuple[str, ...]) -> Answers:
        """Return the answers of chosen cells."""
        chosen = set(cells["run"])
        return read_answers(self.folders([record for record, _ in self.rows if record["run"] in chosen]), cells, keys)


def analyze(config: AnalyzeConfig) -> None:
    """Read the runs, and write and print what they say; where it is asked for, W&B is told."""
    report = _report(config)
    told = AnalysisReport(report.paths, report.notes)
    runs = config.runs
    identity = RunIdentity(
        id=f"analysis-{told.id}",
        name=f"analysis of {config.tracking.group or runs.group or runs.kind}",
        group=config.tracking.group or runs.group,
        kind="analyze",
        config={
            f"{part}.{key}": value
            for part in ("runs", "analysis")
            for key, value in vars(getattr(config, part)).items()
        },
    )
    with tracking.tracked(config.tracking, Path(config.output), identity, None) as tracker:
        tracker.tell(told)


def _report(config: AnalyzeConfig) -> Report:
    """Read, compute, write and print."""
    runs, analysis = config.runs, config.analysis
    found = _found(runs)
    options = AnalysisOptions(
        output=Path(config.output),
        order=TaskOrder(tuple(analysis.order), homes(record for record, _ in found.rows)),
        traits=_trait_analysis(analysis),
        inference=Inference(alpha=analysis.alpha, resamples=analysis.resamples),
    )
    keys = options.traits.rows
    if runs.kind is RunsKind.table:
        return analyze_scores(read_score_table(Path(runs.path or ""), keys), options)
    selection = Selection(runs.group, runs.model, runs.data, runs.source, runs.seed, keys)
    return analyze_runs(cell_table(found.rows, keys), selection, options, partial(found.answers, keys=keys))


def _found(runs: Runs) -> _Found:
    """Return the rows of the store or of W&B; none where scores come as a table."""
    if runs.kind is RunsKind.table:
        return _Found()
    if runs.kind is RunsKind.local:
        store = Store(runs.root)
        return _Found(list(stored_rows(store)), partial(cell_folders, store))
    from crosstask.tracking.reading import Query, Reader

    query = Query(runs.project, runs.entity, runs.group, runs.source, runs.seed, runs.model, runs.data)
    reader = Reader(query, Path(runs.cache))
    return _Found(reader.rows(), reader.fetch_answers)


def _trait_analysis(analysis: Analysis) -> TraitAnalysis:
    """How latent traits are looked for; a task's ability is what its file says."""
    return TraitAnalysis(
        components=ComponentAnalysis(
            scale=analysis.scale.value,
            base=analysis.base.value,
            missing=analysis.missing.value,
            ceiling=analysis.ceiling,
        ),
        rows=tuple(analysis.rows),
        method=analysis.method.value,
        rotation=analysis.rotation.value,
        extraction=analysis.extraction.value,
        count=analysis.count,
        noise_draws=analysis.noise_draws,
        resamples=analysis.trait_resamples,
        home=analysis.home.value,
        abilities={name: task["ability"] for name, task in task_files().items() if task.get("ability")},
    )
