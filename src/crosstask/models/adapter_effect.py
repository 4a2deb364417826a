"""Proof that an adapter acts: how far it moves the model's logits on fixed prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from crosstask.errors import UserError
from crosstask.models.base_model import BaseModel
from crosstask.models.tokenization import encode

PROMPTS = (
    "The",
    "Question: What is 12 plus 5?\nAnswer:\n",
    "I liked it a lot and would buy it again.\nSentiment:\n",
    "Write a function that adds two numbers.\nAnswer:\n",
)
TOLERANCE = {torch.float32: 1e-3}
"""Relative difference that another machine, or merging, may make; 16-bit arithmetic has a wider one."""
WIDE = 0.1


@dataclass(frozen=True)
class Effect:
    """What an adapter does to the model."""

    differences: list[float]
    """For each of the prompts the largest difference of a next-token logit from the base model's."""


def logits(base: BaseModel, model: Any) -> torch.Tensor:
    """Return the next-token logits after each of the fixed prompts, of shape (prompts, vocabulary), in float32."""
    device = next(model.parameters()).device
    rows = []
    with torch.inference_mode():
        for pair in encode(base, PROMPTS, [""] * len(PROMPTS)):
            rows.append(model(input_ids=torch.tensor([pair.prompt], device=device)).logits[0, -1].float().cpu())
    return torch.stack(rows)


def effect(base: BaseModel, model: Any, bare: torch.Tensor) -> Effect:
    """Return what an adapter does; ``bare`` are the logits of the base model without it.

    Raises
    ------
    UserError
        If it does nothing.
    """
    differences = (logits(base, model) - bare).abs().amax(dim=1).tolist()
    if not max(differences) > 0:
        raise UserError("the adapter does not act: with and without it the model's logits are the same")
    return Effect([float(f"{difference:.6g}") for difference in differences])


def check(found: Effect, recorded: Sequence[float], dtype: torch.dtype, name: str) -> None:
    """Compare an adapter's effect with the one recorded at the end of its training.

    Raises
    ------
    UserError
        If it is another one.
    """
    tolerance = TOLERANCE.get(dtype, WIDE)
    largest = max(recorded)
    for here, then in zip(found.differences, recorded, strict=True):
        if abs(here - then) > tolerance * largest:
            raise UserError(
                f"{name}: the adapter acts otherwise than at the end of its training: it moves the logits of the"
                f" fixed prompts by {here:.4g} where {then:.4g} was recorded"
            )
