"""What cannot be concluded, from tables that are written out here."""

import warnings

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.gains.columns import TABLES
from crosstask.analysis.section import Findings, Table
from crosstask.report.page.open_questions import open_questions
from crosstask.report.page.tables import Tables

NAN, INF = np.nan, np.inf


def questions(needed: list[tuple[float, float]]) -> dict[str, str]:
    """Those of three doubtful gains of 100 rows, which two seeds of one source have."""
    rows, seeds = zip(*needed, strict=True)
    gains = pd.DataFrame({"home": False, "q": 0.5, "significant": False, "n": 100, "rows_needed": rows})
    gains["seeds_needed"] = seeds
    (schema,) = [table for table in TABLES if table.name == "gains_long"]
    scores = pd.DataFrame({"source": "a", "seed": [0, 1]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return dict(open_questions(scores, False, Tables([Findings((Table(schema, gains),))]), []))


@pytest.mark.parametrize(
    ("needed", "told"),
    [
        pytest.param(
            [(90, 1), (400, NAN), (600, NAN), (800, NAN)],
            "told in 1 of them. In half of the other 3 it would be with 600 test rows.",
            id="no seeds",
        ),
        pytest.param(
            [(400, 3), (INF, 5), (INF, 7)],
            "told in 0 of them. In half of the other 3 it would be with 5 seeds.",
            id="rows do not",
        ),
        pytest.param(
            [(400, 3), (600, 5), (800, 7)],
            "told in 0 of them. In half of the other 3 it would be with 600 test rows or 5 seeds.",
            id="either",
        ),
        pytest.param(
            [(INF, INF), (INF, NAN)],
            "told in 0 of them. In half of the other 2 it would be by neither more test rows nor more seeds alone.",
            id="neither",
        ),
        pytest.param([(NAN, NAN)], "Their intervals say how large a gain or loss each may still be.", id="not known"),
    ],
)
def test_what_would_tell_the_other_gains(needed: list[tuple[float, float]], told: str):
    ((what, ways),) = [item for item in questions(needed).items() if "off the diagonal" in item[0]]
    assert what.startswith(f"{len(needed)} of {len(needed)} gains")
    assert ways.endswith(told)
