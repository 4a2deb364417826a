"""Replies of a judge, kept for good: a file for each question with a line for each answer that was judged.

Lines are added, by one process at a time, and are on the disk before the next is asked for. A line that a killed
process left half written is no reply; it goes, as any that is damaged, when the next one is added.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage import locks
from crosstask.storage.json_files import NotARecord
from crosstask.storage.schema import checked, known_fields, written

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """What a judge replied to a question."""

    SCHEMA: ClassVar[int] = 1

    text: str
    ended: str
    """Why it ended, as the endpoint says (``stop``, ``length``, ``content_filter``), or what stands in its place:
    ``refusal``, ``context_length_exceeded``."""
    model: str
    """The model, as the endpoint calls it in its reply; empty where it does not say."""
    system_fingerprint: str | None = None
    """The endpoint's own mark of how the model was run, if it has one."""
    input_tokens: int | None = None
    """Tokens of the question; None where the endpoint does not count."""
    output_tokens: int | None = None
    """Tokens of the reply, those of a reasoning that is not shown included."""


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
            return question, checked(Reply, known_fields(Reply, reply))
    raise NotARecord("no reply to a question")


def _check(content: Mapping[str, Any]) -> str:
    """Return the checksum of a line."""
    return fingerprint(content)[:8]
