"""Properties of the data of sources and of targets, from their profiles and from the features of their examples.

::

    class_entropy   =  - sum over labels of share log2 share                                            bits
    prompt_length, answer_length  =  mean over rows of log(1 + characters)
    distinct_words  =  sum over words w of  1 - C(N - n[w], 1000) / C(N, 1000)

the last being how many of 1,000 words drawn from all N words of a data set are different: how often words recur, for
data sets of every size (rarefaction: Hurlbert 1971, "The nonconcept of species diversity", doi:10.2307/1934145; as
HD-D: McCarthy and Jarvis 2007).
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.special import gammaln

from crosstask.analysis.matrix.example_features import KeptFeatures
from crosstask.analysis.statistics.variance_parts import Array

DRAWN = 1000
"""Words behind distinct_words; not defined for a data set with fewer."""
MEANS = ("reading_ease", "moving_type_token")
"""Features of examples whose mean is one of the data set: readability, and lexical diversity within a text."""


def data_set_features(
    profiles: pd.DataFrame, kept: KeptFeatures | None, role: str, names: Sequence[str]
) -> pd.DataFrame:
    """Properties of the data sets of one role, (names, features); NaN where one is not defined or not known.

    Parameters
    ----------
    profiles : DataFrame
        Columns ``PROFILES``.
    kept : KeptFeatures, optional
        Features of examples.
    role : {"source", "target"}
        Training or test rows.
    names : sequence of str
        The sources or targets.
    """
    rows = profiles[(profiles["role"] == role) & profiles["name"].isin(names)] if len(profiles) else profiles
    columns = {}
    if len(rows):
        by_kind = dict(list(rows.groupby("kind", sort=False)))
        columns = {
            "class_entropy": _of_each(by_kind.get("label"), _entropy),
            "prompt_length": _of_each(by_kind.get("prompt_length"), _mean_log),
            "answer_length": _of_each(by_kind.get("answer_length"), _mean_log),
            "distinct_words": _of_each(by_kind.get("word"), _distinct),
        }
    found = pd.DataFrame(columns, index=pd.Index(list(names)), dtype=float)
    return found.join(_means(kept, role, names)) if kept is not None else found


def _of_each(rows: pd.DataFrame | None, measure: Callable[[Array], float]) -> pd.Series:
    """A measure of the values of each data set."""
    if rows is None:
        return pd.Series(dtype=float)
    return pd.Series({str(name): measure(values.to_numpy(float)) for name, values in rows.groupby("name")["value"]})


def _entropy(shares: Array) -> float:
    """Entropy in bits."""
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum()) + 0.0


def _mean_log(lengths: Array) -> float:
    """Mean logarithm of lengths."""
    return float(np.log1p(lengths).mean())


def _distinct(counts: Array) -> float:
    """Different words expected among `DRAWN`; NaN for a data set with fewer words."""
    total = counts.sum()
    if total < DRAWN:
        return float("nan")
    others = total - counts
    possible = others >= DRAWN
    log_share = gammaln(others[possible] + 1) - gammaln(others[possible] - DRAWN + 1)
    log_share -= gammaln(total + 1) - gammaln(total - DRAWN + 1)
    return float(len(counts) - np.exp(log_share).sum())


def _means(kept: KeptFeatures, role: str, names: Sequence[str]) -> pd.DataFrame:
    """Means of features of examples, (names, features)."""
    rows = {}
    for name in names:
        features = kept.read(role, name) if (role, name) in kept.names else None
        if features is not None:
            rows[name] = features.rates().reindex(columns=list(MEANS)).mean()
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(MEANS)).astype(float)
