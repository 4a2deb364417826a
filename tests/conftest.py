"""A tiny random model in a folder, and small pieces that several tests need."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from crosstask.config.inputs import Model
from crosstask.config.job import TrainConfig
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store
from tests.support.small_tasks import small_job

CORPUS = ["the film was good", "the film was bad", "Answer:\n", "positive negative neutral", "0 1 2 3 4 5 6 7 8 9"]


def pytest_collection_finish() -> None:
    """Spare the garbage collector the million objects that libraries and tests are: a tenth of the time."""
    gc.collect()
    gc.freeze()


def write_model(folder: Path, seed: int = 0, context: int = 64) -> Path:
    """Write a random two-layer Llama with a byte-level tokenizer."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<pad>", "<bos>", "<eos>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    begun = [(token, tokenizer.token_to_id(token)) for token in special[1:2]]
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=begun)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>")
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    torch.manual_seed(seed)
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def other_model_folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "other", seed=1)


@pytest.fixture(scope="session")
def _loaded(model_folder: Path) -> BaseModel:
    return base_model.load(Model(name="tiny", path=str(model_folder)))


@pytest.fixture
def base(_loaded: BaseModel) -> Iterator[BaseModel]:
    """The tiny model; the test fails if it leaves the weights changed."""
    before = {key: value.clone() for key, value in _loaded.model.state_dict().items()}
    yield _loaded
    after = _loaded.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


@pytest.fixture
def task_rows() -> Callable[[int], list[dict[str, Any]]]:
    """Rows of a small sentiment task."""
    return lambda count: [
        {"text": f"the film {i} was {'good' if i % 3 else 'bad'}", "label": int(i % 3 > 0)} for i in range(count)
    ]


@pytest.fixture
def config(tmp_path: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]) -> TrainConfig:
    """A job of the tiny model on local files."""
    return small_job(tmp_path, model_folder, task_rows)
