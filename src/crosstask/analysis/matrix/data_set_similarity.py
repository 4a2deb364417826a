"""Similarity of the data sets of a source and of a target, by many measures: tables in, tables out."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from crosstask.analysis.matrix.columns import PROFILES, SIMILARITIES
from crosstask.analysis.schema import column_names, require_columns


def similarities(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the similarity of every source and every target.

    Every measure is larger for what is more similar; distances are negated.

    Parameters
    ----------
    profiles : DataFrame
        Columns ``PROFILES``: the surface of each data set, in both roles.

    Returns
    -------
    DataFrame
        Columns ``SIMILARITIES``, one row per measure, source and target. ``similarity`` is NaN where the measure is not
        defined: of labels where one of the two has none. A measure that no data set has what it takes for has no rows.

        - ``tfidf``: cosine of TF-IDF vectors, smoothed as scikit-learn does, over the rows of all data sets
        - ``vocabulary``: Jaccard index of the words that occur
        - ``function_words``: minus Burrows's Delta over scikit-learn's English stop words
        - ``char_ngrams``: cosine of the frequencies of character trigrams
        - ``embedding``: cosine of the base model's mean hidden states, centered over the data sets
        - ``sentence_embedding``: the same of a sentence-transformers model's mean embeddings
        - ``labels``: Jaccard index of the label strings
        - ``class_prior``: minus the total variation distance of the shares of labels
        - ``prompt_length``, ``answer_length``: minus the Wasserstein distance of log(1 + characters)

    Notes
    -----
    For data sets a and b with features k ::

        cosine           =  a . b / (|a| |b|)
        Jaccard          =  |features of a and b|  /  |features of a or b|
        tf-idf[k]        =  share of word k among the words  *  (log((1 + rows) / (1 + rows with k)) + 1)
        Delta            =  mean over k of |z_a[k] - z_b[k]|,      z: shares of words, z-scored over the data sets
        total variation  =  1/2 sum over k of |a[k] - b[k]|
        Wasserstein      =  integral of |F_a(x) - F_b(x)| dx,      F: distribution function

    (Delta: Burrows 2002, "'Delta': a measure of stylistic difference and a guide to likely authorship",
    doi:10.1093/llc/17.3.267.)
    """
    require_columns(profiles, PROFILES, "profiles of data sets")
    tables = {
        "tfidf": _cosine(_tfidf(profiles)),
        "vocabulary": _jaccard(_wide(profiles, "word") > 0),
        "function_words": _delta(_function_words(profiles)),
        "char_ngrams": _cosine(_shares(_wide(profiles, "trigram"))),
        "embedding": _cosine(_centered(_wide(profiles, "embedding"))),
        "sentence_embedding": _cosine(_centered(_wide(profiles, "sentence_embedding"))),
        "labels": _jaccard(_present(profiles, "label")),
        "class_prior": -0.5 * _distances(_wide(profiles, "label")),
        "prompt_length": _length_similarity(profiles, "prompt_length"),
        "answer_length": _length_similarity(profiles, "answer_length"),
    }
    return pd.concat([_long(name, table) for name, table in tables.items()], ignore_index=True)


def _long(measure: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of a source and a target of a table over (role, name)."""
    sources, targets = (table.index.get_level_values("role") == role for role in ("source", "target"))
    pairs = table.loc[sources, targets].droplevel("role").droplevel("role", axis=1)
    long = pairs.rename_axis(index="source", columns="target").stack(future_stack=True).rename("similarity")
    return long.reset_index().assign(measure=measure)[column_names(SIMILARITIES)]


def _wide(profiles: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the values of one kind, (role, name) x features; 0 where a data set lacks a feature."""
    rows = profiles[profiles["kind"] == kind]
    return rows.pivot_table(index=["role", "name"], columns="feature", values="value", aggfunc="sum", fill_value=0.0)


def _present(profiles: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return which data sets have which features of a kind, whatever the value."""
    return _wide(profiles[profiles["kind"] == kind].assign(value=1.0), kind) > 0


def _tfidf(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return TF-IDF vectors of data sets: words by share, weighted by how few of all rows have them."""
    words, rows = _wide(profiles, "word"), _wide(profiles, "word_rows").sum()
    total = _wide(profiles, "rows").to_numpy().sum()
    return _shares(words) * (np.log((1 + total) / (1 + rows[words.columns])) + 1)


def _function_words(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each function word in a data set's words, z-scored over data sets; constant ones left out."""
    shares = _shares(_wide(profiles, "word"))
    # Shares of all words, not of the function words alone: how many there are is part of a style.
    shares = shares.loc[:, shares.columns.isin(list(ENGLISH_STOP_WORDS))]
    varying = shares.loc[:, shares.std(ddof=0) > 0]
    return (varying - varying.mean()) / varying.std(ddof=0)


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts as shares of each row's sum."""
    return counts.div(counts.sum(axis=1), axis=0)


def _centered(vectors: pd.DataFrame) -> pd.DataFrame:
    """Return vectors minus their mean: those of a language model all point nearly the same way."""
    return vectors - vectors.mean()


def _cosine(vectors: pd.DataFrame) -> pd.DataFrame:
    """Return the cosine of every two rows."""
    values = vectors.to_numpy(float)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    unit = np.divide(values, lengths, out=np.full_like(values, np.nan), where=lengths > 0)
    return pd.DataFrame(unit @ unit.T, vectors.index, vectors.index)


def _jaccard(present: pd.DataFrame) -> pd.DataFrame:
    """Return the Jaccard index of every two rows: the features of both as a share of those of either."""
    values = present.to_numpy(float)
    both = values @ values.T  # products of 0 and 1 count what both have
    sizes = values.sum(axis=1)
    return pd.DataFrame(both / (sizes[:, None] + sizes[None, :] - both), present.index, present.index)


def _delta(scores: pd.DataFrame) -> pd.DataFrame:
    """Return minus the mean absolute difference of every two rows."""
    return -_distances(scores) / scores.shape[1]


def _length_similarity(profiles: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return minus the Wasserstein distance of the log-lengths of every two data sets."""
    rows = profiles[profiles["kind"] == kind]
    counts = rows.groupby(["role", "name", "value"]).size().unstack("value", fill_value=0)
    # The area between two distribution functions: constant from one length that occurs to the next, so a sum over
    # these of the difference times the step. Behind the last length both are 1.
    steps = np.diff(np.log1p(counts.columns.to_numpy(float)))
    reached = _shares(counts).cumsum(axis=1).iloc[:, :-1]
    return -_distances(reached * steps)


def _distances(table: pd.DataFrame) -> pd.DataFrame:
    """Return the sum of absolute differences of every two rows."""
    return pd.DataFrame(cdist(table, table, "cityblock"), table.index, table.index)
