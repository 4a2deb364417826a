"""The first rows of a data set on the Hub, for a look at whether a task fits it; the whole is never downloaded."""

from crosstask.config.task import DataSet
from crosstask.data.row_filter import filtered
from crosstask.data.rows import HELD_OUT, hub_part, hub_split_name, is_divided
from crosstask.data.split import Rows
from crosstask.errors import UserError
from crosstask.hub import look_up

FILTERED = 500
"""First rows of a split in which the filter of a data set must find one."""


def published(dataset: DataSet) -> look_up.Published:
    """Return what the Hub says of a data set; errors are those of `crosstask.hub.look_up.published`."""
    if dataset.hub is None:
        raise UserError(f"data set {dataset.name!r}: dataset.hub has no value, so data=hub cannot find it")
    return look_up.published(dataset.hub, dataset.revision)


def first_rows(dataset: DataSet, split: str, commit: str, count: int) -> Rows:
    """Return the first rows of a split that the data set's filter, if any, keeps.

    Parameters
    ----------
    dataset
        Which data set; it is on the Hub.
    split
        ``train``, ``test`` or ``validation``.
    commit
        What the data set's revision stands for.
    count
        At most so many.

    Raises
    ------
    UserError
        If the split is missing or empty, or the filter leaves none of its first `FILTERED` rows.
    """
    read = FILTERED if dataset.filter else count * HELD_OUT if is_divided(dataset, split) else count
    name = hub_split_name(dataset, split)
    rows = hub_part(dataset, split, look_up.first_rows(str(dataset.hub), dataset.config, name, commit, read))
    if not len(rows):
        raise UserError(f"data set {dataset.name!r}: the {split} split ({name} on the Hub) is empty")
    kept = filtered(rows, dataset, f"first {split}") if dataset.filter else rows
    return kept.some(range(min(count, len(kept))))
