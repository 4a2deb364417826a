from crosstask.config import Loss
from crosstask.tokens import Encoded
from crosstask.training.batches import collate
from crosstask.training.plan import IGNORED, labels

SEQUENCES = [Encoded(prompt=(1,) * (2 + i % 3), answer=(5,) * (1 + i % 4)) for i in range(10)]


def test_only_the_answer_and_its_end_are_supervised():
    batch = collate([Encoded((1, 7, 8), (9, 2)), Encoded((1, 7), (9, 9, 9, 2))], 6, Loss.completion, pad=2)
    assert batch["input_ids"].tolist() == [[1, 7, 8, 9, 2, 2], [1, 7, 9, 9, 9, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]
    # The pad token is the end token here: the real end is supervised, the padding is not.
    assert batch["labels"].tolist() == [[-100, -100, -100, 9, 2, -100], [-100, -100, 9, 9, 9, 2]]


def test_the_whole_sequence_but_its_first_token_is_supervised():
    assert labels(Encoded((1, 7, 8), (9, 2)), Loss.sequence) == [IGNORED, 7, 8, 9, 2]
