"""The peft configuration of each adapter method, and a PiSSA that leaves the base model unchanged."""

from typing import Any

from crosstask.config.adapter import AdapterMethod, Initialization, Lora
from crosstask.errors import UserError
from crosstask.models import architecture
from crosstask.models.architecture import layer_name

TRAINED = "default"
"""peft's name of the adapter that is trained."""
INITIAL = "initial"
"""Name of the frozen adapter that takes PiSSA's initial factors off again."""


def peft_config(lora: Lora, base: Any) -> Any:
    """Return peft's configuration of a new adapter; PiSSA's factors are set afterwards, by :func:`split_off`.

    Raises
    ------
    UserError
        If a name in ``lora.target_modules`` is no layer's of the base model, or the rank larger than all of its layers.
    """
    import peft

    modules: Any = _target_modules(lora, base)
    _check_size(lora, base)
    others = architecture.other_parts(base)
    if lora.method is AdapterMethod.ia3:
        return peft.IA3Config(
            target_modules=modules,
            exclude_modules=others,
            feedforward_modules=lora.feedforward_modules,
            task_type=peft.TaskType.CAUSAL_LM,
        )
    return peft.LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        target_modules=modules,
        exclude_modules=others,
        task_type=peft.TaskType.CAUSAL_LM,
    )


def _target_modules(lora: Lora, base: Any) -> list[str] | str:
    """Return the names of the layers that get an adapter, each of them a layer's: peft passes over those that are not.

    ``all-linear`` is left to peft.
    """
    if lora.target_modules == ["all-linear"]:
        return "all-linear"
    linear = architecture.linear_layers(base)
    if lora.target_modules is None:
        return linear
    paths = [f".{path}" for path, _ in base.named_modules()]
    experts = architecture.EXPERT_LAYERS if architecture.has_experts(base) else ()
    for name in lora.target_modules:
        fault = None
        if layer_name(name) in experts:
            fault = f"{name} is what the experts' layers are called, which share tensors and get no adapter"
        elif not any(path.endswith(f".{name}") for path in paths):
            fault = f"the base model has no layer named {name}"
        if fault:
            raise UserError(
                f"lora.target_modules=[{','.join(lora.target_modules)}]: {fault}; possible are {', '.join(linear)},"
                " and null is all of them"
            )
    return lora.target_modules


def _check_size(lora: Lora, base: Any) -> None:
    """Refuse a rank whose factors would be larger than any layer itself: training would take memory for nothing."""
    longest = architecture.longest_side(base)
    if lora.rank is not None and lora.rank > longest:
        raise UserError(
            f"lora.rank={lora.rank}: must be at most {longest}, the longest side of a layer of the base model"
        )


def initialize(model: Any, lora: Lora) -> None:
    """Give a new adapter the initial values that ``lora.init`` asks for.

    Raises
    ------
    UserError
        If the rank is larger than a layer has singular values.
    """
    check_initialization(model, lora)
    if lora.init is Initialization.pissa:
        split_off(model)


def check_initialization(model: Any, lora: Lora) -> None:
    """Refuse a rank that a layer cannot be split at, if ``lora.init`` is to split it."""
    if lora.init is not Initialization.pissa:
        return
    for name, module in _layers(model):
        sides = tuple(module.get_base_layer().weight.shape)
        if lora.rank is not None and lora.rank > min(sides):
            short = name.removeprefix("base_model.model.")
            raise UserError(
                f"lora.rank={lora.rank}: lora.init=pissa takes at most {min(sides)}, the shorter side of {short}"
            )


def split_off(model: Any) -> None:
    """Set the factors B, A to a layer's largest singular values, and take them off by a second, frozen adapter.

    PiSSA trains W - s B0 A0 + s B A, where B0 A0 is the part of W with the largest singular values and s the
    adapter's scaling. peft rounds W - s B0 A0 into the layer's weights; here the weights stay, and the frozen adapter
    adds -s B0 A0. So the base is never changed, and the adapter that is saved has the effect of the trained one, at
    any precision.
    """
    import peft

    settings = model.peft_config[TRAINED].to_dict() | {"lora_dropout": 0.0}
    model.add_adapter(INITIAL, peft.LoraConfig(**{key: value for key, value in settings.items() if key != "peft_type"}))
    for _, module in _layers(model):
        weight = module.get_base_layer().weight
        whole = weight.data
        module.pissa_init(TRAINED, "pissa")
        weight.data = whole
        module.lora_A[INITIAL].weight.data = module.lora_A[TRAINED].weight.data.clone()
        module.lora_B[INITIAL].weight.data = -module.lora_B[TRAINED].weight.data
    model.base_model.set_adapter([TRAINED, INITIAL])
    for name, weight in model.named_parameters():
        if f".{INITIAL}." in name:
            weight.requires_grad_(False)


def _layers(model: Any) -> list[tuple[str, Any]]:
    """Return the layers that have an adapter, by name."""
    from peft.tuners.lora import LoraLayer

    return [(name, module) for name, module in model.named_modules() if isinstance(module, LoraLayer)]


def adapter_weights(model: Any, name: str = TRAINED) -> dict[str, Any]:
    """Return the weights of one adapter, and no embeddings of the base model, whatever layers it is on."""
    import peft

    return peft.get_peft_model_state_dict(model, adapter_name=name, save_embedding_layers=False)


def saved_form(model: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the weights and the configuration of the adapter that does to the base what ``model`` does.

    With PiSSA this is peft's own conversion to plain LoRA, s B A - s B0 A0 = s [B, -B0] [A; A0]: twice the rank, and
    an alpha that keeps the scaling.
    """
    import torch

    weights = adapter_weights(model)
    settings = model.peft_config[TRAINED].to_dict()
    if INITIAL not in model.peft_config:
        return weights, settings
    initial = adapter_weights(model, INITIAL)
    joined = {key: torch.cat([weights[key], initial[key]], dim=0 if "lora_A" in key else 1) for key in weights}
    factor = 2**0.5 if settings["use_rslora"] else 2
    return joined, settings | {"r": 2 * settings["r"], "lora_alpha": factor * settings["lora_alpha"]}
