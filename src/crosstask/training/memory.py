"""Packing and gradient checkpointing: what the base model must be capable of, tried out and switched on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from crosstask.errors import UserError
from crosstask.models.architecture import vocabulary

PROBE_TOKENS = 16
"""Length of each of the two probe sequences."""
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 5e-2}
"""Largest difference of logits that rounding explains, as a share of the largest logit."""


def check_packing(model: Any) -> None:
    """Refuse a model whose logits for a sequence depend on what it is packed with.

    transformers tells packed sequences apart by positions that begin anew, in the attention backends that know of it
    (eager, sdpa, flex and flash attention at the time of writing) and not in others. So it is tried out: a sequence
    behind another one must get the logits that it gets alone ::

        max |logits behind - logits alone|  <=  tolerance  max |logits alone|

    Raises
    ------
    UserError
        Naming the attention backend.
    """
    device = next(model.parameters()).device
    # The two halves differ, so a model whose second half sees the first has something else to see.
    tokens = torch.arange(2 * PROBE_TOKENS, device=device).remainder(vocabulary(model))[None]
    positions = torch.arange(PROBE_TOKENS, device=device).repeat(2)[None]
    with torch.no_grad():
        behind = model(input_ids=tokens, position_ids=positions, use_cache=False).logits[0, PROBE_TOKENS:].float()
        alone = model(input_ids=tokens[:, PROBE_TOKENS:], use_cache=False).logits[0].float()
    difference = float((behind - alone).abs().max() / alone.abs().max())
    # "not <=", so that logits that are NaN are refused as well; other precisions are given the wider tolerance.
    if not difference <= TOLERANCE.get(model.dtype, TOLERANCE[torch.bfloat16]):
        raise UserError(
            f"trainer.packing=true: with the attention {model.config._attn_implementation!r} of this model packed"
            f" sequences see each other (logits differ by {difference:.0%}); trainer.batch_tokens saves padding too"
        )


@contextmanager
def gradient_checkpointing(model: Any, wanted: bool) -> Iterator[None]:
    """Let a model compute its layers' activations twice instead of keeping them, if wanted, within the block.

    Raises
    ------
    UserError
        If the architecture has no gradient checkpointing.
    """
    if not wanted:
        yield
        return
    try:
        model.activation_checkpointing_enable({"use_reentrant": False})
    except ValueError as error:
        raise UserError(f"trainer.gradient_checkpointing=true: {str(error).splitlines()[0]}") from error
    # Only re-entrant checkpointing needs gradients of the embeddings; their hook would stay on the base model, and
    # could not be handed to other processes.
    model.disable_input_require_grads()
    try:
        yield
    finally:
        model.activation_checkpointing_disable()
