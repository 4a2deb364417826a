"""Everything that makes a cell changes its name in the store; nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from crosstask.config import (
    Decision,
    Extraction,
    Metric,
    Scoring,
    Task,
)
from crosstask.data.examples import Example
from crosstask.evaluation.cell_key import cell_key, new_tokens

ROWS = [Example("train-0", "p", "a"), Example("train-1", "q", "b")]


CLOSED = Task(prompt="p", answer="a", metric=Metric.accuracy, labels=["0", "1"])
OPEN = Task(prompt="p", answer="a", metric=Metric.exact_match, extraction=Extraction("(a)", "(b)"), max_new_tokens=50)


def key(
    task: Task = OPEN,
    adapter: str | None = "x",
    base: str = "b",
    rows: list[Example] = ROWS,
    content_free: str = "N/A",
    **scoring: Any,
) -> Any:
    return cell_key(base, adapter, task, Scoring(**scoring), rows, content_free)


def test_what_is_asked_and_what_is_judged_are_two_things():
    assert key(replace(OPEN, extraction=Extraction("(c)", "(b)"))).outputs == key().outputs
    assert key(replace(OPEN, extraction=Extraction("(c)", "(b)"))).scoring != key().scoring
    assert key(max_new_tokens=5).outputs != key().outputs
    assert key(max_new_tokens=5).scoring == key().scoring


@pytest.mark.parametrize("change", [{"adapter": "y"}, {"adapter": None}, {"base": "c"}, {"rows": ROWS[:1]}])
def test_another_adapter_base_or_data_gives_other_outputs(change: dict[str, Any]):
    assert key(**change).outputs != key().outputs


def test_labels_and_their_order_are_asked():
    assert key(replace(CLOSED, labels=["1", "0"])).outputs != key(CLOSED).outputs


def test_what_decides_is_judged_and_not_asked():
    decided = replace(CLOSED, decide=Decision.per_token)
    assert key(decided).outputs == key(CLOSED).outputs
    assert key(decided).scoring != key(CLOSED).scoring


def test_the_prompt_without_content_is_asked_by_closed_tasks_alone():
    assert key(CLOSED, content_free="-").outputs != key(CLOSED).outputs
    assert key(OPEN, content_free="-").outputs == key(OPEN).outputs


def test_a_column_is_everything_but_the_adapter_and_the_base_model():
    assert key(adapter="y").target == key(base="c").target == key().target
    for other in (key(rows=ROWS[:1]), key(max_new_tokens=5), key(replace(OPEN, metric=Metric.chrf))):
        assert other.target != key().target


def test_the_token_budget_is_no_part_of_a_cell():
    assert key(batch_tokens=1) == key(batch_tokens=64)


def test_the_lower_of_both_limits_counts():
    assert [new_tokens(OPEN, Scoring(max_new_tokens=n)) for n in (None, 5, 500)] == [50, 5, 50]
