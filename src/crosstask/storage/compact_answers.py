"""Answers and profiles without texts: what a compact store keeps, and what W&B gets where texts stay at home."""

import re
from collections.abc import Callable, Iterable, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd

NAMED_BY_TEXT = ("word", "word_rows", "trigram")
"""Kinds of features of profiles whose names are taken from the texts of a data set."""
NUMBERS = (
    "score",
    "valid",
    "prompt_cut",
    "log_probabilities",
    "prior_corrected",
    "lenient_score",
    "error",
    "exact_match",
)
"""Columns of answers that are kept as they are, where there are any."""
LETTERS = tuple(ascii_uppercase)
"""What options of multiple choice go by."""
NUMBER = re.compile(r"-?[\d,]*\.?\d+(?:[eE][-+]?\d+)?", re.ASCII)

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""From texts to their lengths in tokens of the base model."""


def compact_answers(answers: pd.DataFrame, labels: Sequence[str], count_tokens: CountTokens) -> pd.DataFrame:
    """Return answers without texts.

    Parameters
    ----------
    answers : DataFrame
        Of a cell, as its scorer gave them.
    labels
        Of a closed target; empty for another.
    count_tokens
        What counts tokens.

    Returns
    -------
    DataFrame
        ``example``; ``gold`` and ``prediction``, null where they are no label, letter or number; the ``NUMBERS`` that
        there are, in single precision; ``cut``, whether an output reached the limit; and ``answer_tokens``,
        ``answer_words``, ``answer_characters`` and the same of ``gold``.
    """
    is_open = "text" in answers
    found = answers[["example"]].copy()
    for name in ("gold", "prediction"):
        if name in answers:
            found[name] = answers[name].where([_is_shown(value, labels) for value in answers[name]], None)
    for name in (name for name in NUMBERS if name in answers):
        found[name] = _single(answers[name])
    if "stopped" in answers:
        found["cut"] = ~answers["stopped"]
    for name, column in (("answer", "text" if is_open else "prediction"), ("gold", "reference" if is_open else "gold")):
        if column in answers:
            texts = answers[column].fillna("").tolist()
            found[f"{name}_tokens"] = _counts(count_tokens(texts))
            found[f"{name}_words"] = _counts(len(text.split()) for text in texts)
            found[f"{name}_characters"] = _counts(map(len, texts))
    return found


def without_words(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the profile of a data set without the features that are named by its texts."""
    return profile[~profile["kind"].isin(NAMED_BY_TEXT)].reset_index(drop=True)


def _is_shown(value: Any, labels: Sequence[str]) -> bool:
    """Tell whether an answer is none of a text's words: a label, the letter of an option, or a number."""
    if not isinstance(value, str):
        return False
    return value in labels or value in LETTERS or NUMBER.fullmatch(value) is not None


def _single(values: pd.Series) -> pd.Series:
    """Return numbers, or lists of numbers, in single precision, and counts in 32 bits."""
    if values.dtype == object:
        return values.map(lambda row: np.asarray(row, dtype=np.float32))
    kinds = {"f": np.float32, "i": np.int32}
    return values.astype(kinds.get(values.dtype.kind, values.dtype))


def _counts(values: Iterable[int]) -> pd.Series:
    """Return counts as a column."""
    return pd.Series(list(values), dtype=np.int32)
