"""Answers whose texts stay at home, with the lengths that these have in tokens of a base model."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from crosstask.config.inputs import Model
from crosstask.models.base_model import model_folder
from crosstask.models.loading import tokenizer
from crosstask.storage.compact_answers import CountTokens, compact_answers


def token_counter(model: Path) -> CountTokens:
    """Return what counts tokens as the tokenizer of a model's folder makes them; UserError if it cannot be loaded."""
    made = tokenizer(model)
    return lambda texts: [len(ids) for ids in made(list(texts), add_special_tokens=False).input_ids]


def without_texts(model: Model, answers: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Return answers of a cell as `compact_answers` does, with lengths in tokens of a base model."""
    return compact_answers(answers, labels, token_counter(model_folder(model)))
