"""The content of a row for a task: the values that its prompt takes from the row, whatever surrounds them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from crosstask.data.examples import Example
from crosstask.data.row_templates import ROW
from crosstask.fingerprint import fingerprint

LEAST_TEXT = 20
"""Characters of text that content must have to be looked for in other data sets: ``yes`` or two numbers are in many."""


def content_key(row: Mapping[str, Any], columns: Collection[str]) -> str:
    """Return what two rows have in common that have the same content, up to white space and case.

    Parameters
    ----------
    row
        A row of a data set.
    columns
        The columns that the prompt uses; where it uses the whole row, all.

    Returns
    -------
    str
        It tells neither the names of the columns nor their order, which other copies of a data set have otherwise. It
        ends in ``!`` for content of less than `LEAST_TEXT` characters of text.

    Examples
    --------
    >>> content_key({"text": "A good  film", "id": 1}, ["text"]) == content_key({"review": "a GOOD film"}, ["review"])
    True
    """
    used = [row[name] for name in (row if ROW in columns and ROW not in row else columns) if name in row]
    values = sorted(" ".join(str(part).split()).casefold() for value in used for part in _parts(value))
    text = sum(len(part) for value in used for part in _parts(value) if isinstance(part, str))
    return fingerprint(values) + ("!" if text < LEAST_TEXT else "")


def is_short(key: str) -> bool:
    """Tell whether a key is one of content with hardly any text."""
    return key.endswith("!")


def count_leaked(trained: Iterable[Example], tested: Iterable[Example]) -> int:
    """Return how many test examples have the content of one that is trained on; hardly any text does not count."""
    learned = {example.content for example in trained}
    return sum(example.content in learned and not is_short(example.content) for example in tested)


def _parts(value: Any) -> Iterator[Any]:
    """Yield the single values in a value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)
    elif value is not None:
        yield value
