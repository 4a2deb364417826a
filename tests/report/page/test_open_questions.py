"""What cannot be concluded, from tables that are written out here."""

import warnings

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.gains.columns import TABLES
from crosstask.analysis.schema import TableSchema
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.traits.columns import TABLES as OF_TRAITS
from crosstask.report.page.open_questions import open_questions
from crosstask.report.page.tables import Tables

NAN, INF = np.nan, np.inf


def questions(needed: list[tuple[float, float]]) -> dict[str, str]:
    """Those of three doubtful gains of 100 rows, which two seeds of one source have."""
    rows, seeds = zip(*needed, strict=True)
    gains = pd.DataFrame({"home": False, "q": 0.5, "significant": False, "n": 100, "rows_needed": rows})
    gains["seeds_needed"] = seeds
    (schema,) = [table for table in TABLES if table.name == "gains_long"]
    scores = pd.DataFrame({"source": "a", "target": "x", "seed": [0, 1]})
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
            "told in 0 of them. In half of the other 2 it would not be with more test rows alone.",
            id="rows do not, and seeds are not known",
        ),
        pytest.param(
            [(INF, INF), (INF, INF)],
            "told in 0 of them. In half of the other 2 it would not be with more test rows or seeds alone.",
            id="neither",
        ),
        pytest.param(
            [(400, 3), (600, NAN), (800, 7)],
            "told in 0 of them. In half of the other 3 it would be with 600 test rows.",
            id="seeds of some",
        ),
        pytest.param([(NAN, NAN)], "Their intervals say how large a gain or loss each may still be.", id="not known"),
    ],
)
def test_what_would_tell_the_other_gains(needed: list[tuple[float, float]], told: str):
    ((what, ways),) = [item for item in questions(needed).items() if "off the diagonal" in item[0]]
    assert what.startswith(f"{len(needed)} of {len(needed)} gains")
    assert ways.endswith(told)


def found_in(is_table: bool = False, scores: pd.DataFrame | None = None, **frames: pd.DataFrame) -> dict[str, str]:
    """Questions that some tables raise."""
    schemas: dict[str, TableSchema] = {table.name: table for table in (*TABLES, *OF_TRAITS)}
    tables = Tables([Findings(tuple(Table(schemas[name], frame) for name, frame in frames.items()))])
    none = pd.DataFrame({"source": ["a"], "target": ["x"], "seed": [0]})
    return dict(open_questions(none if scores is None else scores, is_table, tables, []))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            {(14, 0.3): (0.14, 0.05), (14, 0.5): (0.73, 0.53), (14, 0.7): (0.98, 0.94), (25, 0.5): (0.95, 0.91)},
            "Traits that explain at least 70 % of a target's variance would be found in at least 94 % of matrices like"
            " this one, weaker ones (50 %) in 53 to 73 %; 25 sources would show those.",
        ),
        (
            {(12, 0.5): (0.44, 0.18), (12, 0.7): (0.84, 0.57), (25, 0.7): (0.97, 0.935), (50, 0.7): (0.99, 0.98)},
            "Traits that explain 70 % of a target's variance would be found in 57 to 84 % of matrices like this one;"
            " 25 sources would show those.",
        ),
        (
            {(20, 0.5): (0.85, 0.81), (20, 0.7): (0.9, 0.9)},
            "Traits that explain at least 50 % of a target's variance would be found in at least 81 % of matrices like"
            " this one.",
        ),
        (
            {(9, 0.3): (0.9, 0.9), (9, 0.7): (0.6, 0.6), (50, 0.7): (0.7, 0.7)},
            "Traits that explain 70 % of a target's variance would be found in 60 % of matrices like this one; more"
            " sources might show those.",
        ),
    ],
)
def test_what_traits_would_be_found(found: dict[tuple[int, float], tuple[float, float]], told: str):
    rows = [(*key, traits, share) for key, of in found.items() for traits, share in zip((2, 3), of, strict=True)]
    power = pd.DataFrame(rows, columns=["sources", "communality", "traits", "found"])
    components = pd.DataFrame({"retained": [False]})
    assert found_in(components=components, power=power)["That there is no trait"] == told


def test_without_a_base_model_nothing_is_known_of_help_and_harm():
    targets = pd.DataFrame({"target": ["x"], "gains_over": ["mean"]})
    what = "Whether any source helps or hurts: no base model was run, gains are over the mean of sources"
    assert found_in(targets=targets)[what] == "python train.py source=base runs it."
    assert found_in(True, targets=targets)[what] == "A row base in the table."
    assert what not in found_in(targets=targets.assign(gains_over="base"))


def test_seeds_are_those_of_cells():
    scores = pd.DataFrame({"source": ["a", "a", "b", "b"], "target": ["x", "y"] * 2, "seed": [0, 7, 0, 0]})
    what = "Whether the data or the very adapter does it, for 2 of 2 sources with one seed"
    assert found_in(scores=scores)[what] == "Three seeds of each: seed=0,1,2."
    assert found_in(True, scores)[what] == "Three seeds of each."


def test_gains_that_could_not_be_tested_are_counted():
    gains = pd.DataFrame({"home": False, "q": [0.5, 0.01, NAN], "significant": [False, True, pd.NA], "n": 100})
    gains = gains.assign(rows_needed=NAN, seeds_needed=NAN)
    (what,) = [name for name in found_in(gains_long=gains) if "off the diagonal" in name]
    assert (
        what
        == "1 of 2 gains off the diagonal: not distinguishable from 0, nor shown to be 0; 1 more could not be tested"
    )
