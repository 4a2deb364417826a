"""One analysis: from the config to the report."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from threadpoolctl import threadpool_limits

from crosstask.analysis import pipeline
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.behavior import BehaviorOf
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.transfer import DataSets, Transfer
from crosstask.commands.collection import collected_rarely
from crosstask.commands.conventions import conventions
from crosstask.commands.sections import OPTIONS, SECTIONS, AnalyzeConfig
from crosstask.config.analysis import RunsKind
from crosstask.report.options import ReportOptions
from crosstask.report.report import Report, report
from crosstask.runs.adapter_similarity import adapter_similarities
from crosstask.runs.answers import read_answers
from crosstask.runs.behavior import behavior_of
from crosstask.runs.cell_table import cell_table, homes
from crosstask.runs.evaluation_logs.reading import read_evaluation_logs
from crosstask.runs.external_rows import external_notes, named_apart
from crosstask.runs.features import kept_features
from crosstask.runs.profiles import profile_notes, profile_table
from crosstask.runs.score_tables.reading import read_score_table
from crosstask.storage.records import RunRecord, ScoredRun
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.tracked import tracked


class _Origin(Protocol):
    """Where the rows of the matrix come from: the store, or W&B. Files are fetched first where need be."""

    def rows(self) -> list[ScoredRun]:
        """Return every row."""

    def fetch_answers(self, records: Iterable[RunRecord]) -> Mapping[tuple[str, str], Path]:
        """Return the folder of each cell of rows, by run and target."""

    def fetch_profiles(self, records: Iterable[RunRecord]) -> Iterable[Path]:
        """Return the files with what the data sets of rows look like."""

    def fetch_features(self, records: Iterable[RunRecord]) -> Iterable[Path]:
        """Return the files with features of the examples of rows' data sets."""

    def fetch_adapters(self, records: Iterable[RunRecord]) -> Mapping[str, Path]:
        """Return the folder of each adapter."""


@dataclass(frozen=True)
class _Rows:
    """Rows of the matrix, and what lies behind chosen cells of it."""

    origin: _Origin
    rows: list[ScoredRun]
    homes: Mapping[str, str]
    """Source -> its own target."""

    def answers(self, cells: pd.DataFrame, prior_corrected: bool, keys: tuple[str, ...]) -> Answers:
        """Return the answers of chosen cells, on request what they are worth with the prior of the labels taken off."""
        return read_answers(self.origin.fetch_answers(self._records(cells)), cells, keys, prior_corrected)

    def behavior(self, cells: pd.DataFrame, keys: tuple[str, ...]) -> BehaviorOf:
        """Return what reads the answers of chosen cells in full, target by target."""
        return behavior_of(cache(partial(self.origin.fetch_answers, self._records(cells))), cells, keys)

    def data_sets(self, cells: pd.DataFrame, adapters: bool) -> DataSets:
        """Return what the data sets of chosen cells look like, and on request how similar the adapters are."""
        records = self._records(cells)
        profiles = profile_table(records, self.origin.fetch_profiles(records))
        similar = None
        if adapters:
            similar = adapter_similarities(records, self.origin.fetch_adapters(records), self.homes)
        features = kept_features(records, partial(self.origin.fetch_features, records))
        return DataSets(profiles, similar, (*profile_notes(records), *external_notes(records)), features)

    def _records(self, cells: pd.DataFrame) -> list[RunRecord]:
        """Return the records of chosen cells."""
        chosen = set(cells["run"])
        return [row.record for row in self.rows if row.record.run in chosen]


def analyze(config: AnalyzeConfig, command: Sequence[str] = ()) -> None:
    """Read the runs, write and print what they say; where it is asked for, log it to W&B, with the command."""
    # Matrices are small: threads would mostly wait, for each other and for other programs.
    with threadpool_limits(1), collected_rarely():
        found = _report(config)
    lines = {name: section.lines for name, section in found.analysis.findings.items()}
    logged = AnalysisReport(found.paths, found.analysis.notes, lines)
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
    transfer = _TRANSFERS.get(config.runs.kind, _of_runs)(config)
    found = pipeline.analyze(transfer, made_sections(analysis), _announce)
    if transfer.matrix.size >= pipeline.LARGE:
        _announce("tables and figures")
    return report(found, ReportOptions(Path(config.output), tuple(map(str, analysis.figures))))


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
    return pipeline.with_answers(transfer, logs.answers, logs.metrics)


_TRANSFERS = {RunsKind.table: _of_table, RunsKind.lm_eval: _of_logs, RunsKind.inspect: _of_logs}
"""What is read from elsewhere than the store or W&B."""


def _of_runs(config: AnalyzeConfig) -> Transfer:
    """Return the scores of chosen runs, with what lies behind them."""
    options: Any = config.analysis
    runs, origin = config.runs, _origin(config)
    rows, keys = named_apart(_oldest_first(origin.rows())), tuple(options.rows)
    cells = cell_table(rows, keys)
    shared = conventions(options, cells["source"], cells["target"], homes(row.record for row in rows))
    found = _Rows(origin, rows, shared.order.homes)
    return pipeline.transfer_of_runs(
        cells,
        Selection(runs.group, runs.model, runs.data, runs.source, runs.seed, keys),
        shared,
        partial(found.answers, keys=keys),
        partial(found.data_sets, adapters=options.similarity.adapters),
        partial(found.behavior, keys=keys),
    )


def _oldest_first(rows: Iterable[ScoredRun]) -> list[ScoredRun]:
    """Return rows in the order in which they were written, wherever they are read."""
    return sorted(rows, key=lambda row: (row.record.updated, row.record.run))


def _origin(config: AnalyzeConfig) -> _Origin:
    """Return where the rows come from."""
    runs = config.runs
    if runs.kind is RunsKind.local:
        return StoredRows(Store(config.store))
    from crosstask.tracking.reading import Query, Reader

    query = Query(runs.project, runs.entity, runs.group, runs.source, runs.seed, runs.model, runs.data)
    return Reader(query, Path(runs.cache))
