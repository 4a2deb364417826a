"""The base model: found, identified by content, and loaded once per process."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crosstask.config.inputs import ControlTokens, Model, Precision, Quantization
from crosstask.errors import UserError
from crosstask.fingerprint import files_hash, fingerprint
from crosstask.hub.models import folder_or_model
from crosstask.models import architecture, loading
from crosstask.models.language_model import BaseModel

MINIATURE = Path(__file__).parents[1] / "miniature" / "model"
IDENTITY_FILES = ("config.json", "tokenizer*", "special_tokens_map.json", "vocab*", "merges.txt", "*.jinja")
PARTS = {
    "config.json": ("config.json",),
    "a tokenizer": ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab*"),
}
"""What a model's folder must hold besides weights, and the names that it may have."""
WEIGHT_FILES = ("*.safetensors",)
PICKLED_FILES = ("pytorch_model*.bin",)
CONVERSION = (
    "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T;"
    " [kind.from_pretrained('{old}').save_pretrained('{new}') for kind in (M, T)]"
)
"""Reads pickled weights and writes safetensors."""
PARAMETERS_A_THREAD = 4_000_000
"""A model smaller than this computes on one thread: the work of a layer is less than waking a second one costs."""


def model_folder(model: Model) -> Path:
    """Return the folder that holds the base model; one on the Hub is downloaded.

    Raises
    ------
    UserError
        If the path is a folder without a model.
    """
    if model.path == "miniature":
        return MINIATURE
    folder = folder_or_model(model.path, "model.path", model.revision)
    lacking = [part for part, patterns in PARTS.items() if not _has(folder, patterns)]
    if lacking:
        raise UserError(f"model.path={model.path}: no model there; it lacks {' and '.join(lacking)}")
    if not _has(folder, WEIGHT_FILES):
        command = CONVERSION.format(old=model.path, new=f"{Path(model.path).name}-safetensors")
        raise UserError(
            f"model.path={model.path}: no weights there as safetensors; pickled ones (.bin) are not read, since that"
            f' can run foreign code; where you trust them, this converts them: python -c "{command}"'
        )
    return folder


def _has(folder: Path, patterns: Sequence[str]) -> bool:
    """Tell whether a folder holds a file of one of these names."""
    return any(any(folder.glob(pattern)) for pattern in patterns)


@lru_cache
def _identity(folder: Path, *held: str) -> str:
    """Return the identity of a model that is held in a certain way."""
    paths = {path for pattern in IDENTITY_FILES + WEIGHT_FILES + PICKLED_FILES for path in folder.glob(pattern)}
    return fingerprint([files_hash(sorted(paths)), *held])


def identity(model: Model, anew: bool = False) -> str:
    """Return the fingerprint of a base model's files and of how it is held and asked, without loading it.

    The files are read once per process, or ``anew``.
    """
    quantization = [] if model.quantization is Quantization.none else [model.quantization.value]
    folder = model_folder(model)
    rendering = ["chat_template"] if model.chat_template else _unlike_before(folder)
    read = _identity.__wrapped__ if anew else _identity
    return read(folder, precision(model), *quantization, *rendering)


def _unlike_before(folder: Path) -> list[str]:
    """Return what sets models apart from those of earlier versions, which began every text with the begin token."""
    begin, token = begin_tokens(folder), loading.tokenizer(folder).bos_token_id
    before = () if token is None else (token,)
    return [] if begin == before else ["begin", *map(str, begin)]


def check_device(model: Model) -> None:
    """Refuse a quantization that this machine cannot compute with; cheap, to be called before anything starts.

    Raises
    ------
    UserError
        If there is no CUDA device, or bitsandbytes is not installed.
    """
    if model.quantization is Quantization.none:
        return
    import torch

    if not torch.cuda.is_available():
        raise UserError(
            f"model.quantization={model.quantization}: needs a CUDA device, and there is none here;"
            " model.quantization=none runs anywhere"
        )
    if find_spec("bitsandbytes") is None:
        raise UserError(
            f"model.quantization={model.quantization}: needs bitsandbytes; pip install -e '.[quantization]' adds it"
        )


def precision(model: Model) -> str:
    """Return ``float32`` or ``bfloat16``: what ``model.precision`` means on this machine."""
    if model.precision is not Precision.auto:
        return model.precision.value
    import torch

    return "bfloat16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def load(model: Model, control_tokens: ControlTokens = ControlTokens.plain) -> BaseModel:
    """Return the base model, loaded at the first call of this process and shared afterwards."""
    check_device(model)
    folder = model_folder(model)
    loaded = _load(folder, precision(model), model.quantization, model.chat_template, identity(model))
    return replace(loaded, keeps_control_tokens=True) if control_tokens is ControlTokens.keep else loaded


@lru_cache(maxsize=1)  # one at a time: a sweep over base models must not keep them all
def _load(folder: Path, dtype: str, quantization: Quantization, chat_template: bool, identity: str) -> BaseModel:
    """Load a model and its tokenizer from a folder."""
    import torch
    from transformers import GenerationConfig

    _check_template(folder, chat_template)
    model = loading.weights(folder, dtype, quantization)
    quantized = getattr(model, "hf_quantizer", None) is not None  # by us, or in its files
    if not quantized:  # else it was quantized on its device
        model.to("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(threads(model.num_parameters()))
    loaded = _described(folder, model, chat_template, identity)
    # The model's own sampling defaults (temperature, repetition penalty, ...) must not leak into greedy decoding.
    model.generation_config = GenerationConfig(eos_token_id=list(loaded.ends), pad_token_id=loaded.pad)
    _check_finite(model, folder, loaded.end)
    return replace(loaded, quantized=quantized)


def without_weights(model: Model, control_tokens: ControlTokens = ControlTokens.plain) -> BaseModel:
    """Return the base model as its configuration and its tokenizer describe it: it can read texts and compute nothing.

    Raises
    ------
    UserError
        As `load` does.
    """
    folder = model_folder(model)
    _check_template(folder, model.chat_template)
    described = _described(folder, loading.skeleton(folder), model.chat_template, identity(model))
    return replace(described, keeps_control_tokens=control_tokens is ControlTokens.keep)


def _check_template(folder: Path, chat_template: bool) -> None:
    """Refuse to render prompts by a chat template that a tokenizer does not have."""
    if chat_template and not loading.tokenizer(folder).chat_template:
        raise UserError(f"model.chat_template=true: the tokenizer in {folder} has no chat template")


def _described(folder: Path, model: Any, chat_template: bool, identity: str) -> BaseModel:
    """Return a model, with or without weights, with what its tokenizer and its configuration say of it."""
    tokenizer = loading.tokenizer(folder)
    ends = _end_tokens(tokenizer, model, folder)
    recurrent = architecture.is_recurrent(model)
    return BaseModel(
        identity=identity,
        model=model,
        tokenizer=tokenizer,
        context=architecture.context(model),
        begin=() if chat_template else begin_tokens(folder),
        end=ends[0],
        ends=ends,
        pad=tokenizer.pad_token_id if tokenizer.pad_token_id in range(architecture.vocabulary(model)) else ends[0],
        vocabulary=architecture.vocabulary(model),
        chat_template=chat_template,
        size=architecture.size_of(model),
        unpadded=recurrent,
        stateless=recurrent and not architecture.state_is_kept(model),
    )


def _check_finite(model: Any, folder: Path, token: int) -> None:
    """Refuse a model whose logits after one token are not finite, as those of damaged weights are."""
    import torch

    with torch.inference_mode():
        logits = model(input_ids=torch.full((1, 1), token, device=model.device)).logits
    if not torch.isfinite(logits).all():
        raise UserError(f"{folder}: the model's logits are not finite; its weights hold NaN or infinite values")


@lru_cache
def begin_tokens(folder: Path) -> tuple[int, ...]:
    """Return the tokens that a tokenizer puts before a text by itself."""
    tokenizer = loading.tokenizer(folder)
    text = "a"
    alone = tokenizer(text, add_special_tokens=False)["input_ids"]
    whole = tokenizer(text, add_special_tokens=True)["input_ids"]
    places = range(len(whole) - len(alone) + 1)
    start = next((place for place in places if whole[place : place + len(alone)] == alone), 0)
    return tuple(whole[:start])


def threads(parameters: int) -> int:
    """Return the number of threads that a model of so many parameters computes on."""
    return min(_all_threads(), 1 + parameters // PARAMETERS_A_THREAD)


@lru_cache
def _all_threads() -> int:
    """Return the number of threads that torch would use by itself, or that OMP_NUM_THREADS asked for."""
    import torch

    return torch.get_num_threads()


def _end_tokens(tokenizer: Any, model: Any, folder: Path) -> tuple[int, ...]:
    """Return the end tokens, the tokenizer's first."""
    configured = model.generation_config.eos_token_id
    configured = configured if isinstance(configured, list) else [configured]
    known = range(architecture.vocabulary(model))
    ends = [token for token in (tokenizer.eos_token_id, *configured) if token in known]
    if not ends:
        raise UserError(f"{folder}: the model has no end token, so it could never learn where an answer ends")
    return tuple(dict.fromkeys(ends))
