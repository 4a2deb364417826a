"""Batches by tokens, back-off where memory runs out, and outputs kept as they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from crosstask.errors import UserError
from crosstask.evaluation import inference
from crosstask.evaluation.generation import GenerationRequests
from crosstask.evaluation.inference import PartialOutputs, batches_by_tokens, collect_outputs, run_with_back_off
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store


@pytest.mark.parametrize("budget", [1, 50, 400, 10_000])
def test_every_request_is_in_one_batch_within_the_budget(budget: int):
    chance = Random(0)
    lengths = [chance.randint(1, 90) for _ in range(200)]
    made = batches_by_tokens(lengths, budget)
    assert sorted(member for batch in made for member in batch) == list(range(200))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[member] for member in batch) <= budget
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
def test_halves_are_run_where_memory_runs_out(error: Exception):
    sizes, work = memory_for(2, error)
    assert run_with_back_off(work, [5, 6, 7, 8, 9]) == [50, 60, 70, 80, 90]
    assert sizes == [5, 2, 3, 1, 2]


def test_one_that_does_not_fit_is_an_error():
    _, work = memory_for(0, torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore"))
    with pytest.raises(UserError, match="out of memory with one sequence at a time: CUDA out of memory. Tried"):
        run_with_back_off(work, [1, 2])


def test_other_errors_pass():
    _, work = memory_for(0, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        run_with_back_off(work, [1, 2])


@dataclass(frozen=True)
class Number:
    """A response that is the number of its request."""

    number: int

    def columns(self) -> dict[str, Any]:
        return {"response": self.number}


class Noted:
    """Requests of ten tokens each that note in which batches they are run; the last of them may be interrupted."""

    batch_tokens = 30

    def __init__(self, interrupted_at: int | None = None) -> None:
        self.lengths = [10] * 7
        self.batches: list[list[int]] = []
        self.interrupted_at = interrupted_at

    def run(self, model: Any, members: Sequence[int]) -> Sequence[Number]:
        if len(self.batches) == self.interrupted_at:
            raise KeyboardInterrupt
        self.batches.append(list(members))
        return [Number(member) for member in members]


def collected(
    requests: Noted, partial: PartialOutputs, batch_tokens: int | None = None
) -> tuple[list[int], list[float]]:
    shares: list[float] = []
    outputs = collect_outputs(requests, None, batch_tokens, partial, shares.append)
    return outputs["response"].tolist(), shares


@pytest.fixture
def partial(store: Store, tmp_path: Path) -> PartialOutputs:
    return PartialOutputs(store, tmp_path / "parts")


@pytest.mark.parametrize(("batch_tokens", "sizes"), [(None, [3, 3, 1]), (70, [7]), (5, [1] * 7)])
def test_a_batch_holds_what_the_settings_say_or_what_suits(
    partial: PartialOutputs, batch_tokens: int | None, sizes: list[int]
):
    requests = Noted()
    responses, shares = collected(requests, partial, batch_tokens)
    assert [len(batch) for batch in requests.batches] == sizes
    assert responses == list(range(7))
    assert shares[-1] == 1


def test_interrupted_inference_continues_with_the_batches_that_are_missing(
    partial: PartialOutputs, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "SECONDS", -1.0)
    with pytest.raises(KeyboardInterrupt):
        collected(Noted(interrupted_at=2), partial)
    rest = Noted()
    assert collected(rest, partial) == (list(range(7)), [6 / 7, 6 / 7, 1.0])
    assert rest.batches == [[6]]


def test_on_a_cpu_label_likelihoods_suit_smaller_batches_than_generation(base: BaseModel):
    labels, generation = LabelLikelihoodRequests(base, ["a"], [["b", "c"]]), GenerationRequests(base, ["a"], 3)
    assert (labels.batch_tokens, generation.batch_tokens) == (1024, 8192)
