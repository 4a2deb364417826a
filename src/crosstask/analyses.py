"""One analysis: from the config to the report."""

from functools import partial
from pathlib import Path

from crosstask.analysis.components import ComponentAnalysis
from crosstask.analysis.inference import Inference
from crosstask.analysis.published_table import read_score_table
from crosstask.analysis.selection import Selection
from crosstask.analysis.task_order import TaskOrder
from crosstask.cell_table import cell_table, homes
from crosstask.config import AnalyzeConfig, RunsKind
from crosstask.report.analyze import analyze_runs, analyze_scores
from crosstask.report.options import AnalysisOptions
from crosstask.store import Store
from crosstask.stored_answers import read_answers


def analyze(config: AnalyzeConfig) -> None:
    """Read the runs, and write and print what they say."""
    runs, analysis = config.runs, config.analysis
    store = Store(runs.root)
    known_homes = homes(store) if runs.kind is RunsKind.local else {}
    options = AnalysisOptions(
        output=Path(config.output),
        order=TaskOrder(tuple(analysis.order), known_homes),
        components=ComponentAnalysis(scale=analysis.scale.value, base=analysis.base.value),
        inference=Inference(alpha=analysis.alpha, resamples=analysis.resamples),
    )
    if runs.kind is RunsKind.table:
        analyze_scores(read_score_table(Path(runs.path or "")), options)
        return
    selection = Selection(group=runs.group, model=runs.model, data=runs.data, source=runs.source, seed=runs.seed)
    analyze_runs(cell_table(store), selection, options, partial(read_answers, store))
