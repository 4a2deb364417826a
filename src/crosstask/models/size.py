"""How large a base model is, worked out without loading it: from its configuration, or from its name."""

import re
from pathlib import Path
from typing import Any

from crosstask.config.inputs import Model, Quantization
from crosstask.hub.models import config_folder
from crosstask.models import base_model, loading
from crosstask.models.language_model import Size

UNITS = {"m": 1e6, "b": 1e9}
SIZE = re.compile(r"(\d+(?:\.\d+)?)([mb])", re.IGNORECASE)
"""How names state a number of parameters, such as ``1.7B``."""
BYTES = {"float32": 4, "bfloat16": 2}
FOUR_BITS = 0.52
"""Bytes of a weight in 4 bits, its share of the doubly quantized scales included (arXiv 2305.14314, section 3)."""


def weight_bytes(size: Size, model: Model) -> float:
    """Return the bytes of the weights as a job holds them."""
    width = BYTES[base_model.precision(model)]
    if model.quantization is Quantization.none:
        return width * size.parameters
    return FOUR_BITS * size.linear + width * (size.parameters - size.linear)


def skeleton_at_hand(model: Model) -> Any:
    """Return the model without memory for weights, if its configuration is at hand; else None."""
    if model.path == "miniature":
        return loading.skeleton(base_model.MINIATURE)
    folder: Path | None = Path(model.path).expanduser()
    if folder is None or not folder.exists():
        folder = config_folder(model.path, model.revision)
    return None if folder is None else loading.skeleton(folder)


def size_by_name(path: str) -> Size | None:
    """Return the size that the name of a model states; None where it states none.

    Examples
    --------
    >>> size_by_name("meta-llama/Llama-3.2-1B-Instruct").parameters
    1000000000.0
    >>> size_by_name("HuggingFaceTB/SmolLM2-135M").parameters
    135000000.0
    >>> size_by_name("openai-community/gpt2")
    """
    for part in re.split(r"[-_/]", path.rpartition("/")[2]):
        if found := SIZE.fullmatch(part):
            stated = float(found[1]) * UNITS[found[2].lower()]
            return Size(parameters=stated, multiplied=stated, linear=stated)
    return None
