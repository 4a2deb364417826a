"""An adapter's files, read strictly: what cannot be loaded exactly as peft would load it is refused."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from crosstask.errors import UserError, quoted
from crosstask.storage.layout import CONFIG, WEIGHTS

WHY = f"it was trained at another rank, for other layers or by another method than its {CONFIG} says"
METHODS = {
    "LORA": (
        *("r", "target_modules", "exclude_modules", "lora_alpha", "lora_dropout", "fan_in_fan_out", "bias"),
        *("use_rslora", "modules_to_save", "init_lora_weights", "layers_to_transform", "layers_pattern"),
        *("rank_pattern", "alpha_pattern", "trainable_token_indices", "use_dora", "lora_bias", "ensure_weight_tying"),
        *("loftq_config", "eva_config", "corda_config", "lora_ga_config", "runtime_config", "megatron_core"),
        "qalora_group_size",
    ),
    "IA3": (
        *("target_modules", "exclude_modules", "feedforward_modules", "fan_in_fan_out", "modules_to_save"),
        "init_ia3_weights",
    ),
}
"""The methods whose adapters are loaded, and the settings of each that may have any value. The last ones of LoRA say
how a training begins or how peft computes; without their methods they change nothing."""
OF_EVERY_METHOD = (
    *("peft_type", "task_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision"),
    "inference_mode",
)
LANGUAGE_MODEL = (None, "CAUSAL_LM")
SPLITS_OFF = ("pissa", "olora")
"""Initializations that take what the factors begin with off the base model's weights, the same each time."""
KEEPS = (True, False, "gaussian", "eva", "orthogonal", "mica")
"""Those that leave the base model as it is."""


def read_config(folder: Path) -> Any:
    """Return peft's configuration of the adapter in a folder.

    Raises
    ------
    UserError
        If there is none, or it asks for something that is not loaded exactly.
    """
    import peft

    path = folder / CONFIG
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(settings, dict):
            raise TypeError("it is no mapping")
        _check_method(path, settings)
        config = peft.PeftConfig.from_pretrained(folder)
    except UserError:
        raise
    except Exception as error:  # unreadable files fail in many ways; each means the same to a user
        raise UserError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    if _initialization(config) in KEEPS:  # what it begins with is replaced by what was trained
        config.init_lora_weights = True
    return config


def _check_method(path: Path, settings: Mapping[str, Any]) -> None:
    """Refuse what would not be loaded exactly: peft passes over settings that it does not know."""
    import peft

    method = settings.get("peft_type")
    if method not in METHODS:
        raise UserError(f"{path}: peft_type={quoted(method)}: adapters can be of {' or '.join(METHODS)}")
    if (task := settings.get("task_type")) not in LANGUAGE_MODEL:
        raise UserError(f"{path}: task_type={quoted(task)}: the adapter is of no causal language model (CAUSAL_LM)")
    known = {field.name: field for field in fields(peft.PEFT_TYPE_TO_CONFIG_MAPPING[method])}
    for name, value in settings.items():
        if name in METHODS[method] or name in OF_EVERY_METHOD or not value:
            continue
        usual = known[name].default if name in known else MISSING
        if value != usual:
            why = "is not loaded" if name in known else "is unknown to this version of peft"
            raise UserError(f"{path}: {name}={quoted(value)}: such an adapter {why}")
    initialization = settings.get("init_lora_weights", True)
    if initialization not in (*KEEPS, *SPLITS_OFF):
        raise UserError(
            f"{path}: init_lora_weights={initialization}: such an adapter belongs to a changed base model, which cannot"
            " be made again from it; peft's path_initial_model_for_weight_conversion saves it as plain LoRA"
        )


def _initialization(config: Any) -> Any:
    """Return how the factors of an adapter began."""
    return getattr(config, "init_lora_weights", None)


def check_weights(folder: Path) -> None:
    """Refuse the folder of an adapter without weights that can be read."""
    if not (folder / WEIGHTS).is_file():
        pickled = folder / "adapter_model.bin"
        there = f"; {pickled.name} is pickled, which is not read, since that can run foreign code" * pickled.exists()
        raise UserError(f"{folder / WEIGHTS}: no such file, so the adapter has no weights{there}")


def read_weights(folder: Path) -> dict[str, Any]:
    """Return the tensors of the adapter in a folder; UserError where there are none."""
    from safetensors.torch import load_file

    path = folder / WEIGHTS
    check_weights(folder)
    try:
        weights = load_file(path)
    except Exception as error:  # damaged files fail in many ways
        raise UserError(f"{path}: damaged: {str(error).splitlines()[0]}") from error
    for key, value in weights.items():
        if not value.is_floating_point():
            raise UserError(f"{path}: {key} is of the type {value.dtype}; weights are floating-point numbers")
    return weights


@contextmanager
def put_back(model: Any, config: Any) -> Iterator[None]:
    """Leave a base model after the block as it is before it, bit for bit, whatever an adapter does to it.

    peft replaces layers, and for some adapters it changes weights: factors that are split off, biases that were
    trained. Only of those a copy is kept.
    """
    children = [(parent, name, child) for parent in model.modules() for name, child in parent.named_children()]
    copies = {
        weight: weight.detach().clone()
        for name, weight in model.named_parameters()
        if _initialization(config) in SPLITS_OFF or (getattr(config, "bias", "none") != "none" and "bias" in name)
    }
    try:
        yield
    finally:
        for parent, name, child in children:
            parent._modules[name] = child
        for weight, copy in copies.items():
            weight.data.copy_(copy)


def without_unchanged(
    folder: Path, weights: Mapping[str, Any], expected: Mapping[str, Any], of_base: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an adapter's tensors without weights of the base model that were saved with it as they are there.

    peft saves the embedding with an adapter that is on it, or whose training saw another number of tokens.

    Parameters
    ----------
    folder
        Of the adapter.
    weights, expected
        Its tensors, and those of an adapter of its configuration.
    of_base
        The base model's, by name.

    Raises
    ------
    UserError
        If such a tensor is another than the base model's.
    """
    kept = dict(weights)
    for key in weights.keys() - expected.keys():
        name = key.removeprefix("base_model.model.").replace(".base_layer.", ".")
        if not key.startswith("base_model.model.") or name not in of_base:
            continue  # which `compare` names
        theirs, ours = weights[key], of_base[name]
        if theirs.shape != ours.shape:
            raise UserError(f"{folder / WEIGHTS}: {name} has the shape {tuple(theirs.shape)}, {_OTHER_TOKENS}")
        if not (theirs.to(ours.device, ours.dtype) == ours).all():
            raise UserError(
                f"{folder / WEIGHTS}: {name} is another one than the base model's: it was changed in training, or is of"
                " another base model; merged into a model of its own it can be a row"
            )
        del kept[key]
    return kept


_OTHER_TOKENS = (
    "the base model's another: tokens were added for its training, or it is of another base model; merged into a model"
    " of its own, with its tokenizer, it can be a row"
)


def compare(folder: Path, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Refuse weights that are not exactly the expected ones; a partly loaded adapter would look like a result."""
    for title, keys in (
        ("lacks", expected.keys() - found.keys()),
        ("has the unexpected", found.keys() - expected.keys()),
    ):
        if keys:
            raise UserError(f"{folder / WEIGHTS}: {title} {len(keys)} tensors, e.g. {min(keys)}; {WHY}")
    for key, value in expected.items():
        ours, theirs = tuple(value.shape), tuple(found[key].shape)
        if ours != theirs:
            why = _OTHER_TOKENS if ours[1:] == theirs[1:] and "lora_" not in key else f"expected {ours}; {WHY}"
            raise UserError(f"{folder / WEIGHTS}: {key} has the shape {theirs}, {why}")
