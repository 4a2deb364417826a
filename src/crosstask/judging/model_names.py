"""Whether the model that an endpoint says it ran is the one that it was asked for."""

import re
from collections import Counter
from collections.abc import Iterable

_LATEST = "-latest"
_VERSION = re.compile(r"[-@:._]v?\d[\d.:-]*")


def other_models(asked: str, told: Iterable[str]) -> Counter[str]:
    """Count the replies by models other than the one that was asked for, by their names.

    Parameters
    ----------
    asked
        The model's name in the request.
    told
        Its names in the replies; where one is empty, the endpoint does not say. A name is the same without the
        folders or vendors before it, and with a date or version behind it.

    Examples
    --------
    >>> other_models("gpt-4o", ["gpt-4o-2024-08-06", "openai/gpt-4o", "", "gpt-4o-mini"])
    Counter({'gpt-4o-mini': 1})
    """
    return Counter(name for name in told if name and not _is_same(asked, name))


def _is_same(asked: str, told: str) -> bool:
    """Tell whether two names are, as far as can be seen, of one model."""
    one, other = (name.rstrip("/").rpartition("/")[2].casefold().removesuffix(_LATEST) for name in (asked, told))
    if one == other or one.partition(":")[0] == other:
        return True
    return other.startswith(one) and _VERSION.fullmatch(other[len(one) :]) is not None
