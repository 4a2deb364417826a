"""Asymmetry of transfer: what each task gives to another, compared with what it gets back."""

from dataclasses import fields

import numpy as np
import pandas as pd

from crosstask.analysis.gains.structure_columns import ASYMMETRY
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.statistics.variance_parts import VarianceParts, pooled_df


def common_tasks(gains: pd.DataFrame, order: TaskOrder) -> list[tuple[str, str]]:
    """Target and source of each task that is both; not tasks that several sources are trained on.

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        Only the names are read.
    order : TaskOrder
        Knows each source's own task.

    Examples
    --------
    >>> gains = pd.DataFrame(0.0, ["metamath", "imdb"], ["gsm8k", "imdb", "goat"])
    >>> common_tasks(gains, TaskOrder(homes={"metamath": "gsm8k"}))
    [('gsm8k', 'metamath'), ('imdb', 'imdb')]
    """
    sources_of = {target: [s for s in gains.index if order.home(str(s)) == target] for target in gains.columns}
    return [(target, sources[0]) for target, sources in sources_of.items() if len(sources) == 1]


def asymmetry(evidence: GainEvidence, order: TaskOrder, inference: Inference) -> pd.DataFrame:
    """Asymmetry of each pair of tasks with its interval.

    It is the antisymmetric part of the matrix T of gains between tasks ::

        A  =  (T - T') / 2,      var(A[i, j])  =  (var(T[i, j]) + var(T[j, i])) / 4

    The two gains are of different sources on different targets, so their errors are independent; their degrees of
    freedom are pooled by `pooled_df`.

    Parameters
    ----------
    evidence : GainEvidence
        Gains and what is known of their errors.
    order : TaskOrder
        Knows each source's own task.
    inference : Inference
        Level.

    Returns
    -------
    DataFrame
        Columns ``ASYMMETRY``; pairs without a gain in either direction are left out. The interval of 0/1 scores has
        the middle that `GainEvidence.cells` has, which need not be the asymmetry itself.
    """
    gains = evidence.gains
    tasks = common_tasks(gains, order)
    first, second = np.triu_indices(len(tasks), 1)  # each pair once, without the diagonal
    columns = gains.columns.get_indexer([target for target, _ in tasks])
    rows = gains.index.get_indexer([source for _, source in tasks])
    forward, backward = (rows[first], columns[second]), (rows[second], columns[first])
    # The table shows the gains; interval and test are around the middles, which for 0/1 scores are adjusted.
    middle, parts = evidence.cells()
    values, middles = gains.to_numpy(), middle.to_numpy()
    center, parts_of_half = (middles[forward] - middles[backward]) / 2, _half_difference(parts, forward, backward)
    table = pd.DataFrame(
        {
            "first": [tasks[place][0] for place in first],
            "second": [tasks[place][0] for place in second],
            "forward": values[forward],
            "backward": values[backward],
            "asymmetry": (values[forward] - values[backward]) / 2,
            **parts_of_half.interval_and_test(center, inference.alpha),
        }
    )
    table = table[table["asymmetry"].notna()].reset_index(drop=True)
    return with_discoveries(table, pd.Series(0, table.index), inference.alpha)[column_names(ASYMMETRY)]


def _half_difference(parts: VarianceParts, *cells: tuple[np.ndarray, np.ndarray]) -> VarianceParts:
    """Parts of the variance of half the difference of two independent gains."""
    seeds, interaction, examples, seeds_df, examples_df, per_answer, prompts, prompts_df = (
        np.stack([getattr(parts, field.name)[cell] for cell in cells]) for field in fields(parts)
    )
    return VarianceParts(
        seeds.sum(axis=0) / 4,  # the factor 1 / 2 of the difference, squared
        interaction.sum(axis=0) / 4,
        examples.sum(axis=0) / 4,
        pooled_df(seeds, seeds_df, axis=0),
        pooled_df(examples, examples_df, axis=0),
        per_answer.sum(axis=0) / 4,
        prompts.sum(axis=0) / 4,
        pooled_df(prompts, prompts_df, axis=0),
    )
