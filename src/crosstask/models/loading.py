"""A model and its tokenizer, read from the files of a folder: all that they hold, and no code."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from crosstask.config.inputs import Quantization
from crosstask.errors import UserError

T = TypeVar("T")


@lru_cache
def tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a folder.

    Raises
    ------
    UserError
        If it cannot be loaded, or only by code that the folder brings along.
    """
    from transformers import AutoTokenizer

    return _loaded(folder, "its tokenizer", lambda: AutoTokenizer.from_pretrained(folder, trust_remote_code=False))


@lru_cache
def skeleton(folder: Path) -> Any:
    """Return the model of a folder as its configuration describes it, without memory for weights.

    Raises
    ------
    UserError
        If it cannot be made, or only by code that the folder brings along.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    def make() -> Any:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=False)

    return _loaded(folder, "its configuration (config.json)", make)


def weights(folder: Path, dtype: str, quantization: Quantization) -> Any:
    """Return the model of a folder with its weights, in eval mode and frozen.

    Parameters
    ----------
    folder
        With weights as safetensors.
    dtype
        Name of the torch type that weights are held in.
    quantization
        Of the linear layers; a folder may also hold weights that are quantized already.

    Raises
    ------
    UserError
        If the weights are not exactly those that the configuration describes: transformers fills what is lacking with
        random numbers. If the model cannot be loaded, or only by code that the folder brings along.
    """
    import torch
    from transformers import AutoModelForCausalLM

    held = getattr(torch, dtype)
    quantized = {} if quantization is Quantization.none else {"quantization_config": _four_bits(quantization, held)}
    _check_files(folder)
    model, report = _loaded(
        folder,
        "the model",
        lambda: AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=held,
            trust_remote_code=False,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # they are in the report then, and an error below
            output_loading_info=True,
            **quantized,
        ),
    )
    _check_report(folder, report)
    model.eval().requires_grad_(False)
    if (output := model.get_output_embeddings()) is not None:
        output.register_forward_pre_hook(_in_one_piece)
    return model


def _in_one_piece(_: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give a layer its input without gaps.

    The last position of each sequence is a tensor with gaps. PyTorch multiplies it with frozen weights as so many
    products of one row each, for which it copies the weights so many times: in bfloat16 on a CPU as long as all else.
    """
    return tuple(value.contiguous() for value in inputs)


def _loaded(folder: Path, what: str, load: Callable[[], T]) -> T:
    """Return what was loaded from a folder; UserError where that fails."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()  # what it would report of a model is checked here, and is an error
    try:
        return load()
    except Exception as error:  # unreadable files fail in many ways; each means the same to a user
        if "trust_remote_code" in str(error):
            raise UserError(
                f"{folder}: needs code of its own (auto_map in its configuration), which is never run; only"
                " architectures that transformers knows can be loaded"
            ) from error
        first = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise UserError(f"{folder}: {what} cannot be loaded: {first}") from error


def _check_files(folder: Path) -> None:
    """Refuse a file that is damaged: transformers would pass over the one, and not name the other."""
    from safetensors import SafetensorError, safe_open

    defaults = folder / "generation_config.json"
    try:
        json.loads(defaults.read_bytes() if defaults.exists() else "{}")
    except ValueError as error:
        raise UserError(f"{defaults}: not JSON: {error}") from error
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="numpy"):
                pass
        except (SafetensorError, OSError) as error:
            raise UserError(
                f"{path}: cannot be read ({error}); a download that was cut, or a pointer of Git LFS, is no weights"
            ) from error


def _check_report(folder: Path, report: dict[str, Any]) -> None:
    """Refuse weights that are not those of the model, by what transformers reports of loading them."""
    mismatched = {str(entry[0] if isinstance(entry, tuple) else entry) for entry in report["mismatched_keys"]}
    for keys, fault in (
        ({*report["missing_keys"]}, "lack {}, which the model has; random numbers would stand in for it"),
        ({*report["unexpected_keys"]}, "hold {}, which the model does not have"),
        (mismatched, "hold {} in another shape than the model's"),
    ):
        if keys:
            more = f" and {len(keys) - 1} more tensors" if len(keys) > 1 else ""
            raise UserError(f"{folder}: the weights {fault.format(min(keys) + more)}; config.json and weights disagree")
    if report.get("error_msgs"):
        raise UserError(f"{folder}: cannot be loaded: {report['error_msgs'][0]}")


def _four_bits(quantization: Quantization, dtype: Any) -> Any:
    """Return what transformers needs to store linear layers in 4 bits as QLoRA does (arXiv 2305.14314)."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=quantization.value,
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
