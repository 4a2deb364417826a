"""Data in a page: JSON or files, compressed, as text in which nothing can be taken for HTML."""

import base64
import gzip
import json
from typing import Any

from crosstask.errors import printable


def packed(content: bytes) -> str:
    """Bytes as base64 of gzip, the same for the same bytes: without a time and a name."""
    return base64.b64encode(gzip.compress(content, compresslevel=9, mtime=0)).decode()


def packed_json(value: Any) -> str:
    """JSON in the same form; its texts as `readable` has them."""
    return packed(json.dumps(_readable(value), separators=(",", ":"), allow_nan=False).encode())


def plain_json(value: Any) -> str:
    r"""JSON for what has to be there at once, without a letter that HTML could take for its own.

    Examples
    --------
    >>> plain_json(["</script>", "&"])
    '["\\u003c/script\\u003e","\\u0026"]'
    """
    text = json.dumps(_readable(value), separators=(",", ":"), allow_nan=False)
    return text.translate({ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"})


def readable(text: str) -> str:
    r"""Return a text in which nothing but ends of lines and tabs controls what is shown.

    Other control characters, changes of the writing direction and halves of characters are written as Python would.

    Examples
    --------
    >>> readable("a\n\tb\u202e\x00")
    'a\n\tb\\u202e\\x00'
    """
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in lines)


def _readable(value: Any) -> Any:
    """The same with every text in lists and mappings, also in keys."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {readable(key): _readable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(inner) for inner in value]
    return value
