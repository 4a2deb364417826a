"""Everything that makes an adapter or a cell changes its name in the store; nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from crosstask import identity
from crosstask.config import (
    Data,
    DataKind,
    Decision,
    Extraction,
    Lora,
    Loss,
    Metric,
    Model,
    Optimizer,
    Scoring,
    Task,
    Tracking,
    TrainConfig,
    Trainer,
)
from crosstask.data.examples import Example
from crosstask.fingerprint import fingerprint

ROWS = [Example("train-0", "p", "a"), Example("train-1", "q", "b")]
CONFIG = TrainConfig(model=Model(name="m", path="m"), data=Data(name="d", kind=DataKind.miniature))


def recipe(config: TrainConfig = CONFIG, base: str = "base", rows: list[Example] = ROWS, name: str = "goat") -> str:
    return fingerprint(identity.recipe(config, base, {name: rows}))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"lora": Lora(rank=9)},
        {"lora": Lora(alpha=9)},
        {"lora": Lora(dropout=0.1)},
        {"lora": Lora(target_modules=["q_proj"])},
        {"optimizer": Optimizer(learning_rate=1)},
        {"optimizer": Optimizer(warmup_steps=1)},
        {"optimizer": Optimizer(weight_decay=1)},
        {"optimizer": Optimizer(clip=9)},
        {"trainer": Trainer(max_epochs=9)},
        {"trainer": Trainer(max_steps=9)},
        {"trainer": Trainer(batch_size=9)},
        {"trainer": Trainer(accumulate=9)},
        {"trainer": Trainer(max_length=9)},
        {"trainer": Trainer(loss=Loss.sequence)},
        {"trainer": Trainer(bucket=True)},
        {"trainer": Trainer(held_out=0.1)},
    ],
)
def test_every_setting_that_is_learned_from_makes_another_adapter(change: dict[str, Any]):
    assert recipe(replace(CONFIG, **change)) != recipe()


@pytest.mark.parametrize("change", [{"evaluate_steps": 9}, {"patience": 9}])
def test_early_stopping_makes_another_adapter_where_rows_are_held_out(change: dict[str, Any]):
    trainer = Trainer(held_out=0.1)
    changed = replace(CONFIG, trainer=replace(trainer, **change))
    assert recipe(changed) != recipe(replace(CONFIG, trainer=trainer))


def test_base_and_data_make_another_adapter():
    assert recipe(base="other") != recipe()
    assert recipe(rows=ROWS[:1]) != recipe()
    assert recipe(rows=ROWS[::-1]) != recipe()


@pytest.mark.parametrize(
    "change",
    [
        {"store": "elsewhere"},
        {"tracking": Tracking(project="other")},
        {"scoring": Scoring(batch_tokens=1)},
        {"model": Model(name="renamed", path="moved")},
        {"data": Data(name="renamed", kind=DataKind.local, root="moved", test_rows=9)},
        {"trainer": Trainer(checkpoint_steps=9, accelerator="cpu")},
        {"trainer": Trainer(batch_tokens=9, packing=True, gradient_checkpointing=True)},
        {"trainer": Trainer(evaluate_steps=9, patience=9)},
        {"lora": Lora(target_modules=list(reversed(Lora().target_modules)))},
    ],
)
def test_names_paths_and_bookkeeping_do_not(change: dict[str, Any]):
    assert recipe(replace(CONFIG, **change)) == recipe()


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
    return identity.cell_key(base, adapter, task, Scoring(**scoring), rows, content_free)


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
    assert [identity.new_tokens(OPEN, Scoring(max_new_tokens=n)) for n in (None, 5, 500)] == [50, 5, 50]


def test_data_is_named_by_its_test_side():
    data = Data(name="d", kind=DataKind.local, root="r", train_rows=1)
    same = [replace(data, name="e"), replace(data, train_rows=2)]
    others = [
        replace(data, root="s"),
        replace(data, test_rows=2),
        replace(data, seed=2),
        replace(data, kind=DataKind.hub),
    ]
    assert {identity.data_id(other) for other in same} == {identity.data_id(data)}
    assert len({identity.data_id(other) for other in [data, *others]}) == 5
