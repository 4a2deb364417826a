"""Open files that a sandboxed process is handed: none has the number of a standard one, whatever this process lacks."""

import fcntl
import os

FIRST = 3
"""The first number that is no standard input, output or error."""
SEALS = ("F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE")


def memory_file(content: bytes) -> int:
    """Return the number of an open file with this content, which is nowhere on disk and cannot be changed."""
    file = beyond_standard(os.memfd_create("crosstask", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    with open(file, "wb", closefd=False) as opened:
        opened.write(content)
    os.lseek(file, 0, os.SEEK_SET)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, sum(getattr(fcntl, name) for name in SEALS))
    return file


def pipe() -> tuple[int, int]:
    """Return the two ends of a pipe: what is read from, and what is written to."""
    reading, writing = os.pipe()
    return beyond_standard(reading), beyond_standard(writing)


def beyond_standard(file: int) -> int:
    """Return the number of an open file if it is no standard one, else another number of it, and close the first."""
    if file >= FIRST:
        return file
    other = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, FIRST)
    os.close(file)
    return other
