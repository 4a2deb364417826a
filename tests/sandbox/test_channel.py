"""Messages through a pipe are whole, or there is none; none is longer than allowed."""

import os
from collections.abc import Iterator

import pytest

from crosstask.sandbox.inside.channel import Channel, Ended, TooLong
from crosstask.sandbox.inside.literals import NotALiteral


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_messages_come_in_their_order(pipe: tuple[int, int]):
    channel = Channel(*pipe, longest=100)
    for message in ({"value": [1, (2.5,)]}, None, "x" * 90):
        channel.send(message)
    assert [channel.receive() for _ in range(3)] == [{"value": [1, (2.5,)]}, None, "x" * 90]


def test_nothing_is_sent_of_what_cannot_be(pipe: tuple[int, int]):
    channel = Channel(*pipe, longest=10)
    for message, error in (("x" * 10, TooLong), (print, NotALiteral)):
        with pytest.raises(error):
            channel.send(message)
    os.close(pipe[1])
    assert os.read(pipe[0], 1) == b""


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (b"", Ended),
        (b"\x00\x00", Ended),
        (b"\x00\x00\x00\x05abc", Ended),
        (b"\xff\xff\xff\xff", TooLong),
        (b"\x00\x00\x00\x0b", TooLong),
        (b"\x00\x00\x00\x03abc", NotALiteral),
    ],
)
def test_what_is_no_message_is_none(written: bytes, error: type[Exception], pipe: tuple[int, int]):
    os.write(pipe[1], written)
    os.close(pipe[1])
    with pytest.raises(error):
        Channel(*pipe, longest=10).receive()


def test_nobody_reads(pipe: tuple[int, int]):
    os.close(pipe[0])
    with pytest.raises(Ended):
        Channel(*pipe, longest=10).send(1)


def test_a_message_whose_wait_is_broken_off_comes_whole_later(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    channel = Channel(*pipe, longest=100)
    message = len(b'"ab"').to_bytes(4, "big") + b'"ab"'
    os.write(pipe[1], message[:6])
    read = os.read

    def alarmed(file: int, count: int) -> bytes:
        if len(channel.come) == 6:
            raise TimeoutError
        return read(file, count)

    monkeypatch.setattr(os, "read", alarmed)
    with pytest.raises(TimeoutError):
        channel.receive()
    monkeypatch.undo()
    os.write(pipe[1], message[6:] + message)
    assert [channel.receive(), channel.receive()] == ["ab", "ab"]
