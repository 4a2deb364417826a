"""What the store knows of data sets and adapters beside the scores."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from crosstask.data.examples import Example
from crosstask.features.data_sets import DataSetText, keep_embeddings, keep_profiles
from crosstask.features.hidden_states import mean_hidden_state
from crosstask.features.surface import profile
from crosstask.fingerprint import fingerprint
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode
from crosstask.runs.adapter_similarity import adapter_similarities
from crosstask.runs.profiles import profile_notes, profile_table
from crosstask.storage import adapter_files
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.records import run_record

REPORT = TrainingReport(1, 1, 0, 0, 1, 1, 0, 0, 0, 0.0, 1.0, 1.0, None, 1, "at its end", 1.0)
PROMPTS = [
    "the film was good\nAnswer:\n",
    "a",
    "the film was bad and it was very long\n",
    *(f"{i} {i}" for i in range(30)),
]


def test_the_mean_hidden_state_is_that_of_one_prompt_at_a_time(base: BaseModel, model_folder: Path):
    other = AutoModelForCausalLM.from_pretrained(model_folder)
    with torch.inference_mode():
        states = [
            other(input_ids=torch.tensor([pair.prompt]), output_hidden_states=True).hidden_states[-1][0].mean(0)
            for pair in encode(base, PROMPTS, [""] * len(PROMPTS))
        ]
    np.testing.assert_allclose(mean_hidden_state(base, PROMPTS), torch.stack(states).mean(0), atol=1e-5)


def test_it_leaves_nothing_on_the_model(base: BaseModel):
    before = [len(module._forward_hooks) for module in base.model.modules()]
    mean_hidden_state(base, PROMPTS)
    assert [len(module._forward_hooks) for module in base.model.modules()] == before


def test_of_many_prompts_always_the_same_stand_for_all():
    many = [Example(f"train-{i}", f"{i}", "") for i in range(150)]
    drawn = DataSetText(many, []).drawn_prompts
    assert drawn == DataSetText(many, []).drawn_prompts
    assert len(set(drawn)) == 100
    assert drawn != [str(i) for i in range(100)]
    assert DataSetText(many[:7], []).drawn_prompts == [str(i) for i in range(7)]


def record(store: Store, run: str, source: str, **more: object) -> None:
    store.record(run_record(run, source, home=(source,), **more))


def profiles_of(store: Store, *runs: str) -> pd.DataFrame:
    records = [record for record in store.records() if record.run in runs]
    return profile_table(records, StoredRows(store).fetch_profiles(records))


def adapters_of(store: Store, homes: dict[str, str]) -> pd.DataFrame:
    return adapter_similarities(store.records(), StoredRows(store).fetch_adapters(store.records()), homes)


def test_profiles_are_read_back_by_role_and_name(store: Store, base: BaseModel):
    films = DataSetText([Example("train-0", "good film", "1")], ["0", "1"])
    sums = DataSetText([Example("test-0", "1 + 2", "3")], [])
    keep_profiles(store, [films, sums])
    keep_embeddings(store, [films], base.identity, "embedding", partial(mean_hidden_state, base))
    record(
        store, "r", "films", base=base.identity, profiles={"source": {"films": films.id}, "target": {"sums": sums.id}}
    )
    record(store, "other", "films", profiles={"source": {"films": "elsewhere"}})
    table = profiles_of(store, "r")
    words = table[table["kind"] == "word"].set_index(["role", "name", "feature"])["value"]
    assert words.to_dict() == {
        ("source", "films", "good"): 1,
        ("source", "films", "film"): 1,
        ("source", "films", "1"): 1,
        ("target", "sums", "1"): 1,
        ("target", "sums", "2"): 1,
        ("target", "sums", "3"): 1,
    }
    embedded = table[table["kind"] == "embedding"]
    assert set(embedded["name"]) == {"films"}
    assert embedded["value"].tolist() == mean_hidden_state(base, ["good film"])
    assert profiles_of(store).empty


def adapter_name(title: str) -> str:
    """The name in the store of the adapter that a test calls so."""
    return fingerprint({"title": title})


def write_adapter(store: Store, title: str, seed: int, **settings: object) -> dict[str, torch.Tensor]:
    """Two layers of different shapes; returns each layer's update."""
    chance = torch.Generator().manual_seed(seed)
    weights = {}
    for layer, (rows, columns) in {"x.q": (6, 5), "x.v": (3, 4)}.items():
        weights[f"{layer}.lora_A.weight"] = torch.randn(2, columns, generator=chance)
        weights[f"{layer}.lora_B.weight"] = torch.randn(rows, 2, generator=chance)
    folder = store.adapter(adapter_name(title))
    folder.mkdir(parents=True)
    save_file(weights, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "use_dora": False, **settings}))
    written = AdapterRecord({"source": title, "title": title}, REPORT, adapter_files.content(folder), (1.0,))
    store.write_json(folder / "adapter.json", written.to_json())
    return {layer: weights[f"{layer}.lora_B.weight"] @ weights[f"{layer}.lora_A.weight"] for layer in ("x.q", "x.v")}


def test_adapters_are_compared_by_their_updates(store: Store):
    one, two = write_adapter(store, "one", 1), write_adapter(store, "two", 2)
    write_adapter(store, "dora", 3, use_dora=True)
    record(store, "r1", "films", adapter=adapter_name("one"))
    record(store, "r2", "meta", adapter=adapter_name("two"))
    record(store, "r3", "other", adapter=adapter_name("dora"))
    found = adapters_of(store, {"films": "films", "meta": "maths", "other": "other"})
    found = found.set_index(["source", "target"])["similarity"]
    whole = [torch.cat([update.flatten() for update in updates.values()]) for updates in (one, two)]
    expected = float(torch.cosine_similarity(*whole, dim=0))
    assert found["films", "maths"] == found["meta", "films"] == pytest.approx(expected, abs=1e-6)
    assert found["films", "films"] == pytest.approx(1)
    assert set(found.index) == {(s, t) for s in ("films", "meta") for t in ("films", "maths")}


def cosine(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> float:
    return float(
        torch.cosine_similarity(*(torch.cat([u.flatten() for u in updates.values()]) for updates in (one, two)), dim=0)
    )


def test_adapters_trained_in_another_way_are_not_compared(store: Store):
    """Two seeds and two base models: the mean over both pairs of seeds, none across."""
    made = {name: write_adapter(store, name, number) for number, name in enumerate(["a0", "b0", "a1", "b1", "c"])}
    for name, seed in (("a0", 0), ("b0", 0), ("a1", 1), ("b1", 1)):
        record(store, name, name[0], adapter=adapter_name(name), seed=seed)
    record(store, "c", "c", adapter=adapter_name("c"), base="other")
    found = adapters_of(store, {"a": "a", "b": "b", "c": "c"}).set_index(["source", "target"])["similarity"]
    expected = (cosine(made["a0"], made["b0"]) + cosine(made["a1"], made["b1"])) / 2
    assert found["a", "b"] == pytest.approx(expected, abs=1e-6)
    assert set(found.index) == {("a", "a"), ("a", "b"), ("b", "a"), ("b", "b"), ("c", "c")}


def test_of_several_at_home_on_a_target_the_one_of_its_name_counts(store: Store):
    made = {name: write_adapter(store, name, number) for number, name in enumerate(["aaa", "imdb", "pile"])}
    for name in made:
        record(store, name, name, adapter=adapter_name(name))
    found = adapters_of(store, {"aaa": "imdb", "imdb": "imdb", "pile": "pile"}).set_index(["source", "target"])
    assert found.loc[("pile", "imdb"), "similarity"] == pytest.approx(cosine(made["pile"], made["imdb"]), abs=1e-6)


@pytest.mark.parametrize("file", ["adapter_model.safetensors", "adapter_config.json", "adapter.json"])
def test_a_damaged_adapter_is_named_and_left_out(store: Store, caplog: pytest.LogCaptureFixture, file: str):
    for number, title in enumerate(["films", "meta", "sums"]):
        write_adapter(store, title, number)
        record(store, title, title, adapter=adapter_name(title))
    (store.adapter(adapter_name("meta")) / file).write_bytes(b"{}")
    found = adapters_of(store, {title: title for title in ("films", "meta", "sums")})
    assert set(found["source"]) == set(found["target"]) == {"films", "sums"}
    assert f"the adapter is left out of the similarities: {store.adapter(adapter_name('meta'))}" in caplog.text


def test_adapters_whose_folders_were_swapped_are_left_out(store: Store, caplog: pytest.LogCaptureFixture):
    for number, title in enumerate(["films", "meta", "sums"]):
        write_adapter(store, title, number)
        record(store, title, title, adapter=adapter_name(title))
    one, two = (store.adapter(adapter_name(title)) for title in ("films", "meta"))
    one.rename(store.root / "aside")
    two.rename(one)
    (store.root / "aside").rename(two)
    found = adapters_of(store, {title: title for title in ("films", "meta", "sums")})
    assert set(found["source"]) == {"sums"}
    assert f"{one}: holds another adapter than its name says, trained on 'meta'" in caplog.text


def test_an_adapter_that_was_deleted_is_left_out(store: Store, tmp_path: Path):
    write_adapter(store, "one", 1)
    record(store, "r1", "films", adapter=adapter_name("one"))
    record(store, "r2", "meta", adapter=adapter_name("gone"))
    found = adapters_of(store, {"films": "films", "meta": "maths"})
    assert found["source"].tolist() == ["films"]


def test_the_last_rows_data_and_base_model_count(store: Store, base: BaseModel):
    old, new, sums = (DataSetText([Example("train-0", text, "1")], []) for text in ("old", "new", "1 + 2"))
    keep_profiles(store, [old, new, sums])
    keep_embeddings(store, [old, new, sums], base.identity, "embedding", partial(mean_hidden_state, base))
    late = {"updated": "2026-01-02T00:00:00+00:00", "base": base.identity}
    record(store, "a", "films", profiles={"source": {"films": new.id}}, **late)
    record(store, "b", "films", profiles={"source": {"films": old.id}, "target": {"sums": sums.id}})
    table = profiles_of(store, "a", "b")
    assert set(table.loc[table["kind"] == "word", "feature"]) == {"new", "1", "2"}
    assert set(table.loc[table["kind"] == "embedding", "name"]) == {"films"}  # of sums another one is kept
    assert "embedding" not in set(profiles_of(store, "b")["kind"])  # its base model saw none of them
    assert profile_notes(store.records()) == [
        "similarity is that of the data used last, of several: films",
        "embeddings of data sets are those of the base model used last, of several",
    ]
    assert profile_notes(store.records()[:1]) == []


def test_a_target_counts_in_the_prompt_of_the_training_where_it_was_asked_in_several(store: Store):
    plain, other = (DataSetText([Example("test-0", text, "1")], []) for text in ("plain", "other"))
    keep_profiles(store, [plain, other])
    late = {"updated": "2026-01-02T00:00:00+00:00", "config": {"scoring.prompt": 1}}
    record(store, "a", "films", profiles={"target": {"films": plain.id}})
    record(store, "b", "films", profiles={"target": {"films": other.id}}, **late)
    words = {run: set(profiles_of(store, *run).query("kind == 'word'")["feature"]) for run in ("a", "b", "ab")}
    assert words == {"a": {"plain", "1"}, "b": {"other", "1"}, "ab": {"plain", "1"}}
    assert profile_notes(store.records()) == []


def test_an_encoder_stays_until_another_is_named(store: Store):
    films = DataSetText([Example("train-0", "good film", "1")], [])
    profiles = {"source": {"films": films.id}}
    keep_profiles(store, [films])
    keep_embeddings(store, [films], "e", "sentence_embedding", lambda prompts: [1.0, len(prompts)])
    for encoder in ("e", None):
        record(store, "r", "films", encoder=encoder, profiles=profiles)
    record(store, "s", "sums", updated="2026-01-02T00:00:00+00:00")  # a later row without
    table = profiles_of(store, "r", "s")
    assert table.loc[table["kind"] == "sentence_embedding", "value"].tolist() == [1, 1]


def test_a_row_that_gets_further_targets_keeps_the_profiles_of_the_others(store: Store):
    record(store, "r", "films", profiles={"source": {"films": "f"}, "target": {"sums": "s", "words": "w"}})
    record(store, "r", "films", profiles={"source": {"films": "f"}, "target": {"words": "new", "stars": "t"}})
    (kept,) = store.records()
    assert kept.profiles == {"source": {"films": "f"}, "target": {"sums": "s", "words": "new", "stars": "t"}}


def one_word(**columns: object) -> Callable[[Path], None]:
    """Replaces a profile by one of a word."""
    return lambda path: pd.DataFrame({"kind": ["word"], "feature": ["a"], **columns}).to_parquet(path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(b"nothing"), "Parquet file size is 7 bytes"),
        (one_word(), "value"),
        (one_word(value="x"), "a value is no number"),
        (one_word(value=np.nan), "a value is no number"),
    ],
)
def test_a_damaged_profile_is_named_and_left_out(
    store: Store, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None], message: str
):
    films, sums = (DataSetText([Example("train-0", text, "1")], []) for text in ("good film", "1 + 1"))
    keep_profiles(store, [films, sums])
    record(store, "a", "films", profiles={"source": {"films": films.id, "sums": sums.id}})
    damage(store.profile(films.id))
    assert set(profiles_of(store, "a")["name"]) == {"sums"}
    (said,) = caplog.messages
    assert said.startswith(f"{store.profile(films.id)}: no whole profile of a data set: ")
    assert "left out of the similarities" in said
    assert message in said
    caplog.clear()
    keep_profiles(store, [films, sums])
    assert [said.endswith("; made again") for said in caplog.messages] == [True]
    assert set(profiles_of(store, "a")["name"]) == {"films", "sums"}


def test_a_profile_under_the_name_of_another_is_named_and_made_again(store: Store, caplog: pytest.LogCaptureFixture):
    films, sums = (DataSetText([Example("train-0", text, "1")], []) for text in ("good film", "1 + 1"))
    keep_profiles(store, [films, sums])
    whole = store.profile(films.id).read_bytes()
    shutil.copy(store.profile(sums.id), store.profile(films.id))
    record(store, "a", "films", profiles={"source": {"films": films.id, "sums": sums.id}})
    assert set(profiles_of(store, "a")["name"]) == {"sums"}
    assert f"{store.profile(films.id)}: the profile of another data set than its name says" in caplog.text
    keep_profiles(store, [films, sums])
    assert store.profile(films.id).read_bytes() == whole


def test_a_profile_that_was_written_before_files_said_their_names_is_read(store: Store):
    films = DataSetText([Example("train-0", "good film", "1")], [])
    store.profile(films.id).parent.mkdir(parents=True)
    profile(films.examples, []).to_parquet(store.profile(films.id), index=False)
    before = store.profile(films.id).read_bytes()
    keep_profiles(store, [films])
    record(store, "a", "films", profiles={"source": {"films": films.id}})
    assert set(profiles_of(store, "a")["name"]) == {"films"}
    assert store.profile(films.id).read_bytes() == before
