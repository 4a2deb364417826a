"""Adapters on the base model: attached fresh or from a file, strictly, and detached again."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
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
from crosstask.models.adapter_reading import (
    SPLITS_OFF,
    compare,
    put_back,
    read_config,
    read_weights,
    without_unchanged,
)
from crosstask.models.architecture import layer_name
from crosstask.models.language_model import BaseModel
from crosstask.storage.layout import CONFIG, WEIGHTS


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
    it is on the output layer and the embedding shares the weights, and where it replaces whole layers or has biases.

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

    config, weights = read_config(folder), read_weights(folder)
    _check_base(base, folder, config)
    of_base = dict(base.model.named_parameters(remove_duplicate=False))
    with put_back(base.model, config):
        try:
            model = peft.get_peft_model(base.model, config)
        except Exception as error:  # such as names of layers that are not there
            raise UserError(f"{folder}: not an adapter for this base model: {_first_line(error)}") from error
        try:
            expected = adapter_weights(model)
            weights = without_unchanged(folder, weights, expected, of_base)
            compare(folder, expected, weights)
            peft.set_peft_model_state_dict(model, weights)
            model.eval()
            exact = base.model.dtype == torch.float32 and not base.quantized
            if exact and not _tied(model) and not _replaces(model) and not getattr(config, "lora_bias", False):
                with _merged(model) as merged:
                    yield merged
            else:
                yield model.get_base_model()
        finally:
            model.unload()


def _first_line(error: Exception) -> str:
    """Return the first line of an error of peft's, without the layers of a module that it prints."""
    return re.sub(r"\(\n.*\n\)", "", str(error), flags=re.DOTALL).splitlines()[0]


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


def _replaces(model: Any) -> bool:
    """Tell whether an adapter has whole layers of its own, such as an embedding, in the place of the base model's."""
    from peft.utils.other import AuxiliaryTrainingWrapper

    return any(isinstance(module, AuxiliaryTrainingWrapper) for module in model.modules())


def _check_base(base: BaseModel, folder: Path, config: Any) -> None:
    """Refuse an adapter whose factors are split off weights, where these are in 4 bits."""
    initialization = getattr(config, "init_lora_weights", None)
    if base.quantized and initialization in SPLITS_OFF:
        raise UserError(
            f"{folder / CONFIG}: init_lora_weights={initialization}: its factors are split off whole weights;"
            " model.quantization=none has them"
        )


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
