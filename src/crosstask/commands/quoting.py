"""How an override that Hydra cannot read is quoted: texts with ``=``, letters of other languages, and the like."""

import re
import shlex

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.errors import HydraException


def with_quotes(text: str) -> str | None:
    r"""Return an override with quotes around the parts of its value that Hydra cannot read, as a shell takes it.

    None where quotes do not help.

    Examples
    --------
    >>> print(with_quotes("tracking.group=gr\xfc\xdfe"))
    "tracking.group='gr\xfc\xdfe'"
    >>> print(with_quotes("runs.columns={source: mod\xe8le, n: trials}"))
    "runs.columns={source: 'mod\xe8le', n: trials}"
    >>> print(with_quotes("runs.units={GSM8K (5-shot): fraction}"))
    'runs.units={GSM8K \(5-shot\): fraction}'
    >>> print(with_quotes("tracking.tags=[a,b=c]"))
    "tracking.tags=[a,'b=c']"
    """
    key, equals, value = text.partition("=")
    opening, inner, closing = _brackets(value)
    if any(part.startswith(("[", "{")) for part in inner.split(",")):
        return None  # brackets that are not closed, or what stands deeper
    if opening == "{":
        parts = [_pair(key, part) for part in inner.split(",")]
    else:
        parts = [part if _is_read(f"{key}={part}") else _quoted(part) for part in inner.split(",")]
    found = f"{key}={opening}{','.join(parts)}{closing}"
    return _for_shell(found) if equals and _is_read(found) else None


def _brackets(value: str) -> tuple[str, str, str]:
    """Return the brackets around a list, or a mapping, and what is between them."""
    within = re.fullmatch(r"\[.*\]|\{.*\}", value, re.DOTALL)
    return (value[0], value[1:-1], value[-1]) if within else ("", value, "")


def _pair(key: str, text: str) -> str:
    """Return a pair of a mapping with quotes around its value where they are needed; its key can have none, but
    backslashes before its brackets.
    """
    name, colon, value = text.partition(":")
    if not colon or _is_read(f"{key}={{{text}}}"):
        return text
    escaped = re.sub(r"(?<!\\)[()\[\]{}=]", r"\\\g<0>", name)
    if _is_read(f"{key}={{{escaped}:{value}}}"):
        return f"{escaped}:{value}"
    return f"{escaped}: {_quoted(value.strip())}"


def _quoted(text: str) -> str:
    """Return a text in Hydra's quotes."""
    return QuotedString(text, Quote.single).with_quotes()


def _is_read(text: str) -> bool:
    """Tell whether Hydra can read an override."""
    try:
        OverridesParser.create().parse_override(text)
    except HydraException:
        return False
    return True


def _for_shell(text: str) -> str:
    """Return a text as a shell takes it for one argument."""
    return shlex.quote(text) if re.search(r'["$`\\!]', text) else f'"{text}"'
