"""One analysis: from the config to the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from threadpoolctl import threadpool_limits

from crosstask import tracking
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.similarity.results import Surface
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.traits.components import ComponentAnalysis
from crosstask.analysis.traits.options import TraitAnalysis
from crosstask.config import Analysis, AnalyzeConfig, Runs, RunsKind
from crosstask.config.task_files import task_files
from crosstask.report.options import AnalysisOptions
from crosstask.report.report import Report, analyze_runs, analyze_scores
from crosstask.runs.adapter_similarity import adapter_similarities
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import Row, cell_table, homes
from crosstask.runs.profiles import profile_notes, profile_table
from crosstask.runs.published_table import read_score_table
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.tracking import AnalysisReport, RunIdentity


class _Origin(Protocol):
    """Where the rows of the matrix come from: the store, or W&B. Files are fetched first where need be."""

    def rows(self) -> list[Row]:
        """Return every row."""

    def fetch_answers(self, records: Iterable[dict[str, Any]]) -> Mapping[tuple[str, str], Path]:
        """Return the folder of each cell of rows, by run and target."""

    def fetch_profiles(self, records: Iterable[dict[str, Any]]) -> Iterable[Path]:
        """Return the files with what the data sets of rows look like."""

    def fetch_adapters(self, records: Iterable[dict[str, Any]]) -> Mapping[str, Path]:
        """Return the folder of each adapter."""


@dataclass(frozen=True)
class _Rows:
    """Rows of the matrix, and what lies behind chosen cells of it."""

    origin: _Origin
    rows: list[Row]
    adapters: bool
    """Whether the weights of adapters are looked at."""

    def answers(self, cells: pd.DataFrame, keys: tuple[str, ...]) -> Answers:
        """Return the answers of chosen cells."""
        return read_answers(self.origin.fetch_answers(self._records(cells)), cells, keys)

    def surface(self, cells: pd.DataFrame) -> Surface:
        """Return what the data sets and adapters of chosen cells look like."""
        records = self._records(cells)
        profiles = profile_table(records, self.origin.fetch_profiles(records))
        alike = None
        if self.adapters:
            alike = adapter_similarities(records, self.origin.fetch_adapters(records), homes(records))
        return Surface(profiles, alike, tuple(profile_notes(records)))

    def _records(self, cells: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the records of chosen cells."""
        chosen = set(cells["run"])
        return [record for record, _ in self.rows if record["run"] in chosen]


def analyze(config: AnalyzeConfig) -> None:
    """Read the runs, and write and print what they say; where it is asked for, W&B is told."""
    with threadpool_limits(1):  # matrices are small: threads would mostly wait, for each other and for other programs
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
    if runs.kind is RunsKind.table:
        options = _options(config, {})
        return analyze_scores(read_score_table(Path(runs.path or ""), options.traits.rows), options)
    origin = _origin(runs)
    found = _Rows(origin, _oldest_first(origin.rows()), analysis.adapters)
    options = _options(config, homes(record for record, _ in found.rows))
    keys = options.traits.rows
    selection = Selection(runs.group, runs.model, runs.data, runs.source, runs.seed, keys)
    answers = partial(found.answers, keys=keys)
    return analyze_runs(cell_table(found.rows, keys), selection, options, answers, found.surface)


def _oldest_first(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order in which they were written, wherever they are read."""
    return sorted(rows, key=lambda row: (row[0]["updated"], row[0]["run"]))


def _origin(runs: Runs) -> _Origin:
    """Return where the rows come from."""
    if runs.kind is RunsKind.local:
        return StoredRows(Store(runs.root))
    from crosstask.tracking.reading import Query, Reader

    query = Query(runs.project, runs.entity, runs.group, runs.source, runs.seed, runs.model, runs.data)
    return Reader(query, Path(runs.cache))


def _options(config: AnalyzeConfig, known_homes: Mapping[str, str]) -> AnalysisOptions:
    """What to compute and where to write it."""
    analysis = config.analysis
    return AnalysisOptions(
        output=Path(config.output),
        order=TaskOrder(tuple(analysis.order), known_homes),
        traits=_trait_analysis(analysis),
        formats=tuple(map(str, analysis.figures)),
        inference=Inference(alpha=analysis.alpha, resamples=analysis.resamples),
        renamings=analysis.renamings,
    )


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
