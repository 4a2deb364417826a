"""Intervals, tests and structure of the gain matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.gains.affinity import affinity
from crosstask.analysis.gains.asymmetry import asymmetry
from crosstask.analysis.gains.checks import (
    FurtherReferences,
    alarms,
    references,
    unknown_homes,
)
from crosstask.analysis.gains.clustering import clusters
from crosstask.analysis.gains.donors_recipients import donors, residuals, residuals_long
from crosstask.analysis.gains.effect_parts import EffectParts, effect_noise, effect_parts
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.indices import indices
from crosstask.analysis.gains.rates import rates
from crosstask.analysis.gains.score_intervals import matrix_long, score_limits
from crosstask.analysis.gains.shrinkage import best_sources
from crosstask.analysis.gains.suspicions import suspicions
from crosstask.analysis.gains.unchanged import alarm_lines
from crosstask.analysis.gains.unit_suspicions import unit_suspicions
from crosstask.analysis.matrix.additive_model import AdditiveModel
from crosstask.analysis.matrix.answers import runs_of
from crosstask.analysis.matrix.base_references import BaseReference
from crosstask.analysis.matrix.chance import chance_metrics, chance_scores
from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.pairwise import pairwise_note
from crosstask.analysis.matrix.reference_names import NAMES
from crosstask.analysis.matrix.score_table import score_table
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.matrix.stated_errors import doubtful_errors
from crosstask.analysis.matrix.strata import one_score_per_run
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError


@dataclass(frozen=True)
class GainTables:
    """Tables of one matrix; their columns are those of the same names in :mod:`crosstask.analysis.gains.columns`."""

    scores: pd.DataFrame
    """``SCORES`` with ``INTERVALS``."""
    matrix_long: pd.DataFrame
    gains_long: pd.DataFrame
    best_sources: pd.DataFrame
    """Columns ``BEST_SOURCES``."""
    references: pd.DataFrame
    alarms: pd.DataFrame
    alarm_lines: tuple[str, ...]
    """The same for a terminal, grouped."""
    donors: pd.DataFrame | None
    """None where donors and recipients cannot be told apart; a note says so."""
    residuals: pd.DataFrame | None
    residuals_long: pd.DataFrame | None
    asymmetry: pd.DataFrame
    indices: pd.DataFrame
    rates: pd.DataFrame
    clusters: pd.DataFrame
    affinity: pd.DataFrame
    notes: tuple[str, ...]
    """What the reader must know of donors and recipients, one line each."""


def gain_tables(transfer: Transfer, inference: Inference) -> GainTables:
    """Intervals, tests and structure of a matrix.

    Parameters
    ----------
    transfer : Transfer
        The matrix and what lies behind it.
    inference : Inference
        Level and resampling.

    Returns
    -------
    GainTables
        Missing cells are missing from every table; each table's columns say how it treats them.
    """
    order, answers, means = transfer.order, transfer.answers, transfer.means
    ceiling = transfer.ceilings_of(means.targets)
    evidence, home = transfer.evidence, transfer.home
    long_scores = matrix_long(means, ceiling, inference)
    model, notes = _additive(transfer)
    parts = effect_parts(evidence, model) if model else None
    noise = effect_noise(evidence, parts) if parts else None
    notes += _untested(parts, transfer.has_base)
    further = _further_references(transfer, inference)
    long_gains = gains_long(evidence, home, ceiling, chance_scores(answers) | dict(further.chance), inference, noise)
    long_gains = _without_ratios(long_gains, transfer)
    against = references(long_scores, answers, order, inference.alpha, further)
    other = NAMES[transfer.conventions.reference] if transfer.has_base else "the mean"
    doubts = alarms(
        long_gains,
        against,
        other,
        answers.refused if answers else None,
        transfer.unit,
        _of_input(transfer),
    )
    notes += pairwise_note("clusters, affinity" if answers is not None else "clusters", len(home), "sources")
    notes += pairwise_note("clusters", home.shape[1], "targets")
    replicates = evidence.draws(inference.resamples, inference.generator("replicates"))
    return GainTables(
        scores=_with_limits(transfer, inference),
        matrix_long=long_scores,
        gains_long=long_gains,
        best_sources=best_sources(long_gains),
        references=against,
        alarms=doubts,
        alarm_lines=tuple(alarm_lines(doubts, long_gains, other, transfer.unit)),
        donors=donors(evidence, parts, inference) if parts else None,
        residuals=residuals(evidence.gains, model) if model else None,
        residuals_long=residuals_long(evidence, parts, home, inference) if parts else None,
        asymmetry=asymmetry(evidence, order, inference),
        indices=_with_recipients(indices(evidence.gains, replicates, order, noise, inference), transfer.has_base),
        rates=rates(long_gains, pd.Series(transfer.ceilings), inference.alpha),
        clusters=clusters(evidence.gains, home, replicates),
        affinity=affinity(means, inference.alpha),
        notes=tuple(notes),
    )


def _without_ratios(long_gains: pd.DataFrame, transfer: Transfer) -> pd.DataFrame:
    """Gains without those over a base score that was below 0 as it was read, which would have the wrong sign."""
    if not transfer.has_base:
        return long_gains
    factors = transfer.scales.factors if transfer.scales else {}
    base = transfer.matrix.loc[BASE]
    below = [target for target, score in base.items() if score * factors.get(str(target), 1.0) < 0]
    return long_gains.assign(relative=long_gains["relative"].mask(long_gains["target"].isin(below)))


def _further_references(transfer: Transfer, inference: Inference) -> FurtherReferences:
    """What scores and answers do not tell of references."""
    others = [(known.name, _reference_scores(known, transfer, inference)) for known in transfer.base_references]
    factors = transfer.scales.factors if transfer.scales else {}
    chance = {target: value * factors.get(target, 1.0) for target, value in chance_metrics(transfer.metrics).items()}
    return FurtherReferences(others, chance, transfer.base_names)


def _reference_scores(reference: BaseReference, transfer: Transfer, inference: Inference) -> pd.DataFrame:
    """Scores of the base model under another condition with their intervals, columns ``MATRIX_LONG``."""
    scores = score_table(reference.cells, transfer.order, transfer.rows)
    of_base = replace(transfer, scores=scores, answers=reference.answers, metrics=None, base_references=())
    means = of_base.means
    return matrix_long(means, of_base.ceilings_of(means.targets), inference).assign(source=BASE)


def _with_recipients(table: pd.DataFrame, has_base: bool) -> pd.DataFrame:
    """Indices; without a base model there are no recipients."""
    return table if has_base else table[table["index"] != "recipients"]


def _of_input(transfer: Transfer) -> list[tuple[str, str, str]]:
    """Alarms on what was read: own tasks that only names suggest, standard errors that cannot be, and suspicions."""
    homes = {} if transfer.home.any(axis=None) else transfer.homes_by_name
    return [
        *unknown_homes(homes),
        *(_of_table(transfer) if transfer.answers is None else []),
    ]


def _of_table(transfer: Transfer) -> list[tuple[str, str, str]]:
    """Alarms on a table read from elsewhere."""
    scales, matrix, scores = transfer.scales, transfer.matrix, transfer.scores
    units: Mapping[str, ScoreUnit] = dict.fromkeys(transfer.ceilings, transfer.unit)
    if scales is not None:
        matrix, scores, units = scales.scores_as_read(matrix), scales.scores_as_read(scores), scales.units
    lower = scales.lower if scales else ()
    found = suspicions(transfer.scores_per_run, matrix, lower)
    return [*_doubtful(transfer), *found, *unit_suspicions(scores, units, {*transfer.stated, *lower})]


def _doubtful(transfer: Transfer) -> list[tuple[str, str, str]]:
    """Alarms on standard errors, of the targets of each unit together."""
    scores, best = transfer.scores, transfer.scores["target"].map(transfer.ceilings)
    return [alarm for ceiling, rows in scores.groupby(best, sort=False) for alarm in doubtful_errors(rows, ceiling)]


def _additive(transfer: Transfer) -> tuple[AdditiveModel | None, list[str]]:
    """The additive model of the gains off the diagonal, or the reason why there is none."""
    try:
        model = transfer.additive
    except UserError as error:
        return None, [f"no donors and recipients: {error}"]
    if not transfer.has_base:
        return model, [f"no recipients without a source {BASE!r}: gains over the mean of a target sum to 0"]
    return model, []


def _untested(parts: EffectParts | None, has_base: bool) -> list[str]:
    """A line where donors are tested and recipients, which are taken from the base model's scores, are not."""
    if parts is None or not has_base or np.isnan(parts.donors.standard_error).any():
        return []
    if not np.isnan(parts.recipients.standard_error).any():
        return []
    return [f"no recipient is tested: the error of {BASE!r} is not known, which takes n, stderr or several seeds"]


def _with_limits(transfer: Transfer, inference: Inference) -> pd.DataFrame:
    """The score table with an interval for each run: every run is taken for a source of its own."""
    scores, answers = transfer.scores, transfer.answers
    runs = runs_of(scores, [name for name in scores if name not in column_names(SCORES)])
    names = {run: str(number) for number, run in enumerate(dict.fromkeys(runs))}
    sources = pd.Series([names[run] for run in runs], scores.index)
    rows = pd.DataFrame(index=list(names.values()), columns=list(transfer.ceilings))
    ceiling = transfer.ceilings_of(rows.columns)
    if answers is None:
        single = one_score_per_run(scores.assign(source=sources, seed=pd.NA)[column_names(SCORES)])
        means = means_of_table(single, rows, ceiling)
    else:
        means = means_of_answers(answers.by_run(names), rows)
    limits = score_limits(means, ceiling, inference)
    at = rows.index.get_indexer(sources), rows.columns.get_indexer(scores["target"])
    return scores.assign(ci_low=limits[0][at], ci_high=limits[1][at])
