"""Adapters on the base model: attached fresh or from a file, strictly, and detached again."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosstask.config.adapter import Lora
from crosstask.errors import UserError
from crosstask.models.adapter_methods import (
    adapter_weights,
    check_initialization,
    initialize,
    peft_config,
    saved_form,
)
from crosstask.models.architecture import layer_name
from crosstask.models.language_model import BaseModel
from crosstask.storage.adapter_files import CONFIG, WEIGHTS

WHY = f"it was trained at another rank, for other layers or by another method than its {CONFIG} says"


@dataclass(frozen=True)
class TrainedAdapter:
    """An adapter that exists."""

    folder: Path
    content: str
    """Fingerprint of its weights and its configuration."""
    effect: tuple[float, ...]
    """Its effect on the model at the end of its training, see :func:`crosstask.models.adapter_effect.effect`."""


@contextmanager
def fresh(base: BaseModel, lora: Lora, seed: int) -> Iterator[Any]:
    """Attach a new adapter with initial weights drawn from ``seed``; yields the peft model.

    Raises
    ------
    UserError
        If a name in ``lora.target_modules`` is no layer's of the model, or a layer cannot have such an adapter.
    """
    import torch

    torch.manual_seed(seed)
    model = _with_adapter(base.model, lora)
    try:
        initialize(model, lora)
        yield model
    finally:
        model.unload()


def _with_adapter(model: Any, lora: Lora) -> Any:
    """Attach a new adapter to a model; UserError where a layer cannot have such an adapter."""
    import peft

    try:
        return peft.get_peft_model(model, peft_config(lora, model))
    except (ValueError, NotImplementedError) as error:
        named = ",".join(lora.target_modules or ("null",))
        raise UserError(f"lora.target_modules=[{named}]: {str(error).splitlines()[0]}") from error


def trained_parameters(skeleton: Any, lora: Lora) -> int:
    """Return the number of weights that an adapter on a model would train.

    Parameters
    ----------
    skeleton
        The model without memory for weights, which is left as it is.
    lora
        The adapter.

    Raises
    ------
    UserError
        As `fresh` does.
    """
    model = _with_adapter(deepcopy(skeleton), lora)
    check_initialization(model, lora)
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def adapted_layers(model: Any) -> dict[str, int]:
    """Return how many layers of each name a peft model has an adapter on, sorted by name."""
    return dict(sorted(Counter(map(layer_name, model.base_model.targeted_module_names)).items()))


@contextmanager
def attached(base: BaseModel, folder: Path | None) -> Iterator[Any]:
    """Yield the base model with the adapter of a folder on it, or bare for None.

    In float32 the adapter's update is added to the weights, which is faster and differs in the last bits only; in a
    lower precision, or quantized, the sum would be rounded, so the adapter stays beside the weights; so it does where
    it is on the output layer and the embedding shares the weights.

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
        config = peft.PeftConfig.from_pretrained(folder)
        _check_initialization(folder, config)
        weights = load_file(folder / WEIGHTS)
        model = peft.get_peft_model(base.model, config)
    except UserError:
        raise
    except Exception as error:  # unreadable files fail in many ways; each means the same to a user
        raise UserError(f"{folder}: not an adapter for this base model: {str(error).splitlines()[0]}") from error
    try:
        _compare(folder, _shapes(adapter_weights(model)), _shapes(weights))
        peft.set_peft_model_state_dict(model, weights)
        model.eval()
        if base.model.dtype == torch.float32 and not base.quantized and not _tied(model):
            with _merged(model) as merged:
                yield merged
        else:
            yield model.get_base_model()
    finally:
        model.unload()


@contextmanager
def _merged(model: Any) -> Iterator[Any]:
    """Yield the base model with the adapter in its weights, and put the weights back bit for bit."""
    layers = _adapted(model)
    originals = [{key: value.clone() for key, value in layer.state_dict().items()} for layer in layers]
    try:
        yield model.merge_and_unload()
    finally:
        for layer, original in zip(layers, originals, strict=True):
            layer.load_state_dict(original)


def _tied(model: Any) -> bool:
    """Tell whether the adapter is on a layer whose weights are the input embedding's too."""
    embedding = model.get_base_model().get_input_embeddings()
    embedding = getattr(embedding, "base_layer", embedding)
    return any(layer.weight is embedding.weight for layer in _adapted(model))


def _adapted(model: Any) -> list[Any]:
    """Return the base model's layers that have an adapter."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    return [module.get_base_layer() for module in model.modules() if isinstance(module, BaseTunerLayer)]


def _check_initialization(folder: Path, config: Any) -> None:
    """Refuse an adapter whose configuration names an initialization that changes the base model."""
    initialization = getattr(config, "init_lora_weights", True)
    if isinstance(initialization, str) and initialization != "gaussian":
        raise UserError(
            f"{folder / CONFIG}: init_lora_weights={initialization}: such an adapter belongs to a changed base model;"
            " peft's path_initial_model_for_weight_conversion saves it as plain LoRA"
        )


def _shapes(weights: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor."""
    return {key: tuple(value.shape) for key, value in weights.items()}


def _compare(folder: Path, expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    """Refuse weights that are not exactly the expected ones; a partly loaded adapter would look like a result."""
    for title, keys in (
        ("lacks", expected.keys() - found.keys()),
        ("has the unexpected", found.keys() - expected.keys()),
    ):
        if keys:
            raise UserError(f"{folder / WEIGHTS}: {title} {len(keys)} tensors, e.g. {min(keys)}; {WHY}")
    for key, shape in expected.items():
        if found[key] != shape:
            raise UserError(f"{folder / WEIGHTS}: {key} has the shape {found[key]}, expected {shape}; {WHY}")


def save(model: Any, folder: Path) -> None:
    """Write an adapter's weights and configuration into a folder, the same bytes for the same adapter.

    What is written is an adapter of the bare base model, whatever the method: see :func:`adapter_methods.saved_form`.
    """
    from safetensors.torch import save_file

    weights, settings = saved_form(model)
    state = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
    save_file(dict(sorted(state.items())), folder / WEIGHTS, metadata={"format": "pt"})
    settings = {key: sorted(value) if isinstance(value, set) else value for key, value in settings.items()}
    settings["inference_mode"] = True
    (folder / CONFIG).write_text(json.dumps(settings, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
