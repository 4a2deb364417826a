"""Closed tasks: the log-probability of each label after each prompt."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from crosstask.base_model import BaseModel
from crosstask.tokens import Encoded, encode, fitted


def label_log_probabilities(
    base: BaseModel,
    model: Any,
    prompts: Sequence[str],
    labels: Sequence[str],
    batch_size: int,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[NDArray[np.float64], list[int]]:
    """Return how probable each label is as the continuation of each prompt, and how much of the prompts was cut.

    The end token is not part of a label. One forward pass over the prompt serves every label of one token; a
    label of several tokens needs one pass more, unless another label begins with all its tokens but the last.

    Returns
    -------
    log_probabilities : array of shape (prompts, labels)
        Natural logarithms, each at most 0.
    cut : list of int
        Tokens that each prompt lost to the model's context.
    """
    count = len(labels)
    pairs = encode(base, [p for p in prompts for _ in labels], list(labels) * len(prompts))
    result = np.empty((len(prompts), count))
    cut = [0] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(pairs[i * count].prompt), reverse=True)
    for start in range(0, len(order), batch_size):
        members = order[start : start + batch_size]
        groups = [_same_prompt(base, pairs[i * count : (i + 1) * count]) for i in members]
        for i, group, scores in zip(members, groups, _scored(base, model, groups), strict=True):
            result[i] = scores
            cut[i] = group[0].cut_prompt
        progress(len(members))
    return result, cut


def _same_prompt(base: BaseModel, pairs: Sequence[Encoded]) -> list[Encoded]:
    """Return one prompt with each label, cut alike so that the longest label fits."""
    longest = max(len(pair.answer) for pair in pairs)
    return [fitted(pair, base, base.context - longest + len(pair.answer)) for pair in pairs]


def _scored(base: BaseModel, model: Any, groups: Sequence[Sequence[Encoded]]) -> list[list[float]]:
    """Return the log-probability of every label of every group, from one forward pass over what differs."""
    contexts = [_contexts(group) for group in groups]
    rows = [(*group[0].prompt, *tail) for group, tails in zip(groups, contexts, strict=True) for tail in tails]
    width = max(map(len, rows))
    ids = torch.full((len(rows), width), base.pad)
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(rows):  # padded on the left, so that the positions of interest are the last ones
        ids[row, width - len(tokens) :] = torch.tensor(tokens)
        mask[row, width - len(tokens) :] = 1
    kept = 1 + max(len(tail) for tails in contexts for tail in tails)
    log_probabilities = _last_log_probabilities(model, ids, mask, kept)
    scores, row = [], 0
    for group, tails in zip(groups, contexts, strict=True):
        scores.append([_label_score(log_probabilities[row : row + len(tails)], tails, pair.answer) for pair in group])
        row += len(tails)
    return scores


def _contexts(group: Sequence[Encoded]) -> list[tuple[int, ...]]:
    """Return the label beginnings that need a row of their own: all tokens but the last, none a prefix of another."""
    beginnings = sorted({pair.answer[:-1] for pair in group}, key=len, reverse=True)
    kept: list[tuple[int, ...]] = []
    for beginning in beginnings:
        if not any(longer[: len(beginning)] == beginning for longer in kept):
            kept.append(beginning)
    return kept


@torch.inference_mode()
def _last_log_probabilities(model: Any, ids: torch.Tensor, mask: torch.Tensor, kept: int) -> torch.Tensor:
    """Return log-probabilities over the vocabulary at the last ``kept`` positions, in float32."""
    device = next(model.parameters()).device
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    logits = model(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        position_ids=positions.to(device),
        logits_to_keep=kept,
    ).logits
    return logits.float().log_softmax(-1).cpu()


def _label_score(rows: torch.Tensor, tails: Sequence[tuple[int, ...]], label: tuple[int, ...]) -> float:
    """Return the sum of a label's token log-probabilities, read from the row that begins like it."""
    row = next(i for i, tail in enumerate(tails) if tail[: len(label) - 1] == label[:-1])
    first = rows.shape[1] - 1 - len(tails[row])  # position of the prompt's last token
    return float(sum(rows[row, first + i, token] for i, token in enumerate(label)))
