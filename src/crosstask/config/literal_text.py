r"""The texts of tasks are literal: ``${...}`` in them is no interpolation of OmegaConf's.

OmegaConf takes ``\${`` for ``${``, and of more backslashes before ``${`` it takes half.
"""

import re
from typing import Any

_ANY = re.compile(r"(\\*)\$\{")
_ACTIVE = re.compile(r"(?<!\\)((?:\\\\)*)\$\{")


def escaped(value: Any) -> Any:
    r"""Return a value, such as a task file's content, with every text such that OmegaConf makes that text of it.

    Examples
    --------
    >>> print(escaped("It costs ${price}."))
    It costs \${price}.
    """
    return _texts_replaced(value, _ANY, r"\1\1\\${")


def deactivated(value: Any) -> Any:
    r"""Return a value with a backslash before every interpolation that OmegaConf would resolve.

    Examples
    --------
    >>> print(deactivated(r"It costs ${price}, not \${price}."))
    It costs \${price}, not \${price}.
    """
    return _texts_replaced(value, _ACTIVE, r"\1\\${")


def _texts_replaced(value: Any, pattern: re.Pattern[str], replacement: str) -> Any:
    """Return a value with a replacement made in every text, however deep."""
    if isinstance(value, str):
        return pattern.sub(replacement, value)
    if isinstance(value, dict):
        return {key: _texts_replaced(part, pattern, replacement) for key, part in value.items()}
    if isinstance(value, list):
        return [_texts_replaced(part, pattern, replacement) for part in value]
    return value
