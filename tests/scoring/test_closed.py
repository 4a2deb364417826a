"""Label log-probabilities against one sequence at a time."""

import numpy as np
import pytest
import torch

from crosstask.base_model import BaseModel
from crosstask.scoring.closed import label_log_probabilities
from crosstask.tokens import encode, fitted

PROMPTS = ["the film was good\nAnswer:\n", "a", "the film was bad and it was very long\nAnswer:\n", "7 8 9\n"]


def one_at_a_time(base: BaseModel, prompt: str, label: str, longest: int) -> float:
    (pair,) = encode(base, [prompt], [label])
    pair = fitted(pair, base, base.context - longest + len(pair.answer))
    tokens = [*pair.prompt, *pair.answer]
    with torch.inference_mode():
        values = base.model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(-1)
    return sum(float(values[i - 1, tokens[i]]) for i in range(len(pair.prompt), len(tokens)))


@pytest.mark.parametrize(
    "labels",
    [
        ["0", "1"],
        ["positive", "negative", "neutral"],
        ["x", "xy", "xyz", "a long label"],  # prefixes of one another, and of different lengths
    ],
)
@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_agrees_with_one_sequence_at_a_time(base: BaseModel, labels: list[str], batch_size: int):
    lengths = [len(pair.answer) for pair in encode(base, ["a\n"] * len(labels), labels)]
    found, cut = label_log_probabilities(base, base.model, PROMPTS, labels, batch_size)
    expected = [[one_at_a_time(base, prompt, label, max(lengths)) for label in labels] for prompt in PROMPTS]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert cut == [0] * len(PROMPTS)


def test_a_long_prompt_is_cut_and_counted(base: BaseModel):
    prompt = "the film was good " * 30
    found, cut = label_log_probabilities(base, base.model, [prompt, "a"], ["positive", "0"], 2)
    (pair,) = encode(base, [prompt], ["positive"])
    assert cut == [len(pair.prompt) + len(pair.answer) - base.context, 0]
    np.testing.assert_allclose(found[0, 0], one_at_a_time(base, prompt, "positive", len(pair.answer)), atol=1e-4)


def test_progress_counts_every_prompt(base: BaseModel):
    counts: list[int] = []
    label_log_probabilities(base, base.model, PROMPTS, ["0", "1"], 3, counts.append)
    assert counts == [3, 1]
