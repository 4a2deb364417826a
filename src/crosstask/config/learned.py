"""Which settings decide what an adapter learns; the others only how that is computed, scored or kept."""

from collections.abc import Mapping
from typing import Any

_WHOLE = ("lora", "optimizer")
"""Groups all of whose settings do."""
_SINGLE = (
    "data.train_rows",
    *("trainer.max_epochs", "trainer.max_steps", "trainer.batch_size", "trainer.accumulate", "trainer.bucket"),
    *("trainer.max_length", "trainer.loss", "trainer.held_out"),
)
_HELD_OUT = ("trainer.evaluate_steps", "trainer.patience")
"""Settings that do where something is held out."""
_UNORDERED = ("lora.target_modules",)


def learned_from(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that decide what is learned.

    Parameters
    ----------
    settings
        Settings of a job by their dotted names, such as ``lora.rank``.

    Returns
    -------
    dict
        Those of them that do, lists without an order sorted.

    Examples
    --------
    >>> learned_from({"lora.target_modules": ["v", "q"], "trainer.patience": 3, "trainer.held_out": 0.0, "seed": 1})
    {'lora.target_modules': ['q', 'v'], 'trainer.held_out': 0.0}
    """
    single = _SINGLE + (_HELD_OUT if settings.get("trainer.held_out") else ())
    return {
        name: sorted(value) if name in _UNORDERED else value
        for name, value in settings.items()
        if name.partition(".")[0] in _WHOLE or name in single
    }
