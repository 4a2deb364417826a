"""What fine-tuning does to the bits per byte of plain texts."""

from dataclasses import replace

import numpy as np
import pandas as pd

from crosstask.analysis.forgetting.columns import TEXT_BITS
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.transfer import Transfer

LEAST = 2.0**-100
"""Probability per byte below which a text's is taken for this."""


def text_bits(transfer: Transfer, texts: tuple[str, ...]) -> pd.DataFrame:
    """Return the change of bits per byte on plain texts off the diagonal.

    A text's score is 2^-(bits per byte); the bits are paired text by text, and crossed with seeds, as gains are.

    Parameters
    ----------
    transfer : Transfer
        The matrix, which has a base.
    texts : tuple of str
        Targets that are plain texts.

    Returns
    -------
    DataFrame
        Columns ``TEXT_BITS``; without rows where the single texts are not known.
    """
    answers, alpha = transfer.answers_per_run, transfer.conventions.alpha
    known = [name for name in texts if answers and name in answers.targets]
    if answers is None or not known:
        return pd.DataFrame(columns=column_names(TEXT_BITS))
    bits = Answers({name: _in_bits(answers.targets[name]) for name in known})
    evidence = GainEvidence(means_of_answers(bits, transfer.matrix[known]), "base")
    means, rows = evidence.means, evidence.source_rows
    _, parts = evidence.cells()
    change = evidence.gains.to_numpy()
    columns = {
        "base": np.broadcast_to(means.mean[means.sources.index(BASE)], change.shape),
        "change": change,
        **parts.interval_and_test(change, alpha),
        "seeds": means.seeds[rows],
    }
    index = pd.MultiIndex.from_product([evidence.gains.index, known], names=["source", "target"])
    table = pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, index)
    counted = ~np.isnan(change) & ~transfer.home.loc[evidence.gains.index, known].to_numpy()
    table = table[counted.ravel()].reset_index()
    return with_discoveries(table, pd.Series("texts", table.index), alpha)[column_names(TEXT_BITS)]


def _in_bits(answers: TargetAnswers) -> TargetAnswers:
    """Scores of texts as bits per byte."""
    return replace(
        answers,
        scores=-np.log2(np.maximum(answers.scores, LEAST)),
        by_prompt=None if answers.by_prompt is None else -np.log2(np.maximum(answers.by_prompt, LEAST)),
    )
