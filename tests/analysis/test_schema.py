"""The declared columns and their checker."""

import pandas as pd
import pytest

from crosstask.analysis import schema
from crosstask.analysis.gains import columns as gains
from crosstask.analysis.matrix import columns as matrix
from crosstask.analysis.similarity import columns as similarity
from crosstask.analysis.traits import columns as traits
from crosstask.errors import UserError

TABLES = {
    name: declared
    for module in (matrix, gains, similarity, traits)
    for name, declared in vars(module).items()
    if name.isupper() and isinstance(declared, tuple) and name != "TABLES"
}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_what_it_holds_once(table):
    declared = TABLES[table]
    names = schema.column_names(declared)
    assert len(set(names)) == len(names)
    assert all(column.meaning and column.values and column.missing for column in declared)


def test_a_table_with_all_columns_passes():
    schema.require_columns(pd.DataFrame(columns=["b", "a", "extra"]), ["a", "b"], "table")


def test_one_absent_column_is_named_with_those_there():
    with pytest.raises(UserError, match=r"^scores\.csv: no column 'score'; the columns are 'source', 'mark'$"):
        schema.require_columns(pd.DataFrame(columns=["source", "mark"]), ["source", "score"], "scores.csv")


def test_several_absent_columns_are_all_named():
    with pytest.raises(UserError, match="^table: no columns 'source', 'target'; the columns are none$"):
        schema.require_columns(pd.DataFrame(), matrix.MISSING, "table")
