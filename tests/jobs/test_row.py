"""What a row of the matrix is called by."""

from dataclasses import replace

from crosstask.config import (
    Data,
    DataKind,
)
from crosstask.jobs.row import data_id


def test_data_is_named_by_its_test_side():
    data = Data(name="d", kind=DataKind.local, root="r", train_rows=1)
    same = [replace(data, name="e"), replace(data, train_rows=2)]
    others = [
        replace(data, root="s"),
        replace(data, test_rows=2),
        replace(data, seed=2),
        replace(data, kind=DataKind.hub),
    ]
    assert {data_id(other) for other in same} == {data_id(data)}
    assert len({data_id(other) for other in [data, *others]}) == 5
