"""The embedding of a data set by the base model: its mean last hidden state."""

from collections.abc import Sequence

import torch

from crosstask.models.base_model import BaseModel
from crosstask.models.padding import padded
from crosstask.models.tokenization import encode, fitted

BATCH = 16
"""Prompts of one forward pass."""


@torch.inference_mode()
def mean_hidden_state(base: BaseModel, prompts: Sequence[str]) -> list[float]:
    """Return the base model's mean last hidden state over the tokens of prompts, each prompt weighing the same."""
    pairs = [fitted(pair, base, base.context) for pair in encode(base, prompts, [""] * len(prompts))]
    sequences = sorted((pair.prompt for pair in pairs), key=len)
    # In double precision, so that the order of summation does not show in the vector that is kept.
    total = torch.zeros(base.model.config.hidden_size, dtype=torch.float64)
    for start in range(0, len(sequences), BATCH):
        total += _sum_of_means(base, sequences[start : start + BATCH])
    return (total / len(sequences)).tolist()


def _sum_of_means(base: BaseModel, sequences: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return the sum over sequences of the mean hidden state of each."""
    ids, mask = (part.to(base.model.device) for part in padded(sequences, base.pad, left=False))
    # The backbone's own output: asked for all hidden states, transformers would leave hooks on the model.
    states = base.model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    last = states.double() * mask[..., None]  # padding counts in neither the sum nor the number of tokens
    return (last.sum(1) / mask.sum(1, keepdim=True)).sum(0).cpu()
