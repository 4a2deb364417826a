"""Logs of lm-evaluation-harness and of Inspect -> scores, single answers and metrics for the analysis."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers, CellAnswers, paired_answers
from crosstask.analysis.matrix.columns import METRICS, REFUSED, SCORES
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.schema import BASE, column_names
from crosstask.config.analysis import Runs, RunsKind
from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.cell_metrics import cell_metrics, gold_counts
from crosstask.runs.evaluation_logs.chosen_runs import Cell, chosen_runs
from crosstask.runs.evaluation_logs.groups import columns, of_targets
from crosstask.runs.evaluation_logs.inspect_files import inspect_runs
from crosstask.runs.evaluation_logs.lm_eval_files import lm_eval_runs
from crosstask.runs.evaluation_logs.lm_eval_samples import BITS_PER_BYTE
from crosstask.runs.evaluation_logs.measures import ChosenMeasures, Wanted, chosen_measures
from crosstask.runs.evaluation_logs.names import require_known, row_names, sources_of
from crosstask.runs.evaluation_logs.shared_samples import compared
from crosstask.runs.evaluation_logs.task_run import Measure, TaskRun
from crosstask.runs.stated_units import named_targets, stated_units

READERS: Mapping[RunsKind, Callable[[Path], tuple[list[TaskRun], list[str]]]] = {
    RunsKind.lm_eval: lm_eval_runs,
    RunsKind.inspect: inspect_runs,
}
_WITHOUT = "these logs have neither training data nor adapters: no similarity of them, no search for leaks"
_TYPES = {"seed": "Int64", "metric": "str", "score": "float64", "stderr": "float64", "n": "Int64"}


@dataclass(frozen=True)
class EvaluationLogs:
    """What logs say of some models on some tasks."""

    scores: pd.DataFrame
    """Columns ``SCORES``: means over the samples that are compared, with the standard error over these."""
    answers: Answers
    """What each of these samples is worth, as it stands; and the cells that were left out, with the reason."""
    metrics: pd.DataFrame
    """Columns ``METRICS``."""
    units: Mapping[str, ScoreUnit]
    """Unit of those targets of which an option states it."""
    lower: tuple[str, ...]
    """Targets of which less is better."""
    notes: tuple[str, ...]
    """What the reader must know of how the logs were read, one line each."""


def read_evaluation_logs(options: Runs) -> EvaluationLogs:
    """Read every log in a folder.

    Parameters
    ----------
    options : Runs
        ``kind``: whose logs; ``path``: their folder. ``metric``, ``filter`` and ``targets`` choose, ``base`` and
        ``sources`` say what the models are, ``coverage`` how many samples a model must share.

    Raises
    ------
    UserError
        If there are no logs, one is damaged, runs of one model contradict each other, or an option names what is not
        there.
    """
    runs, of_files = READERS[options.kind](Path(options.path or ""))
    rows = row_names(runs)
    cells, of_runs = chosen_runs(of_targets(runs, options.targets))
    tasks, of_columns = columns(cells, options.targets)
    chosen = chosen_measures(tasks, Wanted(options.metric, options.filter))
    measures = chosen.measures
    if not measures:
        raise UserError(f"runs.path={options.path}: no task has a score that is a mean over samples; {chosen.notes[0]}")
    sources, of_seeds = _sources(list(dict.fromkeys(rows.values())), options)
    by_column = {task: {rows[cell.run.who]: cell for cell in tasks[task]} for task in measures}
    found = _compared(by_column, chosen, sources, options.coverage)
    scores = pd.DataFrame(found.scores, columns=column_names(SCORES)).astype(_TYPES)
    of_tool = (task for task, measure in measures.items() if _is_lower(tasks[task], measure))
    stated = (task for name in options.lower for task in named_targets("runs.lower", name, scores))
    return EvaluationLogs(
        scores=scores,
        answers=found.answers,
        metrics=pd.DataFrame(found.metrics, columns=column_names(METRICS)).astype(
            {"seed": "Int64", "value": "float64"}
        ),
        units=stated_units(options.units or {}, scores),
        lower=tuple(dict.fromkeys([*of_tool, *stated])),
        notes=(*of_files, *of_runs, *of_columns, *chosen.notes, *of_seeds, *found.notes, _WITHOUT),
    )


def _sources(rows: Sequence[str], options: Runs) -> tuple[dict[str, tuple[str, int | None]], list[str]]:
    """Source and seed of each row; the base model is named."""
    given = dict(options.sources or {})
    if options.base is not None:
        require_known("runs.base", options.base, rows, "model")
        if BASE in rows and options.base != BASE:
            raise UserError(f"runs.base={options.base}: there is a model {BASE} as well")
        given[options.base] = BASE
    sources, notes = sources_of(rows, given)
    if sum(source == BASE for source, _ in sources.values()) > 1:
        raise UserError(f"runs.sources: only one model can be {BASE}")
    return sources, notes


def _is_lower(cells: Sequence[Cell], measure: Measure) -> bool:
    """Whether less is better; texts are scored by a probability, of which it is not."""
    return measure.metric != BITS_PER_BYTE and any(measure.metric in cell.run.lower for cell in cells)


@dataclass(frozen=True)
class _Found:
    """Rows of the tables, and the answers."""

    scores: Sequence[tuple[object, ...]]
    metrics: Sequence[tuple[object, ...]]
    answers: Answers
    notes: Sequence[str]


def _compared(
    tasks: Mapping[str, Mapping[str, Cell]],
    chosen: ChosenMeasures,
    sources: Mapping[str, tuple[str, int | None]],
    coverage: float,
) -> _Found:
    """Every cell on the samples that the models of its task share."""
    base = next((row for row, (source, _) in sources.items() if source == BASE), None)
    scores, metrics, answers, refused = [], [], [], []
    notes: list[str] = []
    gold: dict[str, Mapping[str, int]] = {}
    for task, cells in tasks.items():
        measure = chosen.measures[task]
        flaws = {
            row: chosen.flaws[task, cell.run.who] for row, cell in cells.items() if (task, cell.run.who) in chosen.flaws
        }
        whole = {row: cell for row, cell in cells.items() if row not in flaws}
        shared = compared(task, whole, measure, base, coverage)
        notes += shared.notes
        left_out = {**flaws, **shared.refused}
        refused += [(sources[row][0], task, sources[row][1], reason) for row, reason in left_out.items()]
        for row, places in shared.places.items():
            source, seed = sources[row]
            worth = cells[row].samples.values[measure][places]
            score, n = float(worth.mean()), len(worth)
            stderr = float(worth.std(ddof=1)) / n**0.5 if n > 1 else np.nan
            scores.append((source, task, seed, str(measure), score, stderr, n))
            of_cell = {"score": score, "stderr": stderr, "n": n} | cell_metrics(cells[row], measure, places)
            metrics += [(source, task, seed, name, value) for name, value in sorted(of_cell.items())]
            answers.append(CellAnswers(source, task, seed, shared.examples, worth))
            gold.setdefault(task, gold_counts(cells[row].samples.classes.get(measure), places))
    table = pd.DataFrame(refused, columns=column_names(REFUSED)).astype({"seed": "Int64"})
    return _Found(scores, metrics, Answers(paired_answers(answers, gold).targets, table), notes)
