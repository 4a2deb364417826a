"""Portions: which examples share a forward pass, and what happens when memory runs out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from crosstask.errors import UserError
from crosstask.models.out_of_memory import is_out_of_memory

Answer = TypeVar("Answer")
TOKENS = 8192
"""Tokens of a forward pass where ``scoring.batch_tokens`` leaves them to us."""
CLOSED_CPU_TOKENS = 1024
"""The same where a closed task is scored on a CPU, whose caches hold no more. Generation gains by more sequences."""
CONTINUOUS_TOKENS = 2**19
"""The same for continuous batching, which parts them by itself: as often as that its answers are kept."""


def portions(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return the examples, longest first, in portions whose padded size is at most ``budget`` tokens.

    An example that is longer than the budget is a portion of its own. The portions depend on the lengths and the
    budget alone, so a cell that was broken off and continued is made of the same passes as one that was not.

    Examples
    --------
    >>> portions([3, 9, 4, 3], budget=10)
    [[1], [2, 0], [3]]
    """
    made: list[list[int]] = []
    for example in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        if made and (len(made[-1]) + 1) * lengths[made[-1][0]] <= budget:
            made[-1].append(example)
        else:
            made.append([example])
    return made


def backed_off(work: Callable[[Sequence[int]], list[Answer]], members: Sequence[int]) -> list[Answer]:
    """Return what ``work`` makes of the members, in halves and their halves where memory runs out.

    Raises
    ------
    UserError
        If a single example is too much.
    """
    try:
        return work(members)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        if len(members) == 1:
            raise UserError(
                f"out of memory with one sequence at a time: {str(error).splitlines()[0]}; a shorter prompt"
                " (data), scoring.max_new_tokens or a smaller model needs less"
            ) from error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = len(members) // 2
    return backed_off(work, members[:half]) + backed_off(work, members[half:])
