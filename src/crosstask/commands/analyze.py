"""One analysis: from the config to the report."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from crosstask.analysis import pipeline
from crosstask.analysis.changed.shown import chosen_cell
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted
from crosstask.commands.collection import collected_rarely
from crosstask.commands.conventions import conventions
from crosstask.commands.gate import PASSED, verdict
from crosstask.commands.matrix_rows import MatrixRows, Origin
from crosstask.commands.sections import OPTIONS, SECTIONS, AnalyzeConfig
from crosstask.config.analysis import RunsKind
from crosstask.config.job import TrackingMode
from crosstask.config.variant import VARIANT
from crosstask.report.options import PageOptions, ReportOptions
from crosstask.report.page.other_gains import read_other
from crosstask.report.report import Report, report
from crosstask.runs.cell_table import cell_table, homes
from crosstask.runs.evaluation_logs.reading import read_evaluation_logs
from crosstask.runs.external_rows import named_apart
from crosstask.runs.score_tables.reading import read_score_table
from crosstask.runs.variant_rows import with_variants, without_variants
from crosstask.storage.rows import StoredRows
from crosstask.storage.scored_run import ScoredRun
from crosstask.storage.store import Store
from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.tracked import tracked


def analyze(config: AnalyzeConfig, command: Sequence[str] = ()) -> int:
    """Read the runs, write and print what they say; where it is asked for, log it to W&B, with the command.

    Returns the exit status that the gate asks for, 0 without one.
    """
    # Matrices are small: threads would mostly wait, for each other and for other programs.
    with threadpool_limits(1), collected_rarely():
        found = _report(config)
    lines = {name: section.lines for name, section in found.analysis.findings.items()}
    left_out = (".md", ".html")  # those have texts of examples; the page goes as tracking.texts says
    paths = tuple(path for path in found.paths if path.suffix not in left_out)
    logged = AnalysisReport(paths, found.analysis.notes, lines, _page_for(config, found))
    runs = config.runs
    identity = RunIdentity(
        id=f"analysis-{logged.id}",
        name=f"analysis of {config.tracking.group or runs.group or runs.kind}",
        group=config.tracking.group or runs.group,
        kind="analyze",
        config={**_flat("runs", runs), **_flat("analysis", config.analysis)},
        command=tuple(command),
    )
    with tracked(config.tracking, Path(config.output), identity, None) as tracker:
        tracker.log_report(logged)
    return _gated(config, found.analysis)


def _page_for(config: AnalyzeConfig, found: Report) -> bytes | None:
    """Return the page as W&B may have it; None where there is none."""
    page, tracking = found.options.page, config.tracking
    if page is None or tracking.mode is TrackingMode.disabled:
        return None
    return found.page(replace(page, texts=page.texts and tracking.texts))


def _gated(config: AnalyzeConfig, analysis: pipeline.Analysis) -> int:
    """Print whether sources keep as much as the gate asks for; returns the exit status that says so."""
    if config.gate.kept is None:
        return PASSED
    tables = analysis.findings["forgetting"].tables
    kept = next((table.frame for table in tables if table.schema.name == "kept"), None)
    status, lines = verdict(kept, config.gate.kept)
    print(*lines, sep="\n")
    return status


def made_sections(analysis: Any) -> dict[str, Any]:
    """Return every section, made of its options; this imports what they compute with.

    Parameters
    ----------
    analysis : Analysis
        The options of all.

    Returns
    -------
    dict of str to Section
        By name, in order; see :class:`crosstask.analysis.pipeline.Section`.
    """
    modules = {name: import_module(f"crosstask.analysis.{name}.section") for name in SECTIONS}
    return {name: module.Section(getattr(analysis, name, None) or OPTIONS[name]()) for name, module in modules.items()}


def _flat(name: str, part: Any) -> dict[str, Any]:
    """Return a part of the config as flat columns, such as ``analysis.traits.scale``."""
    columns: dict[str, Any] = {}
    for key, value in vars(part).items():
        inner = hasattr(value, "__dataclass_fields__")
        columns |= _flat(f"{name}.{key}", value) if inner else {f"{name}.{key}": value}
    return columns


def _report(config: AnalyzeConfig) -> Report:
    """Read, compute, write and print."""
    analysis: Any = config.analysis
    page = _page_options(config)
    transfer = _TRANSFERS.get(config.runs.kind, _of_runs)(config)
    if analysis.changed.show is not None:  # a name that is mistyped is answered before anything is computed
        chosen_cell(analysis.changed.show, transfer.scores["source"], transfer.scores["target"])
    found = pipeline.analyze(transfer, made_sections(analysis), _announce)
    if transfer.matrix.size >= pipeline.LARGE:
        _announce("tables and figures")
    return report(found, ReportOptions(Path(config.output), tuple(map(str, analysis.figures)), page))


def _page_options(config: AnalyzeConfig) -> PageOptions | None:
    """Return what the page shows; an analysis that it is to be held against is looked for before anything is read."""
    options = config.report
    if not options.html:
        return None
    compare = None if options.compare is None else Path(options.compare)
    if compare is not None:
        read_other(compare)
    return PageOptions(options.texts, compare)


def _announce(step: str) -> None:
    """Say what comes next; not on standard output, which has the findings."""
    print(f"{step} ...", file=sys.stderr, flush=True)


def _of_table(config: Any) -> Transfer:
    """Return the scores of a table."""
    table = read_score_table(config.runs, tuple(config.analysis.rows))
    shared = conventions(config.analysis, table.scores["source"], table.scores["target"])
    return pipeline.transfer_of_scores(table.scores, shared, table.units, table.lower, table.notes)


def _of_logs(config: Any) -> Transfer:
    """Return the scores and answers of logs that another tool wrote."""
    logs = read_evaluation_logs(config.runs)
    shared = conventions(config.analysis, logs.scores["source"], logs.scores["target"])
    transfer = pipeline.transfer_of_scores(logs.scores, shared, logs.units, logs.lower, logs.notes)
    models = counted(len(logs.scores[["source", "seed"]].drop_duplicates()), "evaluated model")
    runs = f"logs of {models} ({config.runs.kind})"
    return replace(pipeline.with_answers(transfer, logs.answers, logs.metrics), runs=runs)


_TRANSFERS = {RunsKind.table: _of_table, RunsKind.lm_eval: _of_logs, RunsKind.inspect: _of_logs}
"""What is read from elsewhere than the store or W&B."""


def _of_runs(config: AnalyzeConfig) -> Transfer:
    """Return the scores of chosen runs, with what lies behind them."""
    options: Any = config.analysis
    runs, origin = config.runs, _origin(config)
    every, keys = named_apart(_oldest_first(origin.rows())), tuple(name for name in options.rows if name != VARIANT)
    rows = with_variants(every) if VARIANT in options.rows else without_variants(every)
    cells = cell_table(rows, keys)
    shared = conventions(options, cells["source"], cells["target"], homes(row.record for row in rows))
    shared = replace(shared, rows=keys)
    found = MatrixRows(origin, rows, shared.order.homes)
    choose = Selection(runs.group, runs.model, runs.data, runs.source, runs.seed, keys)
    transfer = pipeline.transfer_of_runs(
        cells,
        choose,
        shared,
        partial(found.answers, keys=keys),
        partial(found.data_sets, adapters=options.similarity.adapters),
        partial(found.behavior, keys=keys),
    )
    kept = cache(lambda: choose(cells).cells)
    return replace(transfer, texts=found.texts(kept, keys), interventions=found.interventions(kept(), every))


def _oldest_first(rows: Iterable[ScoredRun]) -> list[ScoredRun]:
    """Return rows in the order in which they were written, wherever they are read."""
    return sorted(rows, key=lambda row: (row.record.updated, row.record.run))


def _origin(config: AnalyzeConfig) -> Origin:
    """Return where the rows come from."""
    runs = config.runs
    if runs.kind is RunsKind.local:
        return StoredRows(Store(config.store))
    from crosstask.tracking.reading import Query, Reader

    options: Any = config.analysis
    source = None if VARIANT in options.rows else runs.source  # which names a row, imdb (wrong_labels)
    query = Query(runs.project, runs.entity, runs.group, source, runs.seed, runs.model, runs.data)
    return Reader(query, Path(runs.cache))
