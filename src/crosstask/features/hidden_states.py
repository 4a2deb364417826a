"""The embedding of a data set by the base model: its mean last hidden state."""

from collections.abc import Sequence

import torch

from crosstask.models.architecture import text_config
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode, pad_batch, truncate_prompt

BATCH = 16
"""Prompts of one forward pass."""


@torch.inference_mode()
def mean_hidden_state(base: BaseModel, prompts: Sequence[str]) -> list[float]:
    """Return the base model's mean last hidden state over the tokens of prompts, each prompt weighing the same.

    With h[p, k] the last hidden state of the k-th of the n_p tokens of prompt p, of P prompts ::

        embedding  =  1 / P  sum over p of  1 / n_p  sum over k of h[p, k]
    """
    pairs = [truncate_prompt(pair, base, base.context) for pair in encode(base, prompts, [""] * len(prompts))]
    sequences = sorted((pair.prompt for pair in pairs), key=len)  # of similar lengths in a pass: little padding
    # In double precision, so that the order of summation does not show in the vector that is kept.
    total = torch.zeros(text_config(base.model).hidden_size, dtype=torch.float64)
    for start in range(0, len(sequences), BATCH):
        total += _sum_of_means(base, sequences[start : start + BATCH])
    return (total / len(sequences)).tolist()


def _sum_of_means(base: BaseModel, sequences: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return the sum over sequences of the mean hidden state of each."""
    ids, mask = (part.to(base.model.device) for part in pad_batch(sequences, base.pad, left=False))
    # The backbone's own output: asked for all hidden states, transformers would leave hooks on the model.
    states = base.model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    last = states.double() * mask[..., None]  # padding counts in neither the sum nor the number of tokens
    return (last.sum(1) / mask.sum(1, keepdim=True)).sum(0).cpu()
