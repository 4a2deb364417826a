"""The base model is found, identified by its content, and loaded once."""

import json
import shutil
from pathlib import Path

import pytest

from crosstask.config.inputs import Model, Precision, Quantization
from crosstask.errors import UserError
from crosstask.models import base_model


def model(folder: Path, **more: object) -> Model:
    return Model(name="tiny", path=str(folder), **more)  # type: ignore[arg-type]


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to / "copy")
    return to / "copy"


def test_is_loaded_once(model_folder: Path):
    assert base_model.load(model(model_folder)) is base_model.load(model(model_folder))


def test_the_identity_is_the_content_not_the_path(model_folder: Path, tmp_path: Path):
    assert base_model.identity(model(copied(model_folder, tmp_path))) == base_model.identity(model(model_folder))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_another_file_is_another_model(model_folder: Path, tmp_path: Path, name: str):
    other = copied(model_folder, tmp_path)
    with (other / name).open("ab") as file:
        file.write(b" ")
    assert base_model.identity(model(other)) != base_model.identity(model(model_folder))


def test_another_precision_is_another_model(model_folder: Path):
    full, half = (model(model_folder, precision=p) for p in (Precision.float32, Precision.bfloat16))
    assert base_model.identity(full) != base_model.identity(half)


def test_precision_is_what_is_asked_for(model_folder: Path, tmp_path: Path):
    loaded = base_model.load(model(copied(model_folder, tmp_path), precision=Precision.bfloat16))
    assert str(loaded.model.dtype) == "torch.bfloat16"


def test_sampling_defaults_of_the_model_do_not_leak(model_folder: Path, tmp_path: Path):
    other = copied(model_folder, tmp_path)
    settings = {"do_sample": True, "temperature": 0.3, "repetition_penalty": 9.0, "eos_token_id": [2, 7]}
    (other / "generation_config.json").write_text(json.dumps(settings))
    loaded = base_model.load(model(other))
    assert loaded.model.generation_config.repetition_penalty in (None, 1.0)
    assert not loaded.model.generation_config.do_sample
    assert loaded.ends == (2, 7)


def test_knows_its_tokens_and_context(model_folder: Path):
    loaded = base_model.load(model(model_folder))
    assert (loaded.context, loaded.begin, loaded.end, loaded.pad) == (64, (1,), 2, 0)


def without(folder: Path, *tokens: str) -> Path:
    """The model in a folder, without some of its special tokens."""
    for name in ("tokenizer_config.json", "config.json", "generation_config.json"):
        settings = json.loads((folder / name).read_text())
        gone = [key for key in settings if key.removesuffix("_token").removesuffix("_token_id") in tokens]
        (folder / name).write_text(json.dumps({key: value for key, value in settings.items() if key not in gone}))
    return folder


def test_a_model_without_a_pad_token_pads_with_its_end_token(model_folder: Path, tmp_path: Path):
    loaded = base_model.load(model(without(copied(model_folder, tmp_path), "pad")))
    assert loaded.tokenizer.pad_token_id is None
    assert loaded.pad == loaded.end == 2


def test_a_model_without_an_end_token_is_refused(model_folder: Path, tmp_path: Path):
    folder = without(copied(model_folder, tmp_path), "eos")
    with pytest.raises(UserError, match=f"{folder}: the model has no end token, so it could never learn where"):
        base_model.load(model(folder))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"model\.path=.*nowhere: no such folder"):
        base_model.identity(model(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ("config.json", "the folder lacks config.json"),
        ("model.safetensors", "the folder lacks weights"),
        ("tokenizer.json", "the folder lacks tokenizer.json or tokenizer.model"),
    ],
)
def test_a_folder_without_a_model_is_named(model_folder: Path, tmp_path: Path, lost: str, message: str):
    other = copied(model_folder, tmp_path)
    (other / lost).unlink()
    with pytest.raises(UserError, match=message):
        base_model.identity(model(other))


def test_a_broken_model_is_named(model_folder: Path, tmp_path: Path):
    other = copied(model_folder, tmp_path)
    (other / "config.json").write_text("{")
    with pytest.raises(UserError, match="cannot be loaded"):
        base_model.load(model(other))


def test_a_quantized_model_is_another_model(model_folder: Path):
    whole, four_bits = (model(model_folder, quantization=q) for q in Quantization)
    assert base_model.identity(whole) != base_model.identity(four_bits)


def test_quantization_without_cuda_is_an_error_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match="model.quantization=nf4: needs a CUDA device"):
        base_model.load(model(tmp_path / "no such folder", quantization=Quantization.nf4))


def test_quantization_without_its_library_is_an_error(model_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(base_model, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs bitsandbytes; pip install -e '\.\[quantization\]' adds it"):
        base_model.load(model(model_folder, quantization=Quantization.nf4))


@pytest.mark.parametrize(("parameters", "threads"), [(1_000_000, 1), (4_000_000, 2), (20_000_000, 6), (10**9, 8)])
def test_a_small_model_computes_on_few_threads(parameters: int, threads: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base_model, "_all_threads", lambda: 8)
    assert base_model._threads(parameters) == threads
