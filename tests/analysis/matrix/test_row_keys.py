"""What a row is follows from its keys, never from how they read."""

import pandas as pd
import pytest

from crosstask.analysis.matrix.row_keys import (
    base_rows,
    distinct_settings,
    own_base_rows,
    row_index,
    row_labels,
    row_settings,
    row_sources,
)
from crosstask.errors import UserError


def keyed(*rows: tuple[str, ...], names: tuple[str, ...] = ("source", "model", "lora.rank")) -> pd.MultiIndex:
    """Rows with a level for each of their keys."""
    return pd.MultiIndex.from_tuples(rows, names=names)


def test_rows_are_sources_or_have_a_level_for_each_key_in_text():
    table = pd.DataFrame({"source": ["base", "org/a"], "seed": [None, 3.0], "rate": [None, 0.002]})
    assert row_index(table, ("source",)).tolist() == ["base", "org/a"]
    finer = row_index(table, ("source", "seed", "rate"))
    assert finer.tolist() == [("base", "", ""), ("org/a", "3", "0.002")]
    assert finer.names == ["source", "seed", "rate"]


def test_sources_and_settings_are_levels_whatever_they_are_called():
    rows = keyed(("base", "meta/Llama", ""), ("org/a", "Llama", "4"))
    assert row_sources(rows).tolist() == ["base", "org/a"]
    assert base_rows(rows).tolist() == [True, False]
    assert row_settings(rows) == [("meta/Llama", ""), ("Llama", "4")]


def test_a_seed_is_no_setting():
    rows = keyed(("a", "0", "m"), ("a", "1", "m"), names=("source", "seed", "model"))
    assert row_settings(rows) == [("m",), ("m",)]
    assert row_settings(pd.Index(["a", "b"], name="source")) == [(), ()]


def test_several_base_models_are_all_taken_for_base():
    rows = keyed(("base", "m", ""), ("base", "n", ""), ("goat", "m", "4"), ("baseball", "m", "4"))
    assert base_rows(rows).tolist() == [True, True, False, False]


def test_a_base_model_whose_name_ends_like_anothers_is_not_taken_for_it():
    rows = keyed(("base", "Llama", ""), ("base", "meta/Llama", ""), ("goat", "meta/Llama", "8"), ("goat", "Llama", "8"))
    assert own_base_rows(rows).tolist() == [0, 1, 1, 0]


def test_a_key_of_a_base_model_is_no_other_key_of_the_row():
    """A base model called 8 is not that of a row of rank 8."""
    rows = keyed(("base", "8", ""), ("goat", "4", "8"), ("goat", "8", "4"))
    assert own_base_rows(rows).tolist() == [0, -1, 0]


def test_a_base_model_that_is_one_of_several_is_refused_by_what_the_rows_are_called():
    rows = keyed(("base", "m", ""), ("base", "", "8"), ("goat", "m", "8"))
    with pytest.raises(UserError, match=r"^analysis\.rows: the base model of goat/m/8 could be base/m or base/8$"):
        own_base_rows(rows)


def test_a_base_model_stands_for_every_setting_that_agrees_with_it():
    rows = keyed(("base", "m", ""), ("base", "n", ""), ("a", "m", "8"), ("a", "m", "4"), ("b", "m", "8"))
    assert distinct_settings(rows) == [("m", "8"), ("m", "4"), ("n", "")]
    assert distinct_settings(rows[:2]) == [("m", ""), ("n", "")]


def test_labels_are_the_keys_that_say_something_with_slashes_between():
    rows = keyed(("base", "m", ""), ("goat", "m", "8"), ("goat", "meta/Llama", "none"))
    assert row_labels(rows).tolist() == ["base/m", "goat/m/8", "goat/meta/Llama/none"]
    assert row_labels(pd.Index(["base", "org/a"])).tolist() == ["base", "org/a"]


def test_rows_that_would_be_called_the_same_have_the_names_of_their_keys():
    rows = keyed(("org/a", "m", ""), ("org", "a/m", ""), ("org", "a", "m"), ("org", "b", "m"))
    assert row_labels(rows).tolist() == [
        "source=org/a, model=m",
        "source=org, model=a/m",
        "source=org, model=a, lora.rank=m",
        "org/b/m",
    ]


def test_rows_that_no_text_tells_apart_are_refused():
    alike = [("a", "b, y=c", ""), ("a/b, y=c", "", ""), ("a", "b", "c"), ("a/b", "c", "")]
    with pytest.raises(UserError, match=r"^analysis\.rows: two rows would be called 'source=a, x=b, y=c'; rename"):
        row_labels(keyed(*alike, names=("source", "x", "y")))
