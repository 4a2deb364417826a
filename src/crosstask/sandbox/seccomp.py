"""The filter of system calls inside a sandbox: a program for the kernel's packet filter (classic BPF).

No process is made but threads of one's own, nothing is connected, mounted, traced or signaled, no file is locked or
changed in what is known of it, and no memory is had that limits do not count. What is denied fails with EPERM; calls
that are newer than `LAST`, those of the x32 interface and clone3, whose flags a filter cannot see, fail with ENOSYS, as
on a kernel without them. A call by the numbers of another machine (of 32 bits) ends the process.
"""

import errno
import struct

from crosstask.sandbox.system_calls import BY_ARGUMENT, CLONE, CLONE3, DENIED, LAST, MACHINES, SENDTO, Rule

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What the kernel calls a machine (linux/audit.h)."""
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
"""What a filter returns (linux/seccomp.h); to FAIL the number of the error is added."""
LOAD, EQUAL, GREATER, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
"""Instructions (linux/bpf_common.h): load 32 bits, jump on a comparison with a constant, return a constant."""
NUMBER, ARCHITECTURE, ARGUMENTS, SIZE, HALF = 0, 4, 16, 8, 4
"""Where the kernel has what is loaded (struct seccomp_data), and the bytes of an argument; its lower half is first."""
CLONE_THREAD = 0x10000

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
        *_unless_to_an_address(SENDTO[place]),
    ]
    for rule in BY_ARGUMENT.values():
        instructions += _by_argument(rule.numbers[place], rule)
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
        (LOAD, 0, 0, ARGUMENTS),
        (ANY_BIT, 1, 0, CLONE_THREAD),
        _returned(FAIL + errno.EPERM),
        _returned(ALLOW),
    ]


def _unless_to_an_address(sendto: int) -> list[Instruction]:
    """Return what denies to send to an address, and allows the other end of a pair of sockets, which has none."""
    address = ARGUMENTS + 4 * SIZE
    return [
        (EQUAL, 0, 6, sendto),
        (LOAD, 0, 0, address),
        (EQUAL, 0, 3, 0),
        (LOAD, 0, 0, address + HALF),
        (EQUAL, 0, 1, 0),
        _returned(ALLOW),
        _returned(FAIL + errno.EPERM),
    ]


def _by_argument(number: int, rule: Rule) -> list[Instruction]:
    """Return what decides a call by one of its arguments."""
    last = len(rule.values) - 1
    compared = [(EQUAL, 1 + last - place, 0, value) for place, value in enumerate(rule.values)]
    others, these = (FAIL + errno.EPERM, ALLOW) if rule.are_allowed else (ALLOW, FAIL + errno.EPERM)
    return [
        (EQUAL, 0, len(rule.values) + 3, number),
        (LOAD, 0, 0, ARGUMENTS + SIZE * rule.argument),
        *compared,
        _returned(others),
        _returned(these),
    ]
