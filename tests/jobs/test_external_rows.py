"""Rows of adapters and models that were made elsewhere: scored as peft has them, identified by content, or refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from crosstask.config.external import External
from crosstask.config.inputs import Model
from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.jobs.ahead import ELSEWHERE
from crosstask.jobs.forecast import forecast
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.models import base_model
from crosstask.runs.adapter_similarity import adapter_similarities
from crosstask.storage.layout import CONFIG, WEIGHTS
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.sweeps.without_work import new_plan
from tests.conftest import write_model
from tests.support.architectures import write_architecture
from tests.support.foreign_adapters import LORA, fresh, made_by_peft, moved
from tests.support.small_tasks import FILMS

NATS = 1e-4


@pytest.fixture
def adapter(model_folder: Path, tmp_path: Path) -> Path:
    return made_by_peft(model_folder, tmp_path / "made" / "reviews")


@pytest.fixture
def whole(model_folder: Path, tmp_path: Path) -> Path:
    """The base model with every weight moved, in a folder with its tokenizer."""
    folder = tmp_path / "made" / "whole"
    moved(fresh(model_folder), 0.05).save_pretrained(folder)
    AutoTokenizer.from_pretrained(model_folder).save_pretrained(folder)
    return folder


def job(config: TrainConfig, folder: Path, **more: Any) -> TrainConfig:
    return replace(config, source={"base": None}, adapter=External(path=str(folder), **more))


def run(config: TrainConfig) -> str:
    return evaluate(config, Progress(), "")


def log_probabilities(config: TrainConfig) -> np.ndarray:
    """Those of the labels in the only row's cell on films."""
    store = Store(config.store)
    (record,) = store.records()
    return np.stack(pd.read_parquet(store.answers(record.cells["films"]))["log_probabilities"].to_list())


def by_hand(model: Any, config: TrainConfig) -> np.ndarray:
    """The same by plain transformers, one sequence at a time."""
    tokenizer = AutoTokenizer.from_pretrained(config.model.path)
    store = Store(config.store)
    (record,) = store.records()
    rows = pd.read_json(Path(str(config.data.root)) / "films" / "test.jsonl", lines=True)
    texts = dict(zip((f"test-{number}" for number in range(len(rows))), rows["text"], strict=True))
    examples = pd.read_parquet(store.answers(record.cells["films"]))["example"]
    found = []
    for example in examples:
        prompt = tokenizer(f"{texts[example]}\nSentiment:\n")["input_ids"]
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([prompt])).logits[0, -1].log_softmax(-1)
        found.append([float(logits[tokenizer.convert_tokens_to_ids(label)]) for label in FILMS.labels])
    return np.array(found)


def test_the_row_of_an_adapter_is_what_peft_itself_gives(config: TrainConfig, adapter: Path, model_folder: Path):
    assert run(job(config, adapter)).startswith("done: scored 2 targets")
    expected = by_hand(peft.PeftModel.from_pretrained(fresh(model_folder), adapter).eval(), config)
    np.testing.assert_allclose(log_probabilities(config), expected, rtol=0, atol=NATS)


def test_the_row_of_a_whole_model_is_what_transformers_gives(config: TrainConfig, whole: Path):
    assert run(job(config, whole)).startswith("done: scored 2 targets")
    np.testing.assert_allclose(log_probabilities(config), by_hand(fresh(whole).eval(), config), rtol=0, atol=NATS)


def test_a_whole_model_may_know_more_tokens(config: TrainConfig, whole: Path):
    larger, tokenizer = fresh(whole), AutoTokenizer.from_pretrained(whole)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<turn>"]})
    larger.resize_token_embeddings(len(tokenizer))
    larger.save_pretrained(whole)
    tokenizer.save_pretrained(whole)
    run(job(config, whole))
    np.testing.assert_allclose(log_probabilities(config), by_hand(larger.eval(), config), rtol=0, atol=NATS)


def test_a_row_is_known_by_its_content(config: TrainConfig, adapter: Path, tmp_path: Path):
    run(job(config, adapter))
    moved = shutil.move(adapter, tmp_path / "elsewhere")
    renamed = "reused: 2 cells, its files are those of reviews, whose row is called renamed from now on"
    assert run(job(config, moved, name="renamed")) == renamed
    assert run(job(config, moved, name="renamed")) == "reused: 2 cells"
    weights = load_file(moved / WEIGHTS)
    save_file({key: value + 0.01 for key, value in weights.items()}, moved / WEIGHTS, metadata={"format": "pt"})
    assert run(job(config, moved, name="renamed")).startswith("done: scored 2 targets")
    assert len(Store(config.store).records()) == 2


def test_a_row_without_a_seed_and_training_settings(config: TrainConfig, adapter: Path):
    run(job(config, adapter))
    (row,) = StoredRows(Store(config.store)).rows()
    assert (row.record.source, row.record.seed, row.record.settings, row.record.adapter) == (
        "reviews",
        None,
        None,
        None,
    )
    assert row.record.external is not None
    assert {score.adapter for score in row.scores.values()} == {row.record.external}
    assert row.record.config["adapter.path"] == str(adapter)
    assert not [name for name in row.record.config if name.startswith(("lora.", "trainer.", "optimizer.", "seed"))]


def test_known_training_data_give_an_own_task_and_a_profile(config: TrainConfig, adapter: Path):
    root = Path(str(config.data.root))
    shutil.copytree(root / "films", root / "imdb")
    run(job(config, adapter, trained_on=["imdb"]))
    (record,) = Store(config.store).records()
    assert record.home == ("imdb",)
    assert list(record.profiles["source"]) == ["reviews"]


def test_its_effect_is_noted_at_first_and_must_be_met_later(config: TrainConfig, adapter: Path):
    run(job(config, adapter))
    (path,) = (Path(config.store) / "external").iterdir()
    noted = json.loads(path.read_text())
    store = Store(config.store)
    (record,) = store.records()
    score = store.score(record.cells["films"])
    assert score is not None
    assert score.logit_difference == tuple(noted["logit_difference"])
    path.write_text(json.dumps(noted | {"logit_difference": [2 * value for value in noted["logit_difference"]]}))
    shutil.rmtree(Path(config.store) / "cells")
    with pytest.raises(UserError, match="the adapter's effect differs from the one on record"):
        run(job(config, adapter))
    path.unlink()
    assert run(job(config, adapter)).startswith("done: scored 2 targets")
    assert json.loads(path.read_text()) == noted


def test_what_has_no_effect_is_no_row(config: TrainConfig, model_folder: Path, tmp_path: Path):
    peft.get_peft_model(fresh(model_folder), LORA).save_pretrained(tmp_path / "idle")
    shutil.copytree(model_folder, tmp_path / "copy")
    for folder in ("idle", "copy"):
        with pytest.raises(UserError, match=f"{folder} has no effect: with and without it the logits"):
            run(job(config, tmp_path / folder))


def named(folder: Path, base: str | None) -> Path:
    """Write another name of the base model into an adapter's configuration."""
    settings = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(settings | {"base_model_name_or_path": base}))
    return folder


@pytest.mark.parametrize("base", ["meta-llama/Llama-3.2-1B", "/home/me/models/tiny", None])
def test_another_name_of_the_base_model_has_to_be_checked(config: TrainConfig, adapter: Path, base: str | None):
    named(adapter, base)
    with pytest.raises(UserError, match=r"and the base model is .*; if they are the same, adapter.base_checked=true"):
        run(job(config, adapter))
    assert run(job(config, adapter, base_checked=True)).startswith("done")


def test_the_base_model_may_lie_in_another_folder(
    config: TrainConfig, adapter: Path, model_folder: Path, tmp_path: Path
):
    copy = shutil.copytree(model_folder, tmp_path / "copy")
    assert run(job(config, named(adapter, str(copy)))).startswith("done")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("HuggingFaceTB/SmolLM2-135M", "{}/SmolLM2-135M"), ("{}/nowhere/smollm2-135m", "{}/SmolLM2-135M")],
)
def test_an_id_on_the_hub_is_a_folder_of_its_name(
    config: TrainConfig, adapter: Path, model_folder: Path, tmp_path: Path, theirs: str, ours: str
):
    shutil.copytree(model_folder, tmp_path / "SmolLM2-135M")
    model = replace(config.model, path=ours.format(tmp_path))
    named(adapter, theirs.format(tmp_path))
    if theirs.startswith("{}"):  # neither is an id
        with pytest.raises(UserError, match="it was trained on"):
            run(replace(job(config, adapter), model=model))
    else:
        assert run(replace(job(config, adapter), model=model)).startswith("done")


def test_an_adapter_of_other_shapes_is_refused(config: TrainConfig, adapter: Path, model_folder: Path, tmp_path: Path):
    write_architecture(tmp_path / "qwen2", "qwen2", AutoTokenizer.from_pretrained(model_folder))
    other = replace(config, model=replace(config.model, path=str(tmp_path / "qwen2")))
    with pytest.raises(UserError, match=r"has the shape|lacks|not an adapter for this base model"):
        run(job(other, adapter, base_checked=True))


def test_a_whole_model_of_another_family_or_size_is_refused(config: TrainConfig, model_folder: Path, tmp_path: Path):
    other = write_architecture(tmp_path / "qwen2", "qwen2", AutoTokenizer.from_pretrained(model_folder))
    with pytest.raises(UserError, match="qwen2: a model of type 'qwen2', where the base model is of 'llama'"):
        run(job(config, other))
    smaller = fresh(model_folder)
    settings = smaller.config
    settings.num_hidden_layers = 1
    type(smaller)(settings).save_pretrained(tmp_path / "smaller")
    AutoTokenizer.from_pretrained(model_folder).save_pretrained(tmp_path / "smaller")
    with pytest.raises(
        UserError, match=r"smaller: not fine-tuned from the base model: model\.layers\.1\..* the shape N"
    ):
        run(job(config, tmp_path / "smaller"))


def test_a_whole_model_of_other_heads_is_refused_although_its_shapes_are_the_same(config: TrainConfig, whole: Path):
    settings = json.loads((whole / "config.json").read_text())
    (whole / "config.json").write_text(
        json.dumps(settings | {"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 4})
    )
    heads = settings["num_attention_heads"]
    with pytest.raises(UserError, match=f"base model: num_attention_heads is 8, there {heads}"):
        run(job(config, whole))


def test_a_folder_with_an_adapter_and_a_whole_model_is_refused(config: TrainConfig, adapter: Path, whole: Path):
    shutil.copy(whole / "model.safetensors", adapter)
    message = r"holds an adapter \(adapter_config.json\) and a whole model \(model.safetensors\)"
    with pytest.raises(UserError, match=message):
        run(job(config, adapter))


def test_damage_is_named(config: TrainConfig, adapter: Path):
    (adapter / WEIGHTS).write_bytes(b"broken")
    with pytest.raises(UserError, match=r"reviews/adapter_model.safetensors: damaged: "):
        run(job(config, adapter))
    (adapter / WEIGHTS).unlink()
    with pytest.raises(
        UserError, match=r"reviews/adapter_model.safetensors: no such file, so the adapter has no weights"
    ):
        run(job(config, adapter))
    (adapter / CONFIG).write_text("{")
    (adapter / WEIGHTS).write_bytes(b"broken")
    with pytest.raises(UserError, match=r"reviews/adapter_config.json: cannot be read"):
        run(job(config, adapter))


def test_a_dry_run_loads_nothing(config: TrainConfig, adapter: Path):
    found = forecast(job(config, adapter), False, new_plan())
    assert (found.adapter, found.cells) == (ELSEWHERE, {"films": "to make", "sums": "to make"})
    run(job(config, adapter))
    plan = new_plan()
    assert set(forecast(job(config, adapter), False, plan).cells.values()) == {"exists"}
    base = replace(config, source={"base": None})
    assert set(forecast(base, False, plan).cells.values()) == {"to make"}


def test_outputs_are_scored_again_without_the_weights(config: TrainConfig, adapter: Path):
    run(job(config, adapter))
    line = run(replace(job(config, adapter), rescore=True))
    assert line == "done: re-scored the stored outputs of 2 targets, 0 changed"


def test_the_base_model_of_the_tests_is_another_with_another_seed(tmp_path: Path, config: TrainConfig, adapter: Path):
    """The same shapes, other weights: nothing tells but the name, which is why it has to be checked."""
    other = write_model(tmp_path / "other", seed=1)
    model = replace(config.model, path=str(other))
    with pytest.raises(UserError, match="it was trained on"):
        run(replace(job(config, adapter), model=model))


def test_files_that_change_while_they_are_loaded_are_no_row(
    config: TrainConfig, adapter: Path, monkeypatch: pytest.MonkeyPatch
):
    load = base_model.load

    def load_late(*arguments: Any) -> Any:
        weights = load_file(adapter / WEIGHTS)
        save_file({key: -value for key, value in weights.items()}, adapter / WEIGHTS, metadata={"format": "pt"})
        return load(*arguments)

    monkeypatch.setattr(base_model, "load", load_late)
    with pytest.raises(UserError, match="reviews: its files changed while it was loaded"):
        run(job(config, adapter))
    assert not list(Path(config.store).glob("cells/*/outputs.parquet"))


def test_a_whole_model_that_changes_while_it_is_loaded_is_no_row(
    config: TrainConfig, whole: Path, monkeypatch: pytest.MonkeyPatch
):
    load = base_model.load

    def load_late(model: Model, *arguments: Any) -> Any:
        if model.path == str(whole):
            weights = load_file(whole / "model.safetensors")
            save_file({key: -value for key, value in weights.items()}, whole / "model.safetensors")
        return load(model, *arguments)

    monkeypatch.setattr(base_model, "load", load_late)
    with pytest.raises(UserError, match="whole: its files changed while it was loaded"):
        run(job(config, whole))
    assert not list(Path(config.store).glob("cells/*/outputs.parquet"))


def test_what_is_said_last_of_its_training_data_holds(config: TrainConfig, adapter: Path):
    root = Path(str(config.data.root))
    shutil.copytree(root / "films", root / "imdb")
    run(job(config, adapter, trained_on=["imdb"], name="one"))
    run(job(config, adapter, name="two"))
    (record,) = Store(config.store).records()
    assert (record.source, record.home, record.profiles["source"]) == ("two", (), {})


@pytest.mark.parametrize("name", [5, True, ["a"], {"a": 1}, "~nouser/x", "x" * 5000])
def test_an_odd_name_of_the_base_model_is_one_line(config: TrainConfig, adapter: Path, name: Any):
    settings = json.loads((adapter / CONFIG).read_text())
    (adapter / CONFIG).write_text(json.dumps(settings | {"base_model_name_or_path": name}))
    with pytest.raises(UserError, match=r"adapter\.path=.*reviews: ") as error:
        run(job(config, adapter))
    assert len(str(error.value)) < 600


def test_what_is_said_of_all_rows_is_not_said_of_base(config: TrainConfig):
    base = replace(config, source={"base": None}, adapter=External(trained_on=["imdb"], base_checked=True))
    run(base)
    (record,) = Store(config.store).records()
    assert (record.source, record.home, record.external) == ("base", (), None)


def test_weights_that_are_no_floating_point_numbers_are_refused(config: TrainConfig, adapter: Path):
    weights = {key: value.to(torch.int8) for key, value in load_file(adapter / WEIGHTS).items()}
    save_file(weights, adapter / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(UserError, match="is of the type torch.int8; weights are floating-point numbers"):
        run(job(config, adapter))


def test_rows_made_here_and_elsewhere_have_similarities(config: TrainConfig, adapter: Path):
    train(config, Progress())
    run(job(config, adapter))
    rows = StoredRows(Store(config.store))
    records = [row.record for row in rows.rows()]
    found = adapter_similarities(records, rows.fetch_adapters(records), {"films": "films", "reviews": "sums"})
    assert set(found["source"]) == {"films", "reviews"}
