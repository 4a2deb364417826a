"""What a job will do, compared with what it then does."""

import gc
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind, Model, Precision, Quantization
from crosstask.config.job import TrainConfig
from crosstask.config.judge import Judge
from crosstask.config.training import Strategy, Trainer
from crosstask.data import drawn_examples
from crosstask.errors import NotAtHand, UserError
from crosstask.evaluation.scorers.registry import scorer
from crosstask.hub.cache import cached_only
from crosstask.hub.data_sets import dataset_rows
from crosstask.hub.models import config_folder
from crosstask.jobs import job, resources
from crosstask.jobs.ahead import EXISTS, MADE, NOT_KNOWN, TO_MAKE, Forecast
from crosstask.jobs.amount import Amount, Certainty
from crosstask.jobs.forecast import Plan, forecast
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import possible_rows, read_target
from crosstask.models import architecture, base_model, machine, size
from crosstask.models.adapters import fresh
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store
from crosstask.sweeps.without_work import new_plan
from tests.support.small_tasks import FILMS, SUMS


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network, and an empty cache."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a dry run connects to something")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def ahead(config: TrainConfig, trains: bool = True, plan: Plan | None = None) -> Forecast:
    return forecast(config, trains, plan or new_plan(), "python train.py source=films")


def files(folder: str) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")}


def test_a_forecast_is_what_the_job_then_does(config: TrainConfig, base: BaseModel, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(base_model, "_load", lambda *_: pytest.fail("a dry run loads the model"))
        before = ahead(config)
    assert not Path(config.store).exists()
    assert (before.adapter, set(before.cells.values())) == (TO_MAKE, {TO_MAKE})
    assert before.training is not None

    asked = []
    for name, task in config.target.items():
        requests = scorer(name, task).requests(base, read_target(scorer(name, task), config))
        asked.append(sum(requests.lengths))
    assert before.scored == Amount(sum(asked))
    job.train(config, Progress())
    (row,) = Store(config.store).records()
    report = Store(config.store).adapter_record(str(row.adapter)).report
    assert before.training.steps == Amount(report.steps)
    lines = drawn_examples.train_examples("films", FILMS, config.data)
    tokens = sum(len(base.tokenizer(one.prompt + one.answer)["input_ids"]) + 1 for one in lines)  # and the end token
    assert (before.training.rows, before.training.tokens) == (Amount(12), Amount(tokens))

    gc.collect()  # what the training made refers to itself, and its temporary folder goes with it
    then = files(config.store)
    after = ahead(config)
    assert (after.adapter, set(after.cells.values())) == (EXISTS, {EXISTS})
    assert (after.training, after.scored, after.seconds, after.memory) == (None, Amount(), Amount(), Amount())
    assert files(config.store) == then


def test_only_what_is_missing_is_to_be_made(config: TrainConfig):
    job.train(replace(config, target={"films": FILMS}), Progress())
    found = ahead(config)
    assert (found.adapter, found.cells, found.training) == (EXISTS, {"films": EXISTS, "sums": TO_MAKE}, None)
    assert found.scored == ahead(replace(config, target={"sums": SUMS})).scored != Amount()
    assert ahead(replace(config, seed=1)).adapter == TO_MAKE


def test_what_an_earlier_job_of_the_sweep_makes_is_made_once(config: TrainConfig):
    plan = new_plan()
    first = ahead(replace(config, target={"films": FILMS}), plan=plan)
    second = ahead(config, plan=plan)
    assert (first.adapter, second.adapter) == (TO_MAKE, MADE)
    assert (second.training, second.cells) == (None, {"films": MADE, "sums": TO_MAKE})
    bases = [ahead(replace(config, source={"base": None}, seed=seed), plan=plan) for seed in (0, 1)]
    assert [set(one.cells.values()) for one in bases] == [{TO_MAKE}, {MADE}]


def test_epochs_steps_and_held_out_rows_are_counted(config: TrainConfig):
    once = ahead(config).training
    assert once is not None
    twice = ahead(replace(config, trainer=replace(config.trainer, max_epochs=2))).training
    assert twice is not None
    assert (twice.tokens, twice.steps) == (once.tokens * 2, once.steps * 2)
    held = ahead(replace(config, trainer=replace(config.trainer, held_out=0.25, evaluate_steps=1))).training
    assert held is not None
    assert (held.steps, once.evaluated) == (Amount(3), Amount())  # nine rows in steps of four
    assert held.evaluated.value == 3 * (once.tokens.value - held.tokens.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trainer": Trainer(held_out=0.01)}, "trainer.held_out=0.01: of 12 rows that is 0"),
        ({"target": {"films": replace(FILMS, answer="{{ nope }}")}}, "nope"),
        ({"model": Model(name="m", path="/nope")}, "model.path=/nope: no such folder"),
    ],
)
def test_a_job_that_would_fail_raises_its_usual_error(change: Any, message: str, config: TrainConfig):
    with pytest.raises(UserError, match=message) as planned:
        ahead(replace(config, **change))
    with pytest.raises(UserError) as done:
        job.train(replace(config, **change), Progress())
    assert str(planned.value) == str(done.value)


def test_settings_of_an_adapter_that_the_model_refuses_are_refused_alike(config: TrainConfig):
    for lora in (replace(config.lora, target_modules=["nope"]), replace(config.lora, rank=1000)):
        with pytest.raises(UserError) as planned:
            ahead(replace(config, lora=lora))
        with pytest.raises(UserError) as done:
            job.train(replace(config, lora=lora), Progress())
        assert str(planned.value) == str(done.value)


def test_what_needs_an_adapter_or_outputs_says_that_there_are_none(config: TrainConfig):
    with pytest.raises(UserError, match="no adapter of these settings exists; python train.py source=films trains it"):
        ahead(config, trains=False)
    job.train(replace(config, target={"films": FILMS}), Progress())
    assert ahead(config, trains=False).cells["sums"] == TO_MAKE
    with pytest.raises(UserError, match="the store has no outputs of films on sums"):
        ahead(replace(config, rescore=True), trains=False)


def test_a_device_that_is_not_there_is_refused(config: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match="model.quantization=nf4: needs a CUDA device"):
        ahead(replace(config, model=replace(config.model, quantization=Quantization.nf4)))


HUB = Data(name="hub", kind=DataKind.hub, train_rows=100, test_rows=10)
ABSENT = Model(name="absent", path="acme/absent-2B", precision=Precision.bfloat16)


def of_hub(config: TrainConfig, **changes: Any) -> TrainConfig:
    films = replace(FILMS, dataset=replace(FILMS.dataset, hub="acme/films"))
    sums = replace(SUMS, dataset=replace(SUMS.dataset, hub="acme/sums"))
    source, target = {"films": films}, {"films": films, "sums": sums}
    return replace(config, source=source, target=target, data=HUB, model=ABSENT, **changes)


def test_what_the_cache_lacks_is_estimated_from_the_task_files(config: TrainConfig):
    found = ahead(of_hub(config))
    assert (found.adapter, set(found.cells.values()), found.work) == (TO_MAKE, {TO_MAKE}, None)
    rows = ("training rows of films", "test rows of films", "test rows of sums")
    assert found.lacking == ("model.path=acme/absent-2B", *rows)
    training = found.training
    assert training is not None
    assert training.rows == Amount(100, Certainty.about)
    film = len("\nSentiment:\n") + 200  # a value of a row has 200 characters; four are a token
    assert training.tokens == Amount(100 * (film + 1) / 4, Certainty.about)
    assert training.steps == Amount(25, Certainty.about)
    asked = film / 4 + (len("\nAnswer:\n") + 200) / 4 + 5
    assert found.scored == Amount(10 * asked, Certainty.about)
    assert found.memory == Amount(2e9 * 2, Certainty.at_least), "the weights alone"
    assert found.seconds.certainty is Certainty.about


def test_rows_at_hand_are_counted_though_the_model_is_not(config: TrainConfig):
    found = ahead(replace(config, model=ABSENT))
    assert found.lacking == ("model.path=acme/absent-2B",)
    rows = drawn_examples.train_examples("films", FILMS, config.data)
    assert found.training is not None
    assert found.training.rows == Amount(12)
    assert found.training.tokens == Amount(sum(len(one.prompt + one.answer) for one in rows) / 4, Certainty.about)
    tested = [drawn_examples.test_examples(name, task, config.data) for name, task in config.target.items()]
    asked = sum(len(one.prompt) for examples in tested for one in examples)
    assert found.scored == Amount(asked / 4 + 4 * 5, Certainty.about)


def test_a_model_at_hand_has_its_size_though_rows_are_not(config: TrainConfig):
    found = ahead(replace(of_hub(config), model=config.model))
    assert found.lacking == ("training rows of films", "test rows of films", "test rows of sums")
    assert found.memory.certainty is Certainty.about


def test_what_nothing_tells_is_not_known(config: TrainConfig):
    found = ahead(replace(of_hub(config), model=Model(name="m", path="acme/large"), data=replace(HUB, train_rows=0)))
    assert found.training is not None
    assert [str(one) for one in (found.training.rows, found.training.tokens, found.seconds, found.memory)] == ["?"] * 4
    every = ahead(replace(of_hub(config), data=replace(HUB, test_rows=0)))
    assert str(every.scored) == "?"


def test_what_a_store_has_of_an_absent_model_is_not_known(config: TrainConfig):
    job.train(config, Progress())
    found = ahead(of_hub(config))
    assert (found.adapter, set(found.cells.values())) == (NOT_KNOWN, {NOT_KNOWN})
    assert ahead(of_hub(config), trains=False).training is None


def test_the_size_of_a_model_is_that_of_its_weights(base: BaseModel, config: TrainConfig):
    found = architecture.size_of(base.model)
    weights = dict(base.model.named_parameters())
    assert found.parameters == sum(weight.numel() for weight in weights.values())
    assert found.multiplied == found.parameters, "the embedding is the output layer too"
    assert size.weight_bytes(found, replace(config.model, precision=Precision.float32)) == 4 * found.parameters
    assert (found.layers, found.hidden, found.kept) == (2, 32, 2 * 2 * 2 * 8)
    with fresh(base, config.lora, seed=0) as model:
        trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert resources.model_ahead(config).trained == trained


@pytest.fixture
def of_ten_gigaflops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "speed", lambda *_: 1e10)
    monkeypatch.setattr(machine, "device", lambda: "cpu")


@pytest.mark.usefixtures("of_ten_gigaflops")
def test_time_is_operations_by_half_the_speed_of_a_product(config: TrainConfig):
    found = ahead(config)
    assert found.training is not None
    parameters = resources.model_ahead(config).size.multiplied  # type: ignore[union-attr]
    tokens = 4 * found.training.tokens.value + 2 * found.scored.value
    assert found.seconds.value == pytest.approx(tokens * parameters / 5e9)
    more = ahead(replace(config, trainer=replace(config.trainer, gradient_checkpointing=True)))
    assert more.seconds.value == pytest.approx((tokens + 2 * found.training.tokens.value) * parameters / 5e9)


@pytest.mark.usefixtures("of_ten_gigaflops")
def test_checkpointing_and_shorter_passes_and_more_devices_need_less_memory(config: TrainConfig):
    config = replace(config, target={"films": FILMS}, scoring=replace(config.scoring, batch_tokens=1))
    usual = ahead(config).memory.value
    for trainer in (
        replace(config.trainer, gradient_checkpointing=True),
        replace(config.trainer, batch_size=1, accumulate=4),
        replace(config.trainer, strategy=Strategy.fsdp, devices=2),
    ):
        assert ahead(replace(config, trainer=trainer)).memory.value < usual
    assert ahead(replace(config, model=replace(config.model, precision=Precision.bfloat16))).memory.value < usual


def test_a_product_is_timed():
    machine.speed.cache_clear()
    assert 1e7 < machine.speed(64, 64, "float32", 1) < 1e15


def test_only_the_cache_is_asked_within_the_block():
    absent = "acme/films on the Hub .*: not in the cache of this machine"
    with cached_only(), pytest.raises(NotAtHand, match=absent):
        dataset_rows("acme/films", None, "train", None)
    assert config_folder("acme/none", None) is None


def test_both_precisions_are_looked_for_in_the_store(config: TrainConfig):
    other = replace(config, model=replace(config.model, precision=Precision.bfloat16))
    job.train(replace(other, source={"base": None}), Progress())
    assert len(possible_rows(config)) == 2
    assert set(ahead(replace(config, source={"base": None})).cells.values()) == {EXISTS}


def judged(config: TrainConfig) -> TrainConfig:
    """A job of which a judge scores one of two targets."""
    judge = Judge(base_url="http://127.0.0.1:9/v1", model="judge")
    return replace(config, target={"films": FILMS, "sums": replace(SUMS, metric="judge")}, judge=judge)


def test_a_judge_is_asked_about_each_answer_of_a_cell_that_is_to_be_made(config: TrainConfig):
    assert ahead(config).judged == Amount()
    assert ahead(judged(config)).judged == Amount(4)
    plan = new_plan()
    assert [ahead(judged(config), plan=plan).judged for _ in range(2)] == [Amount(4), Amount()]
    again = replace(judged(config), judge=replace(judged(config).judge, model="other"))
    assert ahead(again, plan=plan).judged == Amount(4)


def test_outputs_that_are_scored_again_may_all_have_to_be_judged(config: TrainConfig):
    job.train(replace(config, source={"base": None}), Progress())
    base = replace(judged(config), source={"base": None})
    assert ahead(base, trains=False).judged == Amount(4)
    assert ahead(base, trains=False).scored == Amount(), "the outputs are those of exact match"
    assert ahead(replace(base, rescore=True), trains=False).judged == Amount(4)


def test_without_rows_at_hand_there_are_as_many_answers_as_rows_are_asked_for(config: TrainConfig):
    hub = of_hub(judged(config))
    hub = replace(hub, target={"sums": replace(hub.target["sums"], metric="judge")})
    assert ahead(hub).judged == Amount(10, Certainty.about)
    assert str(ahead(replace(hub, data=replace(HUB, test_rows=0))).judged) == "?"
