"""Tables against those of pandas, which takes ten times as long."""

import pandas as pd
import pytest

from crosstask.report.files.latex import latex


@pytest.mark.parametrize("rows", [3, 45, 46])
def test_tables_are_those_of_pandas(rows):
    names = ["a_b & c", "5 % of $1", "#{x}~^ \\ y^2~z"]
    frame = pd.DataFrame({"name_": (names * rows)[:rows], "n": pd.array([1] * rows, "Int64"), "known": [True] * rows})
    style = frame.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
    environment = "longtable" if rows > 45 else None
    assert latex(frame) + "\n" == style.to_latex(hrules=True, column_format="lrr", environment=environment)
