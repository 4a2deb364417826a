"""The process that runs the code of a model: it defines a function and answers calls of it, until nobody calls."""

import builtins
import errno
from collections.abc import Callable
from typing import Any

from crosstask.sandbox.inside.channel import Channel, Ended, TooLong
from crosstask.sandbox.inside.literals import NotALiteral, dumps
from crosstask.sandbox.inside.start import module, started

FORBIDDEN = (errno.EPERM, errno.EACCES, errno.EROFS)
"""What the sandbox answers where something is not allowed."""
LONGEST_HELD = 2**14
"""Most bytes of what is told of what an exception holds."""


def main(gate: int, job_file: int, asked: int, answers: int) -> None:
    """Do the job in a file, after the gate: a program, and the name of the function that it defines.

    Calls of it are read from one pipe, and what they return is written to another.

    What is said of a program that cannot be called, or of a value that cannot be sent, has the outcome as ``failed``.
    """
    job = started(job_file, gate)
    channel = Channel(asked, answers, job["limits"]["message_bytes"])
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
    """Answer the next call, by its number."""
    call, positional, named = channel.receive()
    try:
        channel.send({"call": call, "value": function(*positional, **named)})
    except NotALiteral as error:
        channel.send({"failed": "not_literal", "detail": str(error)})
    except TooLong:
        channel.send({"failed": "output", "detail": "a value that is too large"})
    except Ended:
        raise
    except BaseException as error:
        channel.send({"call": call, "outcome": _outcome(error), **_raised(error)})


def _raised(error: BaseException) -> dict[str, Any]:
    """Return what is told of an exception: its type, the built-in ones that it extends, and what it holds."""
    names = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        held = error.args if names[:1] == [type(error).__name__] else (str(error),)
        if len(dumps(held)) > LONGEST_HELD:
            held = ()
    except Exception:  # its own, or of what it holds
        held = ()
    return {"raised": type(error).__name__, "kinds": names, "held": held}


def _outcome(error: BaseException) -> str:
    """Return which outcome an exception is."""
    if isinstance(error, MemoryError):
        return "memory"
    return "forbidden" if isinstance(error, OSError) and error.errno in FORBIDDEN else "error"
