"""LoRA adapters on the base model: attached fresh or from a file, strictly, and taken off again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crosstask.base_model import BaseModel
from crosstask.config import Lora
from crosstask.errors import UserError
from crosstask.fingerprint import file_hash, fingerprint

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
INCIDENTAL = ("base_model_name_or_path", "revision", "peft_version", "inference_mode", "auto_mapping")
"""Entries of an adapter's configuration that do not change what it computes."""


def content(folder: Path) -> str:
    """Return the fingerprint of what an adapter computes: its weights and its configuration."""
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    kept = {key: value for key, value in settings.items() if key not in INCIDENTAL}
    kept["target_modules"] = sorted(kept["target_modules"])
    return fingerprint([file_hash(folder / WEIGHTS), kept])


@contextmanager
def fresh(base: BaseModel, lora: Lora, seed: int) -> Iterator[Any]:
    """Attach a new adapter with initial weights drawn from ``seed``; yields the peft model.

    Raises
    ------
    UserError
        If the model has no layers of the names in ``lora.target_modules``.
    """
    import peft
    import torch

    modules: Any = lora.target_modules if lora.target_modules != ["all-linear"] else "all-linear"
    config = peft.LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=modules,
        task_type=peft.TaskType.CAUSAL_LM,
    )
    torch.manual_seed(seed)
    try:
        model = peft.get_peft_model(base.model, config)
    except ValueError as error:
        raise UserError(f"lora.target_modules={lora.target_modules}: {str(error).splitlines()[0]}") from error
    try:
        yield model
    finally:
        model.unload()


@contextmanager
def attached(base: BaseModel, folder: Path | None) -> Iterator[Any]:
    """Yield the base model with the adapter of a folder on it, or bare for None.

    In float32 the adapter's update is added to the weights, which is faster and differs in the last bits only; in a
    lower precision the sum would be rounded, so the adapter stays beside the weights.

    Raises
    ------
    UserError
        If the file's keys or shapes are not exactly those that its configuration makes on this base model.
    """
    if folder is None:
        yield base.model
        return
    import peft
    import torch
    from safetensors.torch import load_file

    try:
        config = peft.LoraConfig.from_pretrained(folder)
        weights = load_file(folder / WEIGHTS)
        model = peft.get_peft_model(base.model, config)
    except Exception as error:  # unreadable files fail in many ways; each means the same to a user
        raise UserError(f"{folder}: not an adapter for this base model: {str(error).splitlines()[0]}") from error
    try:
        expected = peft.get_peft_model_state_dict(model)
        _compare(
            folder, {k: tuple(v.shape) for k, v in expected.items()}, {k: tuple(v.shape) for k, v in weights.items()}
        )
        peft.set_peft_model_state_dict(model, weights)
        model.eval()
        if base.model.dtype == torch.float32:
            with _merged(model) as merged:
                yield merged
        else:
            yield model.get_base_model()
    finally:
        model.unload()


@contextmanager
def _merged(model: Any) -> Iterator[Any]:
    """Yield the base model with the adapter in its weights, and put the weights back bit for bit."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers = [module.get_base_layer() for module in model.modules() if isinstance(module, BaseTunerLayer)]
    originals = [{key: value.clone() for key, value in layer.state_dict().items()} for layer in layers]
    try:
        yield model.merge_and_unload()
    finally:
        for layer, original in zip(layers, originals, strict=True):
            layer.load_state_dict(original)


def _compare(folder: Path, expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    """Refuse weights that are not exactly the expected ones; a partly loaded adapter would look like a result."""
    for title, keys in (
        ("lacks", expected.keys() - found.keys()),
        ("has the unexpected", found.keys() - expected.keys()),
    ):
        if keys:
            raise UserError(f"{folder / WEIGHTS}: {title} {len(keys)} tensors, e.g. {min(keys)}")
    for key, shape in expected.items():
        if found[key] != shape:
            raise UserError(f"{folder / WEIGHTS}: {key} has the shape {found[key]}, expected {shape}")


def save(model: Any, folder: Path) -> None:
    """Write an adapter's weights and configuration into a folder, the same bytes for the same adapter."""
    import peft
    from safetensors.torch import save_file

    state = {key: value.detach().cpu().contiguous() for key, value in peft.get_peft_model_state_dict(model).items()}
    save_file(dict(sorted(state.items())), folder / WEIGHTS, metadata={"format": "pt"})
    settings = model.peft_config["default"].to_dict()
    settings = {key: sorted(value) if isinstance(value, set) else value for key, value in settings.items()}
    settings["inference_mode"] = True
    (folder / CONFIG).write_text(json.dumps(settings, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
