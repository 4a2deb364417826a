"""One analysis: from the config to the report."""

from collections.abc import Iterable
from pathlib import Path

from crosstask import tracking
from crosstask.analysis.components import ComponentAnalysis
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
from crosstask.stored_rows import stored_rows
from crosstask.tracking import AnalysisReport, RunIdentity


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
    rows = list(_rows(runs))
    options = AnalysisOptions(
        output=Path(config.output),
        order=TaskOrder(tuple(analysis.order), homes(record for record, _ in rows)),
        traits=_trait_analysis(analysis),
    )
    if runs.kind is RunsKind.table:
        return analyze_scores(read_score_table(Path(runs.path or ""), options.traits.rows), options)
    selection = Selection(group=runs.group, model=runs.model, data=runs.data, source=runs.source, seed=runs.seed)
    return analyze_runs(cell_table(rows), selection, options)


def _rows(runs: Runs) -> Iterable[Row]:
    """Return the rows of the store or of W&B; none where scores come as a table."""
    if runs.kind is RunsKind.table:
        return []
    if runs.kind is RunsKind.local:
        return stored_rows(Store(runs.root))
    from crosstask.tracking.reading import Query, Reader

    query = Query(runs.project, runs.entity, runs.group, runs.source, runs.seed, runs.model, runs.data)
    reader = Reader(query, Path(runs.cache))
    rows = reader.rows()
    if runs.answers:
        print(f"answers of {len(rows)} rows: {reader.fetch_answers(record for record, _ in rows)}")
    return rows


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
        resamples=analysis.resamples,
        home=analysis.home.value,
        abilities={name: task["ability"] for name, task in task_files().items() if task.get("ability")},
    )
