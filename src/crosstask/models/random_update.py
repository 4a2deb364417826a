"""Random low-rank updates: as large in every layer as those of an adapter, in directions that nothing was trained for.

The adapter adds s B A to a layer's weights, of rank r. With A' and B' of independent standard normal numbers, of the
same shapes, the random update is ::

    s c B' A',      c  =  norm of B A  /  norm of B' A'

(norms of Frobenius), so that it has the same rank and the same norm in each layer.
"""

from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile
from typing import Any

from crosstask.errors import UserError
from crosstask.models.adapter_reading import read_weights
from crosstask.storage.layout import CONFIG, WEIGHTS

FIRST, SECOND = "lora_A.weight", "lora_B.weight"


def write_random_update(adapter: Path, folder: Path, draw: int) -> int:
    """Write a random update like an adapter into a folder; returns its number of weights.

    Parameters
    ----------
    adapter
        Folder of the adapter whose norms, ranks and layers it has.
    folder
        Where it goes.
    draw
        Which one of as many as there are numbers.

    Raises
    ------
    UserError
        If the adapter has other weights than low-rank factors.
    """
    from safetensors.torch import save_file

    drawn = random_update(read_weights(adapter), draw)
    save_file(dict(sorted(drawn.items())), folder / WEIGHTS, metadata={"format": "pt"})
    copyfile(adapter / CONFIG, folder / CONFIG)
    return sum(weight.numel() for weight in drawn.values())


def random_update(weights: Mapping[str, Any], draw: int) -> dict[str, Any]:
    """Return random factors with the norms of those of an adapter, by the same names.

    Raises
    ------
    UserError
        If there are other weights than low-rank factors.
    """
    import torch

    if others := [name for name in weights if not name.endswith((FIRST, SECOND))]:
        raise UserError(
            f"variant=random_update: {others[0]} is no factor of a low-rank update, which alone it can draw"
        )
    generator = torch.Generator().manual_seed(draw)
    found: dict[str, Any] = {}
    for name in sorted(name for name in weights if name.endswith(FIRST)):
        partner = name.removesuffix(FIRST) + SECOND
        down, up = weights[name], weights[partner]
        drawn_down, drawn_up = (torch.randn(of.shape, generator=generator) for of in (down, up))
        scale = norm_of_product(up, down) / norm_of_product(drawn_up, drawn_down)
        found |= {name: drawn_down.to(down.dtype), partner: (scale * drawn_up).to(up.dtype)}
    return found


def norm_of_product(up: Any, down: Any) -> float:
    """Return the Frobenius norm of B A without making it: the root of the trace of (B' B) (A A')."""
    up, down = up.double(), down.double()
    return float(((up.T @ up) * (down @ down.T)).sum().clamp(min=0).sqrt())
