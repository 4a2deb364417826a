"""Inference without padding: batches of sequences that are equally long, for models that keep a state of them.

It is slower than what `label_likelihoods` and `generation` do otherwise, since fewer sequences share a pass and nothing
is computed once for several labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from crosstask.evaluation.stop_tokens import StopTokens

Tokens = tuple[int, ...]


@torch.inference_mode()
def answer_log_probabilities(model: Any, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[float]:
    """Return the sum of the log-probabilities of each answer's tokens after its prompt, natural logarithms."""
    found = [0.0] * len(pairs)
    for members in _equally_long([len(prompt) + len(answer) for prompt, answer in pairs]):
        whole = _tensor(model, [(*pairs[member][0], *pairs[member][1]) for member in members])
        logits = model(input_ids=whole[:, :-1], use_cache=False).logits.float()
        following = logits.log_softmax(-1).gather(2, whole[:, 1:, None])[..., 0].cpu()
        for row, member in enumerate(members):
            found[member] = sum(following[row, len(pairs[member][0]) - 1 :].tolist())
    return found


@dataclass(frozen=True)
class UnpaddedGenerator:
    """Continues prompts greedily, those that are equally long at once."""

    stateless: bool
    """Whether the whole sequence is read for each token."""

    @torch.inference_mode()
    def __call__(self, model: Any, prompts: Sequence[Sequence[int]], limit: int, stop: StopTokens) -> list[list[int]]:
        """Return at most ``limit`` tokens after each prompt; what follows an end token is ignored."""
        found: list[list[int]] = [[] for _ in prompts]
        for members in _equally_long([len(prompt) for prompt in prompts]):
            ids = _tensor(model, [prompts[member] for member in members])
            grown = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                use_cache=not self.stateless,
                do_sample=False,
                max_new_tokens=limit,
                eos_token_id=list(stop.ends),
                pad_token_id=stop.pad,
            )
            for member, tokens in zip(members, grown[:, ids.shape[1] :].tolist(), strict=True):
                found[member] = tokens
        return found


def _equally_long(lengths: Sequence[int]) -> Iterable[list[int]]:
    """Return the places of sequences in groups of the same length."""
    groups: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        groups.setdefault(length, []).append(place)
    return groups.values()


def _tensor(model: Any, sequences: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return sequences of one length as a batch on the model's device."""
    return torch.tensor(sequences, dtype=torch.long, device=next(model.parameters()).device)
