"""Everything that is said about a matrix besides its scores and components: intervals, tests, structure."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.gains.additive_model import AdditiveModel, additive_model
from crosstask.analysis.gains.affinity import affinity
from crosstask.analysis.gains.alarms import alarms
from crosstask.analysis.gains.asymmetry import asymmetry
from crosstask.analysis.gains.clustering import clusters
from crosstask.analysis.gains.donors import donors
from crosstask.analysis.gains.gain_evidence import GainEvidence
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.indices import indices
from crosstask.analysis.gains.rates import rates
from crosstask.analysis.gains.references import chance_scores, references
from crosstask.analysis.gains.residuals import residuals, residuals_long
from crosstask.analysis.gains.score_intervals import matrix_long, score_limits
from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.matrix.strata import answers_per_run, one_score_per_run, strata
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import home_cells
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.paired_examples import means_of_answers
from crosstask.analysis.statistics.score_means import ScoreMeans
from crosstask.analysis.statistics.standard_errors import means_of_table
from crosstask.errors import UserError


@dataclass(frozen=True)
class MatrixStatistics:
    """Tables of one matrix; their columns are those of the same names in `crosstask.analysis.schema`."""

    scores: pd.DataFrame
    """``SCORES`` with ``INTERVALS``."""
    matrix_long: pd.DataFrame
    gains_long: pd.DataFrame
    references: pd.DataFrame
    alarms: pd.DataFrame
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
    """What the reader must know of the tests, one line each."""


def matrix_statistics(
    scores: pd.DataFrame,
    matrix: pd.DataFrame,
    answers: Answers | None,
    order: TaskOrder,
    ceiling: float,
    inference: Inference,
) -> MatrixStatistics:
    """Intervals, tests and structure of a matrix.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``, and perhaps those that rows tell apart besides.
    matrix : DataFrame, shape (n_sources, n_targets)
        Their means over seeds and strata, as from `transfer_matrix`. Without a base row, gains are over each target's
        mean.
    answers : Answers, optional
        The single answers behind the scores; without them errors are taken from the table, if it has them.
    order : TaskOrder
        Order of the tasks, and each source's home.
    ceiling : float
        Score of a perfect model, 1 or 100; NaN for scores without one.
    inference : Inference
        Level and resampling.

    Returns
    -------
    MatrixStatistics
        Missing cells are missing from every table; each table's columns say how it treats them.
    """
    means = _means(one_score_per_run(scores), matrix, answers_per_run(answers, strata(scores)), ceiling)
    evidence = GainEvidence(means, "base" if BASE in means.sources else "mean")
    home = home_cells(evidence.gains, order)
    long_scores = matrix_long(means, ceiling, inference)
    long_gains = gains_long(evidence, home, ceiling, chance_scores(answers), inference)
    against = references(long_scores, answers, order, inference.alpha)
    replicates = evidence.draws(inference.resamples, inference.generator("replicates"))
    model, notes = _additive(evidence, home)
    return MatrixStatistics(
        scores=_with_limits(scores, order, answers, ceiling, inference),
        matrix_long=long_scores,
        gains_long=long_gains,
        references=against,
        alarms=alarms(long_gains, against, evidence.over, answers.refused if answers else None),
        donors=donors(evidence, model, inference) if model else None,
        residuals=residuals(evidence.gains, model) if model else None,
        residuals_long=residuals_long(evidence, model, home, inference) if model else None,
        asymmetry=asymmetry(evidence, order, inference),
        indices=indices(evidence.gains, replicates, order, model, inference),
        rates=rates(long_gains, ceiling, inference.alpha),
        clusters=clusters(evidence.gains, home, replicates),
        affinity=affinity(means, inference.alpha),
        notes=(*_test_notes(long_gains, inference), *notes),
    )


def _means(scores: pd.DataFrame, matrix: pd.DataFrame, answers: Answers | None, ceiling: float) -> ScoreMeans:
    """Means with what is known of their errors."""
    if answers is None:
        return means_of_table(scores, matrix, ceiling)
    return means_of_answers(answers, matrix)


def _additive(evidence: GainEvidence, home: pd.DataFrame) -> tuple[AdditiveModel | None, list[str]]:
    """The additive model of the gains off home, or the reason why there is none."""
    try:
        model = additive_model((evidence.gains.notna() & ~home).to_numpy())
    except UserError as error:
        return None, [f"no donors and recipients: {error}"]
    if evidence.over == "mean":
        return model, ["gains over the mean of a target sum to 0: recipients only mirror what home gains"]
    return model, []


def _with_limits(
    scores: pd.DataFrame, order: TaskOrder, answers: Answers | None, ceiling: float, inference: Inference
) -> pd.DataFrame:
    """The score table with an interval for each run: every run is taken for a source of its own."""
    further = [name for name in scores if name not in column_names(SCORES)]
    parts = scores[["source", "seed", *further]].astype("string").fillna("")
    runs = parts["source"].str.cat(parts.drop(columns="source"), sep="\t")
    rows = pd.DataFrame(index=runs.unique(), columns=order.targets(scores["target"].unique()))
    single = one_score_per_run(scores.assign(source=runs, seed=pd.NA)[column_names(SCORES)])
    means = _means(single, rows, answers.by_run() if answers else None, ceiling)
    limits = score_limits(means, ceiling, inference)
    at = rows.index.get_indexer(runs), rows.columns.get_indexer(scores["target"])
    return scores.assign(ci_low=limits[0][at], ci_high=limits[1][at])


def _test_notes(gains: pd.DataFrame, inference: Inference) -> list[str]:
    """What was tested and how, and what was not."""
    off_home = gains[~gains["home"]]
    tested = off_home[off_home["p"].notna()]
    notes = []
    if tested.empty:
        return ["no gain can be tested: that takes answers, standard errors or n of the scores, or several seeds"]
    found = tested[tested["significant"]]
    notes.append(
        f"{len(found)} of {len(tested)} gains off home differ from 0 at a false discovery rate of {inference.alpha:g}:"
        f" {(found['gain'] > 0).sum()} up, {(found['gain'] < 0).sum()} down"
    )
    if len(tested) < len(off_home):
        notes.append(f"{len(off_home) - len(tested)} gains off home cannot be tested: their errors are not known")
    kinds = set(tested["test"])
    if kinds & {"mcnemar", "sign_flip", "unpaired_z"}:
        notes.append("with one seed, intervals and tests are for this one adapter, not for another training of it")
    if kinds & {"crossed_t", "unpaired_t"}:
        notes.append("the spread between seeds of each cell is moderated by that of all cells")
    if kinds & {"unpaired_z", "unpaired_t"}:
        notes.append("without answers no test can pair examples: errors of two scores are taken to be independent")
    if "seeds_t" in kinds:
        notes.append("without standard errors or n the tests know of seeds only, not of the choice of test rows")
    smallest = 1 / (inference.flips + 1)
    if "sign_flip" in kinds and smallest * len(tested) > inference.alpha:
        notes.append(
            f"sign-flip tests give no p below {smallest:.1g}: a lone effect among {len(tested)} cells is missed"
        )
    return notes
