"""A real sentence-transformers model as a user would name it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.features import sentence_encoder
from crosstask.features.sentence_encoder import encoder_identity, mean_embedding
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.runs.profiles import profile_table
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.small_encoder import write_encoder

PROMPTS = ["the film was good", "1 + 2", "a much longer one about nothing in particular"]


@pytest.fixture(scope="module")
def encoder(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_encoder(tmp_path_factory.mktemp("encoder"), model_folder)


def test_the_mean_is_of_unit_vectors_of_one_prompt_at_a_time(encoder: str, model_folder: Path):
    model, tokenizer = (kind.from_pretrained(model_folder) for kind in (AutoModelForCausalLM, AutoTokenizer))
    vectors = []
    for prompt in PROMPTS:
        with torch.inference_mode():
            states = model.base_model(**tokenizer(prompt, return_tensors="pt")).last_hidden_state[0]
        vectors.append(torch.nn.functional.normalize(states.mean(0), dim=0).numpy())
    np.testing.assert_allclose(mean_embedding(encoder, PROMPTS), np.mean(vectors, axis=0), atol=1e-5)


def test_a_sweep_that_has_ended_is_given_an_encoder(config: TrainConfig, encoder: str):
    train(config, Progress())
    assert "sentence_embedding" not in kinds(config)
    assert train(replace(config, encoder=encoder), Progress()).startswith("reused")
    assert kinds(config)["sentence_embedding"] == 3 * 32
    (record,) = Store(config.store).records()
    assert record.encoder == encoder_identity(encoder)


def kinds(config: TrainConfig) -> dict[str, int]:
    store = Store(config.store)
    table = profile_table(store.records(), StoredRows(store).fetch_profiles(store.records()))
    return dict(table["kind"].value_counts())


def test_a_folder_that_is_not_there_or_no_encoder_is_one_line(config: TrainConfig, model_folder: Path):
    with pytest.raises(UserError, match=r"^encoder=\./nowhere: no such folder$"):
        train(replace(config, encoder="./nowhere"), Progress())
    with pytest.raises(UserError, match=r"no sentence-transformers model there; .* lacks modules\.json$"):
        train(replace(config, encoder=str(model_folder)), Progress())
    assert not list(Path(config.store).glob("adapters/*"))


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sentence_encoder, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs sentence-transformers; pip install -e '\.\[encoder\]' adds it$"):
        encoder_identity("not/asked-before")
