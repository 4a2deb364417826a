"""The filter of system calls inside a sandbox: a program for the kernel's packet filter (classic BPF).

No process is made but threads of one's own, nothing is connected, mounted, traced or signaled, and no memory is had
that limits do not count. What is denied fails with EPERM; calls that are newer than `LAST`, those of the x32 interface
and clone3, whose flags a filter cannot see, fail with ENOSYS, as on a kernel without them. A call by the numbers of
another machine (of 32 bits) ends the process.
"""

import errno
import struct

from crosstask.sandbox.system_calls import CLONE, CLONE3, DENIED, IOCTL, LAST, MACHINES

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What the kernel calls a machine (linux/audit.h)."""
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
"""What a filter returns (linux/seccomp.h); to FAIL the number of the error is added."""
LOAD, EQUAL, GREATER, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
"""Instructions (linux/bpf_common.h): load 32 bits, jump on a comparison with a constant, return a constant."""
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
"""Where the kernel has what is loaded (struct seccomp_data); of an argument the lower half."""
CLONE_THREAD = 0x10000
TERMINAL_INPUT = (0x5412, 0x541C)
"""Requests of ioctl that type on a terminal: TIOCSTI, TIOCLINUX."""

Instruction = tuple[int, int, int, int]
"""Code, how many instructions to skip if a comparison holds and if not, and a constant."""


def bpf_filter(machine: str) -> bytes:
    """Return the filter for a machine, one of ``MACHINES``, as bwrap takes it: an array of struct sock_filter."""
    place = MACHINES.index(machine)
    instructions: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        _returned(KILL),
        (LOAD, 0, 0, NUMBER),
        (GREATER, 0, 1, LAST),  # the x32 interface is numbers from 2 ** 30 on
        _returned(FAIL + errno.ENOSYS),
        (EQUAL, 0, 1, CLONE3[place]),
        _returned(FAIL + errno.ENOSYS),
        *_unless_of_a_thread(CLONE[place]),
        *_on_a_terminal(IOCTL[place]),
    ]
    for numbers in DENIED.values():
        if (number := numbers[place]) is not None:
            instructions += [(EQUAL, 0, 1, number), _returned(FAIL + errno.EPERM)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in [*instructions, _returned(ALLOW)])


def _returned(value: int) -> Instruction:
    """Return the instruction that ends the filter with a value."""
    return RETURN, 0, 0, value


def _unless_of_a_thread(clone: int) -> list[Instruction]:
    """Return what denies a new process, and allows a thread."""
    return [
        (EQUAL, 0, 4, clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 1, 0, CLONE_THREAD),
        _returned(FAIL + errno.EPERM),
        _returned(ALLOW),
    ]


def _on_a_terminal(ioctl: int) -> list[Instruction]:
    """Return what denies input to a terminal in another's name, and allows all other requests of devices."""
    requests = len(TERMINAL_INPUT)
    compared = [(EQUAL, requests - place, 0, request) for place, request in enumerate(TERMINAL_INPUT)]
    return [
        (EQUAL, 0, requests + 3, ioctl),
        (LOAD, 0, 0, SECOND_ARGUMENT),
        *compared,
        _returned(ALLOW),
        _returned(FAIL + errno.EPERM),
    ]
