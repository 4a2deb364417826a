"""Which sequences make a step, and in which passes."""

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from crosstask.config.training import Trainer
from crosstask.models.tokenization import Encoded
from crosstask.training.plan import MicroBatch, padding_share, plan

SEQUENCES = [Encoded(prompt=(1,) * (2 + i % 3), answer=(5,) * (1 + i % 4)) for i in range(10)]
MIXED = [Encoded((1,) * random.Random(i).randint(1, 40), (5,) * (1 + i % 3)) for i in range(200)]


def members(step: list[MicroBatch]) -> list[int]:
    return [member for micro_batch in step for member in micro_batch.members]


def lengths(micro_batch: MicroBatch) -> list[int]:
    return [len(MIXED[m].prompt) + len(MIXED[m].answer) for m in micro_batch.members]


def test_each_epoch_sees_every_sequence_once():
    steps = plan(SEQUENCES, Trainer(max_epochs=3, batch_size=2, accumulate=1), seed=0)
    seen = [member for step in steps for micro_batch in step for member in micro_batch.members]
    assert [sorted(seen[i : i + 10]) for i in (0, 10, 20)] == [list(range(10))] * 3
    assert seen[:10] != seen[10:20]


def test_the_seed_decides_the_order():
    trainer = Trainer(batch_size=2)
    assert plan(SEQUENCES, trainer, 0) == plan(SEQUENCES, trainer, 0) != plan(SEQUENCES, trainer, 1)


def test_steps_are_divided_into_passes():
    steps = plan(SEQUENCES, Trainer(max_epochs=2, batch_size=2, accumulate=3), seed=0)
    assert [[len(micro_batch.members) for micro_batch in step] for step in steps] == [[2, 2, 2]] * 3 + [[2]]
    for step in steps:
        members = [member for micro_batch in step for member in micro_batch.members]
        assert {micro_batch.step_tokens for micro_batch in step} == {sum(len(SEQUENCES[m].answer) for m in members)}


@pytest.mark.parametrize(("max_steps", "expected"), [(-1, 5), (3, 3), (99, 5), (0, 0)])
def test_max_steps_cuts_the_plan(max_steps: int, expected: int):
    assert len(plan(SEQUENCES, Trainer(batch_size=2, max_steps=max_steps), seed=0)) == expected


@pytest.mark.parametrize("packing", [False, True])
def test_a_step_has_the_same_sequences_however_it_is_parted(packing: bool):
    plain = plan(MIXED, Trainer(max_epochs=2, batch_size=8, accumulate=3), seed=0)
    parted = plan(MIXED, Trainer(max_epochs=2, batch_size=8, accumulate=3, batch_tokens=99, packing=packing), seed=0)
    assert [sorted(members(step)) for step in parted] == [sorted(members(step)) for step in plain]
    assert [step[0].step_tokens for step in parted] == [step[0].step_tokens for step in plain]
    assert len({len(step) for step in parted}) > 1, "the budget decides on the number of passes"


@pytest.mark.parametrize("devices", [2, 3, 8])
@pytest.mark.parametrize("more", [{}, {"batch_tokens": 99}, {"packing": True, "batch_tokens": 99}])
def test_devices_have_equally_many_passes_of_the_same_steps(devices: int, more: dict[str, Any]):
    one = Trainer(batch_size=4, accumulate=3, **more)
    alone, shared = plan(MIXED, one, seed=0), plan(MIXED, replace(one, devices=devices), seed=0)
    assert all(len(step) % devices == 0 for step in shared)
    assert [sorted(members(step)) for step in shared] == [sorted(members(step)) for step in alone]
    assert [step[0].step_tokens for step in shared] == [step[0].step_tokens for step in alone]


def test_a_pass_keeps_within_the_budget_and_no_two_would_fit_into_one():
    for step in plan(MIXED, Trainer(batch_size=24, batch_tokens=120), seed=0):
        sizes = [lengths(micro_batch) for micro_batch in step]
        assert all(len(size) * max(size) <= 120 for size in sizes)
        assert [n for size in sizes for n in size] == sorted((n for size in sizes for n in size), reverse=True)
        for left, right in pairwise(sizes):
            assert (len(left) + 1) * max(left) > 120, right


def test_packed_passes_keep_within_the_budget():
    trainer = Trainer(batch_size=24, batch_tokens=120, packing=True)
    for step in plan(MIXED, trainer, seed=0):
        sizes = [sum(lengths(micro_batch)) for micro_batch in step]
        assert max(sizes) <= 120
        assert all(left + right > 120 for left, right in pairwise(sizes))
    assert padding_share(MIXED, plan(MIXED, trainer, seed=0), packing=True) == 0


def test_a_pass_has_at_most_so_many_sequences_whatever_its_budget():
    steps = plan(MIXED, Trainer(batch_size=5, accumulate=3, batch_tokens=10_000), seed=0)
    assert [[len(micro_batch.members) for micro_batch in step] for step in steps[:-1]] == [[5, 5, 5]] * (len(steps) - 1)


def test_a_sequence_beyond_the_budget_is_a_pass_of_its_own():
    long, short = Encoded((1,) * 30, (2,)), Encoded((1,) * 3, (2,))
    (step,) = plan([short, long, short], Trainer(batch_tokens=20), seed=0)
    assert sorted(sorted(micro_batch.members) for micro_batch in step) == [[0, 2], [1]]


def test_the_share_of_padding():
    sequences = [Encoded((1,), (2,) * n) for n in (1, 3, 5, 7)]
    steps = [[MicroBatch((0, 1), 1), MicroBatch((2, 3), 1)], [MicroBatch((3,), 1)]]
    assert padding_share(sequences, steps, packing=False) == pytest.approx(1 - (2 + 4 + 6 + 8 + 8) / (8 + 16 + 8))


def test_buckets_have_similar_lengths_in_random_order():
    trainer = Trainer(max_epochs=2, batch_size=8, bucket=True)
    steps = plan(MIXED, trainer, seed=0)
    assert [len(members(step)) for step in steps] == [8] * 50
    for epoch in (steps[:25], steps[25:]):
        assert sorted(m for step in epoch for m in members(step)) == list(range(200))
        longest = [max(lengths(step[0])) for step in epoch]
        assert longest != sorted(longest), "the order of steps is random"
        ranges = sorted((min(lengths(step[0])), max(lengths(step[0]))) for step in epoch)
        assert all(left[1] <= right[0] for left, right in pairwise(ranges))
    assert steps[:25] != steps[25:]
    assert steps == plan(MIXED, trainer, seed=0) != plan(MIXED, trainer, seed=1)


def test_buckets_save_padding_and_so_does_a_budget():
    plain, budget, bucket = (
        padding_share(MIXED, plan(MIXED, Trainer(batch_size=8, accumulate=2, **more), seed=0), packing=False)
        for more in ({}, {"batch_tokens": 160}, {"bucket": True})
    )
    assert plain > budget > bucket > 0


def test_no_epoch_of_buckets_loses_the_smaller_step():
    steps = plan(MIXED[:19], Trainer(max_epochs=2, batch_size=4, bucket=True), seed=0)
    assert sorted(len(members(step)) for step in steps) == [3, 3] + [4] * 8
