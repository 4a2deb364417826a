import pytest

from crosstask.config import Loss, Trainer
from crosstask.tokens import Encoded
from crosstask.training.batches import collate
from crosstask.training.plan import IGNORED, labels, plan

SEQUENCES = [Encoded(prompt=(1,) * (2 + i % 3), answer=(5,) * (1 + i % 4)) for i in range(10)]


def test_only_the_answer_and_its_end_are_supervised():
    batch = collate([Encoded((1, 7, 8), (9, 2)), Encoded((1, 7), (9, 9, 9, 2))], 6, Loss.completion, pad=2)
    assert batch["input_ids"].tolist() == [[1, 7, 8, 9, 2, 2], [1, 7, 9, 9, 9, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]
    # The pad token is the end token here: the real end is supervised, the padding is not.
    assert batch["labels"].tolist() == [[-100, -100, -100, 9, 2, -100], [-100, -100, 9, 9, 9, 2]]


def test_the_whole_sequence_but_its_first_token_is_supervised():
    assert labels(Encoded((1, 7, 8), (9, 2)), Loss.sequence) == [IGNORED, 7, 8, 9, 2]


def test_each_epoch_sees_every_sequence_once():
    steps = plan(SEQUENCES, Trainer(max_epochs=3, batch_size=2, accumulate=1), seed=0)
    seen = [member for step in steps for portion in step for member in portion.members]
    assert [sorted(seen[i : i + 10]) for i in (0, 10, 20)] == [list(range(10))] * 3
    assert seen[:10] != seen[10:20]


def test_the_seed_decides_the_order():
    trainer = Trainer(batch_size=2)
    assert plan(SEQUENCES, trainer, 0) == plan(SEQUENCES, trainer, 0) != plan(SEQUENCES, trainer, 1)


def test_steps_are_divided_into_passes():
    steps = plan(SEQUENCES, Trainer(max_epochs=2, batch_size=2, accumulate=3), seed=0)
    assert [[len(portion.members) for portion in step] for step in steps] == [[2, 2, 2]] * 3 + [[2]]
    for step in steps:
        members = [member for portion in step for member in portion.members]
        assert {portion.step_tokens for portion in step} == {sum(len(SEQUENCES[m].answer) for m in members)}


@pytest.mark.parametrize(("max_steps", "expected"), [(-1, 5), (3, 3), (99, 5), (0, 0)])
def test_max_steps_cuts_the_plan(max_steps: int, expected: int):
    assert len(plan(SEQUENCES, Trainer(batch_size=2, max_steps=max_steps), seed=0)) == expected
