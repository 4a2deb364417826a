"""The labels of a cell stand in the order of its vectors: the task file's, whatever the alphabet says."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from crosstask.config.job import TrainConfig
from crosstask.config.task import Decision
from crosstask.data.drawn_examples import test_examples as rows_of
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.small_tasks import FILMS, SUMS

LABELS = ["positive", "bad", "neutral"]
MOODS = replace(FILMS, answer="{{ 'bad' if label else 'neutral' }}", labels=LABELS, decide=Decision.per_byte)


def log_probability(model_folder: Path, prompt: str, label: str) -> float:
    """The log-probability of a label's tokens after a prompt, from transformers alone."""
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
    prompt_ids, label_ids = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (prompt, label))
    ids = [tokenizer.bos_token_id, *prompt_ids, *label_ids]
    with torch.inference_mode():
        steps = model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
    pairs = list(pairwise(range(len(ids))))[-len(label_ids) :]
    return sum(float(steps[before, ids[after]]) for before, after in pairs)


@pytest.fixture
def moods(config: TrainConfig) -> TrainConfig:
    """The base model on a target whose labels are in no alphabetical order, and on an open one."""
    assert sorted(LABELS) not in (LABELS, LABELS[::-1])
    return replace(config, source={"base": None}, target={"films": MOODS, "sums": SUMS})


def test_the_vectors_of_a_cell_are_those_of_its_labels(moods: TrainConfig, model_folder: Path):
    train(moods, Progress())
    store = Store(moods.store)
    (row,) = StoredRows(store).rows()
    score = row.scores["films"]
    assert (score.labels, score.decide) == (tuple(LABELS), "per_byte")
    answers = pd.read_parquet(store.cell(row.record.cells["films"]) / "answers.parquet").set_index("example")
    for example in rows_of("films", MOODS, moods.data):
        vector = dict(zip(score.labels, answers.loc[example.id, "log_probabilities"], strict=True))
        expected = {label: log_probability(model_folder, example.prompt, label) for label in LABELS}
        assert vector == pytest.approx(expected, abs=1e-4)
        per_byte = {label: value / len(label) for label, value in expected.items()}
        assert answers.loc[example.id, "prediction"] == max(per_byte, key=per_byte.__getitem__)
    assert np.diff(sorted(expected.values())).min() > 0.1, "labels as probable as each other would prove nothing"


def test_an_open_target_has_no_labels(moods: TrainConfig):
    train(moods, Progress())
    (row,) = StoredRows(Store(moods.store)).rows()
    assert (row.scores["sums"].labels, row.scores["sums"].decide) == ((), None)
