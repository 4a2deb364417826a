"""The pipe between the two processes: messages with their length before them, and a longest length."""

import os
from dataclasses import dataclass
from typing import Any

from crosstask.sandbox.inside.literals import dumps, loads

HEAD = 4
"""Bytes of a length, the most significant first."""


class TooLong(Exception):
    """A message is longer than any may be."""


class Ended(Exception):
    """The other process does not answer any more."""


@dataclass(frozen=True)
class Channel:
    """Two ends of pipes, one to read from and one to write to, for literals."""

    reading: int
    writing: int
    longest: int
    """Most bytes of a message."""

    def send(self, message: Any) -> None:
        """Send a message.

        Raises
        ------
        NotALiteral
            If it is none; nothing is sent.
        TooLong
            If it is too long; nothing is sent.
        Ended
            If nobody reads it.
        """
        content = dumps(message)
        if len(content) > self.longest:
            raise TooLong
        rest = memoryview(len(content).to_bytes(HEAD, "big") + content)
        while rest:
            try:
                rest = rest[os.write(self.writing, rest) :]
            except OSError as error:
                raise Ended from error

    def receive(self) -> Any:
        """Return the next message.

        Raises
        ------
        NotALiteral
            If it is none.
        TooLong
            If it is too long.
        Ended
            If there is none, or only a part of one.
        """
        length = int.from_bytes(self._exactly(HEAD), "big")
        if length > self.longest:
            raise TooLong
        return loads(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        """Return so many bytes."""
        found = bytearray()
        while len(found) < count:
            part = os.read(self.reading, count - len(found))
            if not part:
                raise Ended
            found += part
        return bytes(found)
