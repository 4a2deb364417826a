"""Settings that enter the training fingerprint; the others only decide how a training is computed, scored or kept."""

from collections.abc import Mapping
from typing import Any

_WHOLE = ("lora", "optimizer")
"""Groups all of whose settings enter it."""
_SINGLE = (
    *("data.train_rows", "data.control_tokens", "data.leakage"),
    *("trainer.max_epochs", "trainer.max_steps", "trainer.batch_size", "trainer.accumulate", "trainer.bucket"),
    *("trainer.max_length", "trainer.loss", "trainer.held_out"),
)
_HELD_OUT = ("trainer.evaluate_steps", "trainer.patience")
"""Settings that enter it where rows are held out."""
_UNORDERED = ("lora.target_modules",)


def learned_from(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that enter the training fingerprint: those that decide what an adapter learns.

    Parameters
    ----------
    settings
        Settings of a job by their dotted names, such as ``lora.rank``.

    Returns
    -------
    dict
        Those of them that enter it; lists whose order does not matter are sorted.

    Examples
    --------
    >>> learned_from({"lora.target_modules": ["v", "q"], "trainer.patience": 3, "trainer.held_out": 0.0, "seed": 1})
    {'lora.target_modules': ['q', 'v'], 'trainer.held_out': 0.0}
    """
    single = _SINGLE + (_HELD_OUT if settings.get("trainer.held_out") else ())
    return {
        name: sorted(value) if name in _UNORDERED and value else value
        for name, value in settings.items()
        if name.partition(".")[0] in _WHOLE or name in single
    }
