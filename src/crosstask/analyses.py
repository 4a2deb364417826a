"""One analysis: from the config to the report."""

from pathlib import Path

from crosstask.analysis.components import ComponentAnalysis
from crosstask.analysis.published_table import read_score_table
from crosstask.analysis.selection import Selection
from crosstask.analysis.task_order import TaskOrder
from crosstask.analysis.trait_analysis import TraitAnalysis
from crosstask.cell_table import cell_table, homes
from crosstask.config import Analysis, AnalyzeConfig, RunsKind
from crosstask.registry import task_files
from crosstask.report.analyze import analyze_runs, analyze_scores
from crosstask.report.options import AnalysisOptions
from crosstask.store import Store


def analyze(config: AnalyzeConfig) -> None:
    """Read the runs, and write and print what they say."""
    runs, analysis = config.runs, config.analysis
    store = Store(runs.root)
    known_homes = homes(store) if runs.kind is RunsKind.local else {}
    options = AnalysisOptions(
        output=Path(config.output),
        order=TaskOrder(tuple(analysis.order), known_homes),
        traits=_trait_analysis(analysis),
    )
    if runs.kind is RunsKind.table:
        analyze_scores(read_score_table(Path(runs.path or ""), options.traits.rows), options)
        return
    selection = Selection(group=runs.group, model=runs.model, data=runs.data, source=runs.source, seed=runs.seed)
    analyze_runs(cell_table(store), selection, options)


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
