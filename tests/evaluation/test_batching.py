"""Token budgets and what happens when memory runs out."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
import torch

from crosstask.errors import UserError
from crosstask.evaluation.batching import backed_off, portions


@pytest.mark.parametrize("budget", [1, 50, 400, 10_000])
def test_every_example_is_in_one_portion_within_the_budget(budget: int):
    lengths = [Random(0).randint(1, 90) for _ in range(200)]
    made = portions(lengths, budget)
    assert sorted(member for portion in made for member in portion) == list(range(200))
    for portion in made:
        assert len(portion) == 1 or len(portion) * max(lengths[member] for member in portion) <= budget
    for one, other in pairwise(made):
        assert min(lengths[member] for member in one) >= max(lengths[member] for member in other)


def memory_for(largest: int, error: Exception) -> tuple[list[int], object]:
    sizes: list[int] = []

    def work(members: Sequence[int]) -> list[int]:
        sizes.append(len(members))
        if len(members) > largest:
            raise error
        return [member * 10 for member in members]

    return sizes, work


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: not enough memory: you tried"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you"),
    ],
)
def test_halves_are_asked_where_memory_runs_out(error: Exception):
    sizes, work = memory_for(2, error)
    assert backed_off(work, [5, 6, 7, 8, 9]) == [50, 60, 70, 80, 90]
    assert sizes == [5, 2, 3, 1, 2]


def test_one_that_does_not_fit_is_an_error():
    _, work = memory_for(0, torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore"))
    with pytest.raises(UserError, match="out of memory with one sequence at a time: CUDA out of memory. Tried"):
        backed_off(work, [1, 2])


def test_other_errors_pass():
    _, work = memory_for(0, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        backed_off(work, [1, 2])
