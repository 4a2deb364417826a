"""Sanity check that an adapter changes the model: by how much it moves the logits after a few probe prompts."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from crosstask.errors import UserError
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode

PROMPTS = (
    "The",
    "Question: What is 12 plus 5?\nAnswer:\n",
    "I liked it a lot and would buy it again.\nSentiment:\n",
    "Write a function that adds two numbers.\nAnswer:\n",
)
"""The probe prompts. They stay: adapters hold the effect on these."""
TOLERANCE = {torch.float32: 1e-3}
"""Relative difference that another machine, or merging, may make; 16-bit arithmetic has a wider one."""
WIDE = 0.1


def probe_logits(base: BaseModel, model: Any) -> torch.Tensor:
    """Return the next-token logits after each of the probe prompts, of shape (prompts, vocabulary), in float32."""
    device = next(model.parameters()).device
    rows = []
    with torch.inference_mode():
        for pair in encode(base, PROMPTS, [""] * len(PROMPTS)):
            rows.append(model(input_ids=torch.tensor([pair.prompt], device=device)).logits[0, -1].float().cpu())
    return torch.stack(rows)


def effect(base: BaseModel, model: Any, bare: torch.Tensor, name: str = "the adapter") -> tuple[float, ...]:
    """Return the effect of an adapter on the model, or of a fine-tuning of the whole model.

    Parameters
    ----------
    base, model
        What reads the texts, and the model with the adapter or the one that was fine-tuned. It may know more tokens or
        fewer than the base model: those that both know are compared.
    bare : Tensor of shape (prompts, vocabulary)
        The probe logits of the base model without the adapter.
    name
        What an error calls it.

    Returns
    -------
    tuple
        For each of the probe prompts the largest absolute difference of a next-token logit from the base model's, with
        six significant digits.

    Raises
    ------
    UserError
        If it has none, or makes logits that are no numbers.
    """
    found = probe_logits(base, model)
    shared = min(found.shape[1], bare.shape[1])
    differences = (found[:, :shared] - bare[:, :shared]).abs().amax(dim=1).tolist()
    if not all(map(math.isfinite, differences)):
        raise UserError(f"{name}: its logits after the probe prompts are not finite; it holds NaN or infinite values")
    if not max(differences) > 0:
        raise UserError(f"{name} has no effect: with and without it the logits of the probe prompts are the same")
    return tuple(float(f"{difference:.6g}") for difference in differences)


def check_effect(found: Sequence[float], recorded: Sequence[float], dtype: torch.dtype, name: str) -> None:
    """Compare an adapter's effect with the one recorded at the end of its training, or when it was first loaded.

    Raises
    ------
    UserError
        If it is another one.
    """
    tolerance = TOLERANCE.get(dtype, WIDE)
    largest = max(recorded)
    for here, then in zip(found, recorded, strict=True):
        if abs(here - then) > tolerance * largest:
            raise UserError(
                f"{name}: the adapter's effect differs from the one on record: it moves the logits of"
                f" a probe prompt by {here:.4g} instead of {then:.4g}"
            )
