"""Open tasks: greedy continuations of prompts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from crosstask.base_model import BaseModel
from crosstask.tokens import encode, fitted


@dataclass(frozen=True)
class Output:
    """What the model said after one prompt."""

    text: str
    tokens: int
    """Length, without the end token."""
    stopped: bool
    """Whether it ended by itself, within the limit."""
    cut: int
    """Tokens that the prompt lost to the model's context."""


def greedy_outputs(
    base: BaseModel,
    model: Any,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch_size: int,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Output]:
    """Return the greedy continuation of each prompt, at most ``max_new_tokens`` and half the context long."""
    limit = min(max_new_tokens, base.context // 2)
    pairs = [fitted(pair, base, base.context - limit) for pair in encode(base, prompts, [""] * len(prompts))]
    outputs: list[Output | None] = [None] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(pairs[i].prompt), reverse=True)
    for start in range(0, len(order), batch_size):
        members = order[start : start + batch_size]
        generated = _generated(base, model, [pairs[i].prompt for i in members], limit)
        for i, tokens in zip(members, generated, strict=True):
            outputs[i] = _output(base, tokens, pairs[i].cut_prompt)
        progress(len(members))
    return [output for output in outputs if output is not None]


@torch.inference_mode()
def _generated(base: BaseModel, model: Any, prompts: Sequence[tuple[int, ...]], limit: int) -> list[list[int]]:
    """Return the tokens generated after each prompt."""
    width = max(map(len, prompts))
    ids = torch.full((len(prompts), width), base.pad)
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(prompts):
        ids[row, width - len(tokens) :] = torch.tensor(tokens)
        mask[row, width - len(tokens) :] = 1
    device = next(model.parameters()).device
    whole = model.generate(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        do_sample=False,
        max_new_tokens=limit,
        eos_token_id=list(base.ends),
        pad_token_id=base.pad,
    )
    return whole[:, width:].tolist()


def _output(base: BaseModel, tokens: list[int], cut: int) -> Output:
    """Return the output up to the first end token."""
    end = next((i for i, token in enumerate(tokens) if token in base.ends), None)
    said = tokens if end is None else tokens[:end]
    return Output(base.tokenizer.decode(said, skip_special_tokens=True), len(said), end is not None, cut)
