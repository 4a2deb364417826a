"""What was read of a target is read once, as far as it fits."""

import numpy as np
import pytest

from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.runs.kept_behavior import KeptBehavior, bytes_of


def behavior(rows: int) -> TargetBehavior:
    """Answers to some test rows: 8 bytes of identifier, 4 of score and 1 of validity, and 8 of probabilities each."""
    vectors = np.zeros((1, rows, 2), np.float32)
    return TargetBehavior(
        (("base", None),),
        np.array([""] * rows, dtype=object),
        np.zeros((1, rows), np.float32),
        np.ones((1, rows), bool),
        log_probabilities=vectors,
        decision=vectors,
        lengths={"words": np.zeros((1, rows), np.int32)},
    )


def test_arrays_count_once():
    assert bytes_of(behavior(10)) == 10 * (8 + 4 + 1 + 8 + 4)


@pytest.mark.parametrize(
    ("most", "once"), [(1000, ["a", "b", "none"]), (750, ["a", "b", "none"]), (749, ["a", "none"]), (0, ["none"])]
)
def test_what_fits_is_read_once_and_what_does_not_every_time(most: int, once: list[str]):
    targets = {"a": behavior(20), "b": behavior(10), "none": None}
    read: list[str] = []

    def reader(target: str) -> TargetBehavior | None:
        read.append(target)
        return targets[target]

    kept = KeptBehavior(reader, most)
    for _ in range(3):
        for target, expected in targets.items():
            assert kept(target) is expected
    assert {target: read.count(target) for target in targets} == {name: 1 if name in once else 3 for name in targets}
