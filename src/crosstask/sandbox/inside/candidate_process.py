"""The process that runs the code of a model: it defines a function and answers calls of it, until nobody calls."""

import errno
from collections.abc import Callable
from typing import Any

from crosstask.sandbox.inside.channel import Channel, Ended, TooLong
from crosstask.sandbox.inside.literals import NotALiteral
from crosstask.sandbox.inside.start import module, started

FORBIDDEN = (errno.EPERM, errno.EACCES, errno.EROFS)
"""What the sandbox answers where something is not allowed."""


def main(job_file: int) -> None:
    """Do the job in a file: a program, and the name of the function that it defines.

    What is said of a program that cannot be called, or of a value that cannot be sent, has the outcome as ``failed``.
    """
    job, channel = started(job_file)
    channel.send({"started": True})
    try:
        code = compile(job["program"], "answer.py", "exec")
    except Exception as error:  # of a text of any kind; nothing of it has run
        channel.send({"failed": "syntax_error", "detail": type(error).__name__})
        return
    names = module("answer")
    try:
        exec(code, names)
    except BaseException as error:
        channel.send({"failed": _outcome(error), "detail": type(error).__name__})
        return
    function = names.get(job["entry_point"])
    if not callable(function):
        channel.send({"failed": "error", "detail": f"defines no {job['entry_point']}"})
        return
    channel.send({"ready": True})
    try:
        while True:
            _answer(channel, function)
    except Ended:
        return


def _answer(channel: Channel, function: Callable[..., Any]) -> None:
    """Answer the next call."""
    positional, named = channel.receive()
    try:
        channel.send({"value": function(*positional, **named)})
    except NotALiteral as error:
        channel.send({"failed": "not_literal", "detail": str(error)})
    except TooLong:
        channel.send({"failed": "output", "detail": "a value that is too large"})
    except Ended:
        raise
    except BaseException as error:
        channel.send({"raised": type(error).__name__, "outcome": _outcome(error)})


def _outcome(error: BaseException) -> str:
    """Return which outcome an exception is."""
    if isinstance(error, MemoryError):
        return "memory"
    return "forbidden" if isinstance(error, OSError) and error.errno in FORBIDDEN else "error"
