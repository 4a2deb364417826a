"""Sequences of different lengths as one rectangle."""

from collections.abc import Sequence

import torch


def padded(sequences: Sequence[Sequence[int]], pad: int, *, left: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids and mask (1 for tokens, 0 for padding), each of shape (sequences, longest).

    Examples
    --------
    >>> ids, mask = padded([[7], [8, 9]], pad=0, left=True)
    >>> ids.tolist(), mask.tolist()
    ([[0, 7], [8, 9]], [[0, 1], [1, 1]])
    """
    width = max(map(len, sequences))
    ids = torch.full((len(sequences), width), pad)
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(sequences):
        place = slice(width - len(tokens), width) if left else slice(0, len(tokens))
        ids[row, place] = torch.tensor(tokens)
        mask[row, place] = 1
    return ids, mask
