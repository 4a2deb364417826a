from types import SimpleNamespace

import pytest

from crosstask.config.training import Loss, Trainer
from crosstask.models.tokenization import Encoded
from crosstask.training.batches import Batches, collate
from crosstask.training.plan import IGNORED, labels, plan, supervised_tokens

SEQUENCES = [Encoded(prompt=(1,) * (2 + i % 3), answer=(5,) * (1 + i % 4)) for i in range(10)]


def test_only_the_answer_and_its_end_are_supervised():
    batch = collate([Encoded((1, 7, 8), (9, 2)), Encoded((1, 7), (9, 9, 9, 2))], 6, Loss.completion, pad=2)
    assert batch["input_ids"].tolist() == [[1, 7, 8, 9, 2, 2], [1, 7, 9, 9, 9, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]
    # The pad token is the end token here: the real end is supervised, the padding is not.
    assert batch["labels"].tolist() == [[-100, -100, -100, 9, 2, -100], [-100, -100, 9, 9, 9, 2]]


def test_the_whole_sequence_but_its_first_token_is_supervised():
    assert labels(Encoded((1, 7, 8), (9, 2)), Loss.sequence) == [IGNORED, 7, 8, 9, 2]


@pytest.mark.parametrize("devices", [1, 2])
def test_each_device_steps_after_its_last_pass_of_a_step(devices: int):
    steps = plan(SEQUENCES, Trainer(batch_size=2, accumulate=3, devices=devices), seed=0)
    assert [len(step) for step in steps] == ([3, 2] if devices == 1 else [4, 2])
    batches = Batches(SEQUENCES, steps, Loss.completion, pad=0)
    for rank in range(devices):
        own = list(batches.of(SimpleNamespace(global_rank=rank, world_size=devices)))
        assert len(own) == len(batches)
        expected = [False, False, True, False, True] if devices == 1 else [False, True, True]
        assert [batch["last"] for batch in own] == expected


@pytest.mark.parametrize("packing", [False, True])
def test_the_devices_together_learn_every_token_once(packing: bool):
    steps = plan(SEQUENCES[:5], Trainer(batch_size=4, packing=packing, max_length=64, devices=4), seed=0)
    batches = Batches(SEQUENCES[:5], steps, Loss.completion, 0, packing)
    learned = [
        int((batch["labels"] != IGNORED).sum())
        for rank in range(4)
        for batch in batches.of(SimpleNamespace(global_rank=rank, world_size=4))
    ]
    assert len(learned) == 8
    assert 0 in learned, "one sequence is left for four devices"
    assert sum(learned) == sum(supervised_tokens(sequence, Loss.completion) for sequence in SEQUENCES[:5])
