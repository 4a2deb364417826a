"""The adapter: its method, and the fields that belong to each method."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosstask.errors import UserError
from crosstask.limits import at_least


class AdapterMethod(StrEnum):
    """What an adapter does to a layer: ``lora`` adds a low-rank update, ``ia3`` scales its activations."""

    lora = "lora"
    ia3 = "ia3"


class Initialization(StrEnum):
    """Initial low-rank factors."""

    default = "default"
    """An update of zero."""
    pissa = "pissa"
    """The layer's largest singular values and vectors (arXiv 2404.02948). The model starts out the same too: what the
    factors hold is subtracted from the layer."""


@dataclass
class Lora:
    """The adapter: low-rank updates, or scalings, of layers.

    A field that the method does not use must be left empty, so that no value is silently ignored.
    """

    method: AdapterMethod = AdapterMethod.lora
    rank: int | None = at_least(1, default=8)
    """method=lora: rank of the update."""
    alpha: float | None = at_least(0, default=16)
    """method=lora: updates are scaled by alpha / rank."""
    dropout: float | None = at_least(0, below=1, default=0.0)
    """method=lora: share of a layer's inputs that the update does not see in a training step."""
    rslora: bool = False
    """method=lora: updates are scaled by alpha / sqrt(rank) instead (arXiv 2312.03732)."""
    dora: bool = False
    """method=lora: the norms of the weights' rows are trained beside their directions (arXiv 2402.09353)."""
    init: Initialization = Initialization.default
    """method=lora: how the factors of the update start."""
    target_modules: list[str] | None = None
    """Names of the layers that get an adapter; null is every linear layer of the base model but the output, whatever
    they are called there. Each name must be a layer's."""
    feedforward_modules: list[str] = field(default_factory=list)
    """method=ia3: those of the target modules whose inputs are scaled instead of their outputs."""


LORA_VALUES = ("rank", "alpha", "dropout")
"""Needed with method=lora, null with any other."""


def check_adapter(lora: Lora) -> None:
    """Refuse settings that the adapter's method does not use, or that exclude each other.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    if lora.target_modules == []:
        raise UserError("lora.target_modules=[]: must name a layer; null is every linear layer")
    if lora.method is AdapterMethod.lora:
        _check_lora(lora)
        return
    unused = [f"{name}={getattr(lora, name)}" for name in LORA_VALUES if getattr(lora, name) is not None]
    unused += [f"{name}=true" for name in ("rslora", "dora") if getattr(lora, name)]
    unused += [f"init={lora.init}"] if lora.init is not Initialization.default else []
    if unused:
        raise UserError(
            f"lora.{unused[0]}: lora.method={lora.method} does not use it; lora={lora.method} alone leaves it empty,"
            f" lora.{unused[0].partition('=')[0]}={_empty(unused[0])} removes it"
        )
    named = lora.target_modules or []
    foreign = sorted(set(lora.feedforward_modules) - set(named))
    if foreign and named and named != ["all-linear"]:
        raise UserError(
            f"lora.feedforward_modules={lora.feedforward_modules}: {foreign[0]} is not one of lora.target_modules:"
            f" {', '.join(named)}"
        )


def _check_lora(lora: Lora) -> None:
    """Refuse what is missing of, or does not belong to, a low-rank adapter."""
    for name in LORA_VALUES:
        if getattr(lora, name) is None:
            raise UserError(f"lora.{name} has no value; lora.method=lora needs a number")
    if lora.feedforward_modules:
        raise UserError(f"lora.feedforward_modules={lora.feedforward_modules}: only lora.method=ia3 uses it")
    if lora.dora and lora.init is not Initialization.default:
        raise UserError(
            f"lora.init={lora.init}: cannot be combined with lora.dora=true, whose norms are those of whole weights"
        )


def _empty(setting: str) -> str:
    """Return the value of a field that is not used."""
    name = setting.partition("=")[0]
    return "null" if name in LORA_VALUES else "default" if name == "init" else "false"
