"""The program that does nothing, which tells whether a sandbox can be made and holds what it should."""

import _thread
import json
import os
import sys

from crosstask.sandbox.inside.start import become_nobody, pass_gate, set_limits

SMALLEST_STACK = 2**15


def main(gate: int, job_file: int) -> None:
    """Start as the other programs do, and end; where something is amiss, say it, and do not come to the gate."""
    with open(job_file, "rb") as opened:
        limits = dict(json.loads(opened.read()))
    become_nobody()
    set_limits(limits)
    if fault := _unreadable() or _unlimited(limits["threads"]):
        print(fault, flush=True)
        os._exit(1)
    pass_gate(gate)
    os._exit(0)


def _unreadable() -> str | None:
    """Return that this user cannot read a file of Python's library; None if there is none."""
    for folder in sys.path:
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if name.endswith(".py") and os.path.exists(path) and not os.access(path, os.R_OK):
                return f"a sandbox runs as nobody (user {os.getuid()}), who cannot read {path}"
    return None


def _unlimited(threads: int) -> str | None:
    """Return that there can be more threads than allowed; None if there cannot."""
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.stack_size(SMALLEST_STACK)
    try:
        for _ in range(threads + 2):
            _thread.start_new_thread(lock.acquire, ())
    except RuntimeError:
        return None
    return (
        "nothing limits the threads in a sandbox; that needs Linux 5.14, and a user that is not root or a root that has"
        " the user nobody (65534) besides"
    )
