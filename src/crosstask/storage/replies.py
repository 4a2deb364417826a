"""Replies of a judge, kept for good: a file for each question with a line for each answer that was judged.

Lines are added, by one process at a time, and are on the disk before the next is asked for. A line that a killed
process left half written is no reply; it goes, as any that is damaged, when the next one is added. Who asks a question
holds a lock meanwhile, one of `LOCKS` empty files, so that nobody else pays for the same.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage import locks
from crosstask.storage.json_files import NotARecord
from crosstask.storage.schema import checked, known_fields, written

log = logging.getLogger(__name__)

LOCKS = "locks"
"""The folder with the locks, beside the files of a judge."""
LOCK_DIGITS = 3
"""Digits of a question's fingerprint that name its lock: there are no more files than these can say, and two questions
rarely share one, which only delays the second."""
MOST_TOKENS = 2**31 - 1
"""What no reply has more tokens than."""
_HALF_PAIRS = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Reply:
    """What a judge replied to a question; half of a surrogate pair, which no UTF-8 can hold, becomes U+FFFD."""

    SCHEMA: ClassVar[int] = 1

    text: str
    ended: str
    """Why it ended, as the endpoint says (``stop``, ``length``, ``content_filter``), or what stands in its place:
    ``refusal``, ``refused``, ``context_length_exceeded``."""
    model: str
    """The model, as the endpoint calls it in its reply; empty where it does not say."""
    system_fingerprint: str | None = None
    """The endpoint's own mark of how the model was run, if it has one."""
    input_tokens: int | None = None
    """Tokens of the question; None where the endpoint does not count."""
    output_tokens: int | None = None
    """Tokens of the reply, those of a reasoning that is not shown included."""

    def __post_init__(self) -> None:
        for name in ("text", "ended", "model", "system_fingerprint"):
            value = getattr(self, name)
            if isinstance(value, str) and (whole := _HALF_PAIRS.sub("\ufffd", value)) != value:
                object.__setattr__(self, name, whole)


def readable_text(value: Any) -> str | None:
    """Return a text that an endpoint gives of itself; as JSON where it is something else, None where there is none."""
    return value if value is None or isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def readable_count(value: Any) -> int | None:
    """Return a count of tokens by an endpoint; None where it gives none that can be one."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
    return value if is_count else None


def asking(folder: Path, question: str) -> AbstractContextManager[bool]:
    """Return a context in which no other process asks a question, given by its fingerprint, for a judge's folder.

    It yields False where another does just now.

    Raises
    ------
    UserError
        If the folder cannot be written, or the file system has no locks.
    """
    return locks.held_if_free(folder / LOCKS / question[:LOCK_DIGITS])


def read_replies(path: Path) -> dict[str, Reply]:
    """Return the replies in a file by the question's fingerprint; none where it does not exist.

    A line that is damaged is passed over, which a warning says; a half-written last one without a word.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}
    found = {}
    for number, line in enumerate(lines[:-1], start=1):
        try:
            question, reply = _parsed(line)
        except NotARecord as error:
            log.warning("%s: line %d is damaged (%s); its answer is judged again", path, number, error)
        except UserError as error:
            raise UserError(f"{path}: line {number}: {error}; use that version, or delete the file") from error
        else:
            found[question] = reply
    return found


def add_reply(path: Path, question: str, reply: Reply) -> None:
    """Add the reply to a question, given by its fingerprint, to a file, which is made if need be; damage is removed."""
    said = {"question": question, "reply": written(reply)}
    line = json.dumps({**said, "check": _check(said)}, sort_keys=True).encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with locks.appending(path) as file:
        file.seek(0)
        content = file.read()
        if (whole := b"".join(_whole_lines(content))) != content:
            file.truncate(0)
            file.write(whole)
        file.write(line)


def _whole_lines(content: bytes) -> Iterator[bytes]:
    """Yield the lines that are undamaged."""
    for line in content.split(b"\n")[:-1]:
        with suppress(NotARecord):
            _parsed(line)
            yield line + b"\n"


def _parsed(line: bytes) -> tuple[str, Reply]:
    """Return the fingerprint of a question and its reply; NotARecord where a line is something else."""
    try:
        content = json.loads(line)
    except ValueError as error:
        raise NotARecord(f"no JSON: {error}") from error
    match content:
        case {"question": str() as question, "reply": Mapping() as reply, "check": check}:
            if check != _check({"question": question, "reply": reply}):
                raise NotARecord("it is not what was written")
            return question, checked(Reply, _readable(known_fields(Reply, reply)))
    raise NotARecord("no reply to a question")


def _readable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a reply as they are written today: once, what the endpoint gave was written as it was."""
    counts = {name: readable_count(fields.get(name)) for name in ("input_tokens", "output_tokens")}
    return {**fields, **counts, "system_fingerprint": readable_text(fields.get("system_fingerprint"))}


def _check(content: Mapping[str, Any]) -> str:
    """Return the checksum of a line."""
    return fingerprint(content)[:8]
