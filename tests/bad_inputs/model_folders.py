"""Folders of base models: configuration, tensors, tokenizer."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("model folders")
Damage = Callable[[Path], object]


def _setup(damage: Damage, more: tuple[str, ...]) -> Callable[[Workplace], Command]:
    """A damaged copy of the tiny model, and a job that uses it."""

    def setup(work: Workplace) -> Command:
        damage(work.copy_model())
        return work.train("source=imdb", "model.path=model", *more)

    return setup


def bad(name: str, about: str, damage: Damage, *words: WORD, more: tuple[str, ...] = ()) -> None:
    """A model that must be refused."""
    KIND.add(name, about, _setup(damage, more), Refused(words))


def good(name: str, about: str, damage: Damage, *words: WORD, more: tuple[str, ...] = (), **expected: Any) -> None:
    """A model that must be taken."""
    KIND.add(name, about, _setup(damage, more), Accepted(("done", *words), **expected))


def setting(file: str = "config.json", **values: Any) -> Damage:
    """Other values in a file of JSON; None removes one."""

    def damage(folder: Path) -> None:
        content = json.loads((folder / file).read_text()) | values
        (folder / file).write_text(json.dumps({key: value for key, value in content.items() if value is not ...}))

    return damage


def tensors(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Other tensors."""

    def damage(folder: Path) -> None:
        content = load_file(folder / "model.safetensors")
        change(content)
        save_file(content, folder / "model.safetensors", metadata={"format": "pt"})

    return damage


def content(file: str, text: str | bytes) -> Damage:
    """Another content of a file."""
    return lambda folder: (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())


def without(*files: str) -> Damage:
    """Files that are missing."""
    return lambda folder: [(folder / file).unlink() for file in files]


def cut(file: str, share: float = 0.5) -> Damage:
    """A file whose end is missing."""

    def damage(folder: Path) -> None:
        whole = (folder / file).read_bytes()
        (folder / file).write_bytes(whole[: int(len(whole) * share)])

    return damage


def pickled(folder: Path) -> None:
    """Weights that a pickle holds."""
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": np.zeros(3)}))


def remote(folder: Path) -> None:
    """A model that brings code of its own."""
    setting(model_type="mine", auto_map={"AutoConfig": "mine.Mine", "AutoModelForCausalLM": "mine.Mine"})(folder)
    (folder / "mine.py").write_text("open('ran', 'w').close()\n")


LAYER = "model.layers.1.mlp.up_proj.weight"
bad("config-missing", "no config.json", without("config.json"), "model.path", "config.json")
bad("config-broken", "config.json that is no JSON", content("config.json", "{"), "model", "config.json")
bad("config-list", "config.json with a list", content("config.json", "[]"), "model", "must be a mapping, not list")
bad("config-empty", "config.json without fields", content("config.json", "{}"), "model", "model_type")
bad("type-unknown", "an unknown architecture", setting(model_type="lama"), "model", "lama")
bad(
    "type-encoder",
    "a model that is no language model",
    setting(model_type="vit", architectures=["ViTModel"]),
    "model",
    "vit",
)
bad("type-escape", "an architecture with an escape sequence", setting(model_type="\x1b[2Jlama"), "model", "\\x1b")
bad("remote-code", "a model that needs code of its own", remote, "model", ("code", "mine"))
bad(
    "hidden-other",
    "another hidden size in the configuration",
    setting(hidden_size=48),
    "model",
    ("48", "size", "shape"),
)
bad("hidden-negative", "a negative hidden size", setting(hidden_size=-32), "model", ("-32", "hidden_size"))
bad("hidden-text", "a hidden size that is a word", setting(hidden_size="wide"), "model", ("wide", "hidden_size"))
bad("hidden-huge", "a hidden size that no memory has", setting(hidden_size=2**40), "model")
bad("layers-more", "more layers in the configuration than weights", setting(num_hidden_layers=3), "model", "layers.2")
bad("layers-fewer", "fewer layers in the configuration than weights", setting(num_hidden_layers=1), "model", "layers.1")
bad("layers-none", "no layers", setting(num_hidden_layers=0), "model", "layers")
bad("heads", "heads that do not divide the hidden size", setting(num_attention_heads=5), "model")
good("context-none", "a context of 0 tokens, as models without a limit have it", setting(max_position_embeddings=0))
good(
    "context-small",
    "a context of four tokens",
    setting(max_position_embeddings=4),
    files={"runs/cells/*/*/score.json": '"prompts_cut": 1'},
)
bad(
    "vocabulary",
    "a vocabulary larger than the embedding",
    setting(vocab_size=5000),
    "model",
    ("embed", "5000", "vocab"),
)
bad("activation", "an unknown activation", setting(hidden_act="relu7"), "model", "relu7")
bad("dtype", "an unknown number format", setting(dtype="float17"), "model", "float17")
bad(
    "quantized",
    "weights quantized by a library that is not there",
    setting(quantization_config={"quant_method": "gptq", "bits": 4}),
    "model",
    ("gptq", "quantiz"),
)

bad("weights-missing", "no weights", without("model.safetensors"), "model", "safetensors")
bad("weights-pickled", "weights in a pickle", pickled, "model", "safetensors")
bad("weights-cut", "weights whose end is missing", cut("model.safetensors"), "model", "model.safetensors")
bad("weights-empty", "an empty file of weights", content("model.safetensors", ""), "model", "model.safetensors")
bad(
    "weights-html",
    "a web page instead of weights",
    content("model.safetensors", "<html>not found</html>"),
    "model",
    "model.safetensors",
)
bad(
    "weights-pointer",
    "a pointer of Git LFS instead of weights",
    content("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
    "model",
    "model.safetensors",
)
bad(
    "weights-index",
    "an index that names a missing file",
    lambda folder: (
        (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors"),
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {}, "weight_map": {"lm_head.weight": "model-00002-of-00002.safetensors"}})
        ),
    ),
    "model",
    "model-00002-of-00002.safetensors",
)
bad("tensor-missing", "a tensor that is missing", tensors(lambda found: found.pop(LAYER)), "model", LAYER)
bad(
    "tensor-more",
    "a tensor too many",
    tensors(lambda found: found.update({"model.extra.weight": np.zeros(3, "float32")})),
    "model",
    "model.extra.weight",
)
bad(
    "tensor-renamed",
    "a tensor of another name",
    tensors(lambda found: found.update({"model.layers.1.mlp.up.weight": found.pop(LAYER)})),
    "model",
    LAYER,
)
bad(
    "tensor-shape",
    "a tensor of another shape",
    tensors(lambda found: found.update({LAYER: found[LAYER][:5]})),
    "model",
    LAYER,
)
bad("tensor-nan", "a tensor that is NaN", tensors(lambda found: found[LAYER].fill(np.nan)), "model", "finite")
bad(
    "tensor-infinite",
    "a tensor with an infinite value",
    tensors(lambda found: found[LAYER].__setitem__((0, 0), np.inf)),
    "model",
    "finite",
)
