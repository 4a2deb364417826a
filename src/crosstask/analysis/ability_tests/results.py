"""The two tests and the mean residual within each ability."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.ability_tests.columns import ABILITY_TESTS, WITHIN
from crosstask.analysis.ability_tests.declared import NONE, DeclaredAbilities, declared_abilities
from crosstask.analysis.ability_tests.relabeling import relabelings
from crosstask.analysis.ability_tests.statistics import gaining_within, going_together, target_correlations
from crosstask.analysis.matrix.additive_model import AdditiveModel, additive_model
from crosstask.analysis.matrix.even_residuals import even_residuals
from crosstask.analysis.matrix.response_fit import turns
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.multiple_testing import holm, with_discoveries
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer

TOGETHER, WITHIN_GAIN = "go together", "gain within"
_ROUNDING = 1e-9
"""Weights that are this small are rounding."""


@dataclass(frozen=True)
class AbilityTests:
    """What the declared abilities explain of a matrix beyond donors and recipients."""

    tests: pd.DataFrame
    """Columns ``ABILITY_TESTS``: two rows."""
    within: pd.DataFrame
    """Columns ``WITHIN``: a row per ability that has cells of its own off the diagonal."""


def ability_tests(transfer: Transfer, draws: int) -> AbilityTests:
    """Test whether the declared abilities are in the matrix.

    Parameters
    ----------
    transfer : Transfer
        The gains and the abilities of the tasks.
    draws : int
        Random relabelings.

    Raises
    ------
    UserError
        If donors and recipients cannot be told apart, so that there are no residuals.
    """
    alpha, taken = transfer.conventions.alpha, _taken(transfer)
    gains = transfer.gains[taken]
    model = additive_model((gains.notna() & ~transfer.home[taken]).to_numpy())
    declared = declared_abilities(gains, transfer.order, transfer.conventions.abilities)
    generator = Inference().generator("relabelings")
    tests = confirmation(gains.to_numpy(), model, declared, draws, alpha, generator)
    return AbilityTests(tests, _within(transfer, taken, model, declared))


def _taken(transfer: Transfer) -> NDArray[np.bool_]:
    """Sources that take part, (sources,): those with an ability, or all where none has one."""
    # A mixture gains on the tasks of all its parts, which is no transfer.
    single = ~transfer.gains.index.str.contains("+", regex=False)
    declared = declared_abilities(transfer.gains, transfer.order, transfer.conventions.abilities)
    known = single & (declared.of_sources != NONE)
    return np.asarray(known if known.any() else single)


def confirmation(
    gains: Array,
    model: AdditiveModel,
    declared: DeclaredAbilities,
    draws: int,
    alpha: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """The two tests, columns ``ABILITY_TESTS``.

    Both are of residuals with rows and columns at one spread, so that neither a violent adapter nor a target with
    large scores decides. With L the relabelings of the tasks, of which each source and target takes the ability of
    its task ::

        p  =  #{statistic of L >= that of the declared abilities} / #L

    Where it is about targets, abilities are assigned anew among these; where it is about gains of sources, among the
    tasks that are both, those that are targets alone, and those that are trained on alone. The same is asked where
    targets have bends.

    Parameters
    ----------
    gains : ndarray, shape (sources, targets)
        NaN where missing.
    model : AdditiveModel
        Says which cells are used.
    declared : DeclaredAbilities
        Abilities of the tasks, of at least one target.
    draws : int
        Random relabelings; all where there are no more.
    alpha : float
        A test is significant if its p, corrected by Holm's rule, is at most alpha.
    generator : Generator
        Source of randomness.
    """
    known = declared.of_targets != NONE
    counted = model.used & (declared.of_sources != NONE)[:, None] & known
    targets = relabelings(declared.labels[declared.of_targets[known]], draws, generator)
    tasks = relabelings(declared.labels, draws, generator, declared.strata)
    of_sources, of_targets = declared.sources_of(tasks.labels), declared.targets_of(tasks.labels)

    def statistics(bends: bool) -> tuple[Array, Array]:
        left = even_residuals(gains, model.used, bends=turns(*gains.shape) if bends else 0).values
        together = going_together(target_correlations(left, model.used)[np.ix_(known, known)], targets.labels)
        return together, gaining_within(np.where(counted, left, 0.0), counted, of_sources, of_targets)

    rows = []
    for name, values, bent, drawn in zip(
        (TOGETHER, WITHIN_GAIN), statistics(False), statistics(True), (targets, tasks), strict=True
    ):
        mean = float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")
        p, p_bends = drawn.p_value(values), drawn.p_value(bent)
        rows.append((name, values[0], mean, len(values), p, np.nan, p_bends, drawn.smallest_p, pd.NA))
    table = pd.DataFrame(rows, columns=column_names(ABILITY_TESTS))
    possible = table["p"].notna() & (table["smallest_p"] <= alpha)  # a question without an answer costs the other none
    table["p_adjusted"] = holm(table["p"].where(possible))
    answerable = holm(table["smallest_p"].where(possible)) <= alpha
    table["significant"] = (table["p_adjusted"] <= alpha).astype("boolean").mask(~answerable)
    return table


def _within(
    transfer: Transfer, rows_used: NDArray[np.bool_], model: AdditiveModel, declared: DeclaredAbilities
) -> pd.DataFrame:
    """Mean residual of each ability with interval and test, columns ``WITHIN``; ``model`` is of the rows used.

    A mean of residuals is a weighted sum of gains: with a the weights of the cells, 1 / n of n cells, those of the
    effects that are taken off go with the sums of a over a row, over a column and over all.
    """
    of_sources, of_targets = declared.sources_of(declared.labels), declared.targets_of(declared.labels)
    rows, weights = [], []
    for number, name in enumerate(declared.names):
        sources, targets = of_sources == number, of_targets == number
        cells = model.used & sources[:, None] & targets
        of_cells = np.zeros(transfer.gains.shape)
        if cells.any():
            of_cells[rows_used] = _of_residuals(cells / cells.sum(), model)
        if np.abs(of_cells).max() > _ROUNDING:  # residuals of all cells together are 0, whatever the gains
            weights.append(of_cells)
            rows.append((name, int(targets.sum()), int(sources.sum()), int(cells.sum())))
    table = pd.DataFrame(rows, columns=column_names(WITHIN)[:4])
    if not rows:
        return table.reindex(columns=column_names(WITHIN))
    gains = np.nan_to_num(transfer.gains.to_numpy())
    values = np.array([(of_cells * gains).sum() for of_cells in weights])
    parts = transfer.evidence.sums(np.stack(weights))
    table = table.assign(residual=values, **parts.interval_and_test(values, transfer.conventions.alpha))
    table = with_discoveries(table, pd.Series(0, table.index), transfer.conventions.alpha)
    return table[column_names(WITHIN)]


def _of_residuals(weights: Array, model: AdditiveModel) -> Array:
    """A weighted sum of residuals as one of gains, (sources, targets)."""
    over_targets, over_sources = weights.sum(axis=1)[None], weights.sum(axis=0)[None]
    effects = model.weights(weights.sum()[None], over_targets, over_sources)
    result: Array = weights - effects[0]
    return result
