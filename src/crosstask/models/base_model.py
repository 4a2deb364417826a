"""The base model: found, identified by content, and loaded once per process."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crosstask import hub
from crosstask.config.inputs import Model, Precision, Quantization
from crosstask.errors import UserError
from crosstask.fingerprint import files_hash, fingerprint
from crosstask.models.language_model import BaseModel

MINIATURE = Path(__file__).parents[1] / "miniature" / "model"
IDENTITY_FILES = ("config.json", "tokenizer*", "special_tokens_map.json", "vocab*", "merges.txt", "*.jinja")
WEIGHT_FILES = ("*.safetensors", "pytorch_model*.bin")
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
    folder = hub.folder_or_model(model.path, "model.path", model.revision)
    if folder != Path(model.path).expanduser():  # from the Hub
        return folder
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
    """Return the fingerprint of a base model's files and of how it is held and asked, without loading it."""
    quantization = [] if model.quantization is Quantization.none else [model.quantization.value]
    rendering = ["chat_template"] if model.chat_template else []
    return _identity(model_folder(model), precision(model), *quantization, *rendering)


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


def load(model: Model) -> BaseModel:
    """Return the base model, loaded at the first call of this process and shared afterwards."""
    check_device(model)
    return _load(model_folder(model), precision(model), model.quantization, model.chat_template, identity(model))


@lru_cache(maxsize=1)  # one at a time: a sweep over base models must not keep them all
def _load(folder: Path, dtype: str, quantization: Quantization, chat_template: bool, identity: str) -> BaseModel:
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
        config = _quantization_config(quantization, getattr(torch, dtype))
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), **({"quantization_config": config} if config else {})
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{folder}: cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    quantized = getattr(model, "hf_quantizer", None) is not None  # by us, or in its files
    if not quantized:  # else it was quantized on its device
        model.to("cuda" if torch.cuda.is_available() else "cpu")
    model.eval().requires_grad_(False)
    torch.set_num_threads(_threads(model.num_parameters()))
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
        quantized=quantized,
    )


def _threads(parameters: int) -> int:
    """Return the number of threads that a model of so many parameters computes on."""
    return min(_all_threads(), 1 + parameters // PARAMETERS_A_THREAD)


@lru_cache
def _all_threads() -> int:
    """Return the number of threads that torch would use by itself, or that OMP_NUM_THREADS asked for."""
    import torch

    return torch.get_num_threads()


def _quantization_config(quantization: Quantization, dtype: Any) -> Any:
    """Return what transformers needs to store linear layers in 4 bits as QLoRA does (arXiv 2305.14314), or None."""
    if quantization is Quantization.none:
        return None
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=quantization.value,
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def _end_tokens(tokenizer: Any, model: Any, folder: Path) -> tuple[int, ...]:
    """Return the end tokens, the tokenizer's first."""
    configured = model.generation_config.eos_token_id
    configured = configured if isinstance(configured, list) else [configured]
    ends = [token for token in (tokenizer.eos_token_id, *configured) if token is not None]
    if not ends:
        raise UserError(f"{folder}: the model has no end token, so it could never learn where an answer ends")
    return tuple(dict.fromkeys(ends))
