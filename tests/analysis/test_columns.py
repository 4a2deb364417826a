"""The declared columns and their checker."""

import pandas as pd
import pytest

from crosstask.analysis import columns
from crosstask.errors import UserError

TABLES = [name for name in columns.__all__ if isinstance(getattr(columns, name), tuple)]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_what_it_holds_once(table):
    declared = getattr(columns, table)
    names = columns.column_names(declared)
    assert len(set(names)) == len(names)
    assert all(column.meaning and column.values and column.missing for column in declared)


def test_a_table_with_all_columns_passes():
    columns.require_columns(pd.DataFrame(columns=["b", "a", "extra"]), ["a", "b"], "table")


def test_one_absent_column_is_named_with_those_there():
    with pytest.raises(UserError, match=r"^scores\.csv: no column 'score'; the columns are 'source', 'mark'$"):
        columns.require_columns(pd.DataFrame(columns=["source", "mark"]), ["source", "score"], "scores.csv")


def test_several_absent_columns_are_all_named():
    with pytest.raises(UserError, match="^table: no columns 'source', 'target'; the columns are none$"):
        columns.require_columns(pd.DataFrame(), columns.MISSING, "table")
