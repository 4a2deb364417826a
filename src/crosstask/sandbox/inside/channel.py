"""The pipe between the two processes: messages with their length before them, and a longest length."""

import os
from dataclasses import dataclass, field
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
    come: bytearray = field(default_factory=bytearray)
    """What there is of the next message: a signal may break off the wait for it, and it is waited for again."""

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
        self._until(HEAD)
        length = int.from_bytes(self.come[:HEAD], "big")
        if length > self.longest:
            raise TooLong
        self._until(HEAD + length)
        content = bytes(self.come[HEAD:])
        self.come.clear()
        return loads(content)

    def _until(self, count: int) -> None:
        """Wait until so many bytes of the message have come."""
        while len(self.come) < count:
            part = os.read(self.reading, count - len(self.come))
            if not part:
                raise Ended
            self.come.extend(part)
