"""Label log-probabilities against one sequence at a time."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode, truncate_prompt

PROMPTS = ["the film was good\nAnswer:\n", "a", "the film was bad and it was very long\nAnswer:\n", "7 8 9\n"]
LABELS = [
    ["0", "1"],
    ["positive", "negative", "neutral"],
    ["x", "xy", "xyz", "a long label"],  # prefixes of one another, and of different lengths
    ["0", "a long label"],  # one with and one without a continuation
]


def one_at_a_time(base: BaseModel, prompt: str, label: str, longest: int) -> float:
    (pair,) = encode(base, [prompt], [label])
    pair = truncate_prompt(pair, base, base.context - longest + len(pair.answer))
    tokens = [*pair.prompt, *pair.answer]
    with torch.inference_mode():
        values = base.model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(-1)
    return sum(float(values[i - 1, tokens[i]]) for i in range(len(pair.prompt), len(tokens)))


def log_probabilities(base: BaseModel, prompts: Sequence[str], labels: Sequence[str], size: int) -> list[list[float]]:
    requests = LabelLikelihoodRequests(base, prompts, [labels] * len(prompts))
    members = list(range(len(prompts)))
    groups = [members[start : start + size] for start in range(0, len(members), size)]
    return [scores.log_probabilities for group in groups for scores in requests.run(base.model, group)]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("size", [1, 3, 64])
def test_agrees_with_one_sequence_at_a_time(base: BaseModel, labels: list[str], size: int):
    lengths = [len(pair.answer) for pair in encode(base, ["a\n"] * len(labels), labels)]
    expected = [[one_at_a_time(base, prompt, label, max(lengths)) for label in labels] for prompt in PROMPTS]
    np.testing.assert_allclose(log_probabilities(base, PROMPTS, labels, size), expected, atol=1e-4)


@pytest.mark.parametrize("labels", LABELS)
def test_does_not_depend_on_how_many_are_run_at_once(base: BaseModel, labels: list[str]):
    alone, together = log_probabilities(base, PROMPTS, labels, 1), log_probabilities(base, PROMPTS, labels, 4)
    np.testing.assert_allclose(alone, together, atol=2e-5)


def test_the_tokens_of_each_label_are_told(base: BaseModel):
    (scores,) = LabelLikelihoodRequests(base, ["a\n"], [["0", "a long label"]]).run(base.model, [0])
    expected = base.tokenizer(["0", "a long label"], add_special_tokens=False)["input_ids"]
    assert scores.tokens == [tuple(ids) for ids in expected]


def test_a_long_prompt_is_cut_and_counted(base: BaseModel):
    prompt = "the film was good " * 30
    first, second = LabelLikelihoodRequests(base, [prompt, "a"], [["positive", "0"]] * 2).run(base.model, [0, 1])
    (pair,) = encode(base, [prompt], ["positive"])
    assert [first.cut, second.cut] == [len(pair.prompt) + len(pair.answer) - base.context, 0]
    expected = one_at_a_time(base, prompt, "positive", len(pair.answer))
    assert first.log_probabilities[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("prompt", "labels", "tokens"),
    [
        ("Answer:", [" film", " bad"], [[" film"], [" bad"]]),
        ("Answer:", ["film", "bad"], [["fi", "lm"], ["bad"]]),
        ("Answer: ", ["film", "bad"], [["fi", "lm"], ["bad"]]),
    ],
)
def test_labels_with_and_without_a_space_are_scored_as_they_are_written(
    base: BaseModel, prompt: str, labels: list[str], tokens: list[list[str]]
):
    requests = LabelLikelihoodRequests(base, [prompt], [labels])
    (scores,) = requests.run(base.model, [0])
    assert [[base.tokenizer.decode([token]) for token in label] for label in scores.tokens] == tokens
    start = [*base.begin, *base.tokenizer(prompt, add_special_tokens=False)["input_ids"]]
    for label, found in zip(scores.tokens, scores.log_probabilities, strict=True):
        with torch.inference_mode():
            values = base.model(input_ids=torch.tensor([[*start, *label]])).logits[0].log_softmax(-1)
        expected = sum(float(values[len(start) + i - 1, token]) for i, token in enumerate(label))
        assert found == pytest.approx(expected, abs=1e-4)
    assert [pair.straddled for pair in requests.groups[0]] == [prompt.endswith(" ")] * 2
