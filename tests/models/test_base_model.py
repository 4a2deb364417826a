"""The base model is found, identified by its content, and loaded once."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from crosstask.config.inputs import ControlTokens, Model, Precision, Quantization
from crosstask.errors import UserError
from crosstask.fingerprint import files_hash, fingerprint
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode
from tests.support.tokenizers import without_begin_token


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
        ("config.json", "no model there; it lacks config.json"),
        ("model.safetensors", "no weights there as safetensors; pickled ones .* are not read"),
        ("tokenizer.json", "no model there; it lacks a tokenizer"),
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


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("generation_config.json", b"{", r"generation_config\.json: not JSON: "),
        (
            "model.safetensors",
            b"version https://git-lfs",
            r"model\.safetensors: cannot be read .*pointer of Git",
        ),
        ("tokenizer.json", b"{", "its tokenizer cannot be loaded: "),
    ],
)
def test_a_damaged_file_of_a_model_is_named(
    model_folder: Path, tmp_path: Path, name: str, content: bytes, message: str
):
    other = copied(model_folder, tmp_path)
    (other / name).write_bytes(content)
    with pytest.raises(UserError, match=f"^{other}.*{message}") as caught:
        base_model.load(model(other))
    assert "\n" not in str(caught.value)


def changed_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> Path:
    """The model in a folder, with weights that its configuration does not describe."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


LAYER = "model.layers.1.mlp.up_proj.weight"
FAULTS: dict[str, tuple[Callable[[dict[str, torch.Tensor]], Any], str]] = {
    "missing": (lambda weights: weights.pop(LAYER), f"the weights lack {LAYER}, which the model has; random"),
    "two missing": (
        lambda weights: [weights.pop(LAYER), weights.pop("model.norm.weight")],
        f"the weights lack {LAYER} and 1 more tensors, which the model has",
    ),
    "one too many": (
        lambda weights: weights.update({"model.layers.2.mlp.up_proj.weight": torch.zeros(64, 32)}),
        r"the weights hold model.layers.2.mlp.up_proj.weight, which the model does not have",
    ),
    "NaN": (lambda weights: weights[LAYER].fill_(float("nan")), "the model's logits are not finite"),
    "renamed": (lambda weights: weights.update({"x": weights.pop(LAYER)}), f"the weights lack {LAYER}"),
    "another shape": (
        lambda weights: weights.update({LAYER: torch.zeros(32, 64)}),
        f"the weights hold {LAYER} in another shape than the model's",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_weights_that_are_not_the_model_s_are_refused(model_folder: Path, tmp_path: Path, fault: str):
    change, message = FAULTS[fault]
    folder = changed_weights(copied(model_folder, tmp_path), change)
    with pytest.raises(UserError, match=message):
        base_model.load(model(folder))


def test_pickled_weights_are_refused_with_the_command_that_converts_them(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = copied(model_folder, tmp_path)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match="pickled ones .* are not read") as refused:
        base_model.load(model(folder))
    command = shlex.split(str(refused.value).rpartition(": ")[2])
    assert command[:2] == ["python", "-c"]
    subprocess.run([sys.executable, *command[1:]], cwd=tmp_path, check=True, capture_output=True)
    converted, original = (base_model.load(model(each)) for each in (tmp_path / "copy-safetensors", model_folder))
    for key, value in original.model.state_dict().items():
        assert torch.equal(value, converted.model.state_dict()[key])


def test_code_that_a_folder_brings_along_is_never_run(model_folder: Path, tmp_path: Path):
    folder = copied(model_folder, tmp_path)
    settings = json.loads((folder / "config.json").read_text())
    foreign = {"model_type": "foreign", "auto_map": {"AutoConfig": "foreign.Config"}}
    (folder / "config.json").write_text(json.dumps({**settings, **foreign}))
    (folder / "foreign.py").write_text("raise SystemExit('run')")
    with pytest.raises(UserError, match="needs code of its own .* which is never run"):
        base_model.load(model(folder))


def test_a_begin_token_is_put_where_the_tokenizer_puts_one(model_folder: Path, tmp_path: Path):
    folder = without_begin_token(copied(model_folder, tmp_path))
    assert base_model.load(model(folder)).begin == ()
    assert base_model.load(model(folder)).tokenizer.bos_token_id == 1


def test_a_model_without_a_begin_token_is_told_apart_from_those_that_earlier_versions_gave_one(
    model_folder: Path, tmp_path: Path
):
    folder = without_begin_token(copied(model_folder, tmp_path))
    files = [path for path in folder.iterdir() if path.name != "generation_config.json"]
    earlier = fingerprint([files_hash(files), "float32"])
    with_begin = fingerprint(
        [files_hash(path for path in model_folder.iterdir() if path.name in names(files)), "float32"]
    )
    assert base_model.identity(model(model_folder, precision=Precision.float32)) == with_begin
    assert base_model.identity(model(folder, precision=Precision.float32)) != earlier
    assert base_model.identity(model(folder, precision=Precision.float32, chat_template=True)) == fingerprint(
        [files_hash(files), "float32", "chat_template"]
    )


def names(files: Iterable[Path]) -> set[str]:
    return {path.name for path in files}


def with_pad(folder: Path, number: int) -> Path:
    """The model in a folder, with a pad token beyond its embedding."""
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    added = {**content["added_tokens"][0], "id": number, "content": "<new pad>"}
    path.write_text(json.dumps({**content, "added_tokens": [*content["added_tokens"], added]}))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "pad_token": "<new pad>"}))
    return folder


def test_a_pad_token_that_the_model_has_no_embedding_of_is_not_used(
    base: BaseModel, model_folder: Path, tmp_path: Path
):
    number = base.vocabulary
    loaded = base_model.load(model(with_pad(copied(model_folder, tmp_path), number)))
    assert (loaded.tokenizer.pad_token_id, loaded.pad) == (number, 2)


def test_a_text_with_a_token_that_the_model_has_no_embedding_of_is_refused(
    base: BaseModel, model_folder: Path, tmp_path: Path
):
    folder = with_pad(copied(model_folder, tmp_path), base.vocabulary)
    loaded = base_model.load(model(folder), ControlTokens.keep)
    with pytest.raises(
        UserError, match=f"has the token '<new pad>' .number {base.vocabulary}., and the base model has"
    ):
        encode(loaded, ["the <new pad>"], [""])


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
    assert base_model.threads(parameters) == threads


def test_the_output_layer_is_given_the_last_positions_in_one_piece(base: BaseModel):
    seen: list[bool] = []
    output = base.model.get_output_embeddings()
    handle = output.register_forward_hook(lambda layer, inputs, found: seen.append(inputs[0].is_contiguous()))
    try:
        ids = torch.arange(12).reshape(3, 4)
        last = base.model(input_ids=ids, logits_to_keep=1).logits
    finally:
        handle.remove()
    assert seen == [True]
    assert torch.allclose(last, base.model(input_ids=ids).logits[:, -1:], atol=1e-5)
