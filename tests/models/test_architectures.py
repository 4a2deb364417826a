"""Architectures of transformers are trained and scored as one sequence at a time, without padding or cache, would be.

The oracle is a plain forward pass over each whole sequence.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from crosstask.config.inputs import Model
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.evaluation.generation import GenerationRequests
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.models import adapters, base_model
from crosstask.models.architecture import linear_layers
from crosstask.models.language_model import BaseModel
from crosstask.models.loading import skeleton
from crosstask.storage.store import Store
from tests.support.architectures import ATTENTION, RECURRENT, write_architecture
from tests.support.training import train_small

PROMPTS = ["the film was", "a film:\nAnswer:", "the film was good and the film was bad\nAnswer:\n", "0 1 2"]
LABELS = ["positive", "0", "good film"]
NEW = 20
"""Generated tokens: more than one stretch of a batch."""


def next_logits(model: Any, tokens: Sequence[int]) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = model(input_ids=torch.tensor([list(tokens)]), use_cache=False).logits[0]
    return logits.double().log_softmax(-1)


def label_log_probability(model: Any, prompt: Sequence[int], label: Sequence[int]) -> float:
    values = next_logits(model, [*prompt, *label])
    return sum(float(values[len(prompt) + place - 1, token]) for place, token in enumerate(label))


def greedy(base: BaseModel, model: Any, prompt: Sequence[int]) -> list[int]:
    tokens: list[int] = []
    while len(tokens) < NEW and not set(tokens) & {*base.ends}:
        tokens.append(int(next_logits(model, [*prompt, *tokens])[-1].argmax()))
    return [token for token in tokens if token not in base.ends]


def check_scores(base: BaseModel, model: Any) -> None:
    requests = LabelLikelihoodRequests(base, PROMPTS, [LABELS] * len(PROMPTS))
    members = range(len(PROMPTS))
    for group, found in zip(requests.groups, requests.run(model, members), strict=True):
        expected = [label_log_probability(model, pair.prompt, pair.answer) for pair in group]
        assert found.log_probabilities == pytest.approx(expected, abs=2e-3)
    generation = GenerationRequests(base, PROMPTS, NEW)
    for pair, continuation in zip(generation.pairs, generation.run(model, members), strict=True):
        expected_tokens = greedy(base, model, pair.prompt)
        assert continuation.text == base.tokenizer.decode(expected_tokens, skip_special_tokens=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ATTENTION, *RECURRENT])
def test_an_architecture_is_trained_and_scored_like_one_sequence_at_a_time(
    name: str, model_folder: Path, tmp_path: Path
):
    from transformers import AutoTokenizer

    folder = write_architecture(tmp_path / name, name, AutoTokenizer.from_pretrained(model_folder))
    base = base_model.load(Model(name=name, path=str(folder)))
    assert base.unpadded is (name in RECURRENT)
    assert linear_layers(skeleton(folder)) == linear_layers(base.model)
    check_scores(base, base.model)

    examples = [
        Example(f"train-{number}", f"film {number % 4}\nAnswer:\n", "good" if number % 2 else "bad")
        for number in range(8)
    ]
    store = Store(tmp_path / "runs")
    report = train_small(
        base,
        examples,
        store,
        "recipe",
        trainer=Trainer(batch_size=2, max_epochs=3),
        optimizer=Optimizer(learning_rate=1e-2),
    )
    assert report.last_loss < report.first_loss
    assert [*report.adapted_layers] == linear_layers(base.model)
    with adapters.attached(base, store.adapter("recipe")) as model:
        check_scores(base, model)
