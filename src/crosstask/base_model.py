"""The base model: found, identified by content, and loaded once per process."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crosstask import hub
from crosstask.config import Model, Precision
from crosstask.errors import UserError
from crosstask.fingerprint import files_hash, fingerprint

MINIATURE = Path(__file__).parent / "miniature" / "model"
IDENTITY_FILES = ("config.json", "tokenizer*", "special_tokens_map.json", "vocab*", "merges.txt", "*.jinja")
WEIGHT_FILES = ("*.safetensors", "pytorch_model*.bin")


@dataclass(frozen=True)
class BaseModel:
    """A causal language model in memory, with what is needed to use it."""

    identity: str
    """Fingerprint of weights, configuration, tokenizer, precision and way of rendering prompts."""
    model: Any
    """transformers model, frozen, in eval mode."""
    tokenizer: Any
    context: int
    """Longest sequence, in tokens."""
    begin: tuple[int, ...]
    """Tokens that every sequence starts with: the begin token, or nothing (also where a chat template writes it)."""
    end: int
    """The token that ends an answer, in training and in generation."""
    ends: tuple[int, ...]
    """All tokens at which generation stops."""
    chat_template: bool = False
    """Whether prompts are rendered with the tokenizer's own chat template."""

    @property
    def pad(self) -> int:
        """Token that fills up a batch; masked everywhere, so any will do."""
        pad = self.tokenizer.pad_token_id
        return self.end if pad is None else int(pad)


def model_folder(model: Model) -> Path:
    """Return the folder that holds the base model; one on the Hub is downloaded.

    Raises
    ------
    UserError
        If the path is a folder without a model.
    """
    if model.path == "miniature":
        return MINIATURE
    folder = Path(model.path).expanduser()
    if not folder.exists():
        looks_local = model.path.startswith((".", "/", "~")) or model.path.count("/") != 1
        if looks_local:
            raise UserError(f"model.path={model.path}: no such folder")
        return hub.model_folder(model.path, model.revision)
    lacking = [
        name for name in ("config.json", "tokenizer.json or tokenizer.model", "weights") if not _has(folder, name)
    ]
    if lacking:
        raise UserError(f"model.path={model.path}: no model there; the folder lacks {' and '.join(lacking)}")
    return folder


def _has(folder: Path, what: str) -> bool:
    """Tell whether a folder holds one of the parts of a model."""
    patterns = WEIGHT_FILES if what == "weights" else tuple(what.split(" or "))
    return any(any(folder.glob(pattern)) for pattern in patterns)


@lru_cache
def _identity(folder: Path, *held: str) -> str:
    """Return the identity of a model that is held in a certain way."""
    paths = {path for pattern in IDENTITY_FILES + WEIGHT_FILES for path in folder.glob(pattern)}
    return fingerprint([files_hash(sorted(paths)), *held])


def identity(model: Model) -> str:
    """Return the fingerprint of a base model's files, precision and way of rendering prompts, without loading it."""
    return _identity(model_folder(model), precision(model), *(["chat_template"] if model.chat_template else []))


def precision(model: Model) -> str:
    """Return ``float32`` or ``bfloat16``: what ``model.precision`` means on this machine."""
    if model.precision is not Precision.auto:
        return model.precision.value
    import torch

    return "bfloat16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def load(model: Model) -> BaseModel:
    """Return the base model, loaded at the first call of this process and shared afterwards."""
    return _load(model_folder(model), precision(model), model.chat_template, identity(model))


@lru_cache(maxsize=1)  # one at a time: a sweep over base models must not keep them all
def _load(folder: Path, dtype: str, chat_template: bool, identity: str) -> BaseModel:
    """Load a model and its tokenizer from a folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()  # its advice on too long sequences does not apply: ours are cut later
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        if chat_template and not tokenizer.chat_template:
            raise UserError(f"model.chat_template=true: the tokenizer in {folder} has no chat template")
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{folder}: cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device).eval().requires_grad_(False)
    ends = _end_tokens(tokenizer, model, folder)
    # The model's own sampling defaults (temperature, repetition penalty, ...) must not leak into greedy decoding.
    model.generation_config = GenerationConfig(eos_token_id=list(ends), pad_token_id=tokenizer.pad_token_id)
    return BaseModel(
        identity=identity,
        model=model,
        tokenizer=tokenizer,
        context=int(getattr(model.config, "max_position_embeddings", None) or 2048),
        begin=() if chat_template or tokenizer.bos_token_id is None else (tokenizer.bos_token_id,),
        end=ends[0],
        ends=ends,
        chat_template=chat_template,
    )


def _end_tokens(tokenizer: Any, model: Any, folder: Path) -> tuple[int, ...]:
    """Return the end tokens, the tokenizer's first."""
    configured = model.generation_config.eos_token_id
    configured = configured if isinstance(configured, list) else [configured]
    ends = [token for token in (tokenizer.eos_token_id, *configured) if token is not None]
    if not ends:
        raise UserError(f"{folder}: the model has no end token, so it could never learn where an answer ends")
    return tuple(dict.fromkeys(ends))
