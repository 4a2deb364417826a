"""The filter of system calls, run by a small interpreter of the kernel's packet filter that is written here."""

import errno
import fcntl
import re
import socket
import struct
from functools import cache
from pathlib import Path

import pytest

from crosstask.sandbox.seccomp import bpf_filter
from crosstask.sandbox.system_calls import BY_ARGUMENT, CLONE, CLONE3, DENIED, LAST, MACHINES, SENDTO

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}
HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), "__NR"),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"), "__NR(?:3264)?"),
}
ALLOWED, NOT_PERMITTED, NO_SUCH_CALL, KILLED = "allowed", errno.EPERM, errno.ENOSYS, "killed"
ON_X86 = {  # from the table in the kernel's own arch/x86/entry/syscalls/syscall_64.tbl
    ALLOWED: {
        "read": 0,
        "write": 1,
        "mmap": 9,
        "ioctl": 16,
        "exit_group": 231,
        "execve": 59,
        "futex": 202,
        "tgkill": 234,
    },
    NOT_PERMITTED: {
        **{"fork": 57, "vfork": 58, "clone": 56, "socket": 41, "connect": 42, "ptrace": 101, "kill": 62, "mount": 165},
        **{"unshare": 272, "setns": 308, "bpf": 321, "keyctl": 250, "userfaultfd": 323, "io_uring_setup": 425},
        **{"process_vm_readv": 310, "process_vm_writev": 311, "memfd_create": 319, "pidfd_open": 434},
        **{"chmod": 90, "fchmodat": 268, "chown": 92, "utimensat": 280, "setxattr": 188, "flock": 73, "sync": 162},
    },
    NO_SUCH_CALL: {
        "clone3": 435,
        "newer": 451,
        "much newer": 10**6,
        "x32 getpid": 2**30 + 39,
        "x32 ptrace": 2**30 + 521,
    },
}
ON_ARM = {
    ALLOWED: {"read": 63, "write": 64, "mmap": 222, "ioctl": 29, "exit_group": 94, "execve": 221, "futex": 98},
    NOT_PERMITTED: {"clone": 220, "socket": 198, "ptrace": 117, "kill": 129, "unshare": 97, "mount": 40, "bpf": 280},
    NO_SUCH_CALL: {"clone3": 435, "newer": 451},
}


@cache
def instructions(machine: str) -> list[tuple[int, ...]]:
    """Code, both jumps and constant of each."""
    return list(struct.iter_unpack("<HBBI", bpf_filter(machine)))


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> object:
    """What the kernel does with a call under the filter of a machine."""
    told = AUDIT[machine] if architecture is None else architecture
    data = struct.pack("<IIQ6Q", number, told, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    accumulator = place = 0
    while True:
        operation, if_true, if_false, constant = instructions(machine)[place]
        place += 1
        if operation == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x06:  # BPF_RET | BPF_K
            break
        else:
            holds = {0x15: accumulator == constant, 0x25: accumulator > constant, 0x45: accumulator & constant != 0}
            place += if_true if holds[operation] else if_false
    if constant & 0xFFFF0000 == 0x00050000:  # SECCOMP_RET_ERRNO
        return constant & 0xFFFF
    return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}[constant]


@pytest.mark.parametrize(("machine", "expected"), [("x86_64", ON_X86), ("aarch64", ON_ARM)])
def test_calls_are_allowed_or_not(machine: str, expected: dict[object, dict[str, int]]):
    for what, numbers in expected.items():
        assert {name: answer(machine, number) for name, number in numbers.items()} == dict.fromkeys(numbers, what)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_is_answered_as_the_table_says(machine: str):
    place = MACHINES.index(machine)
    with_zeros = {rule.numbers[place] for rule in BY_ARGUMENT.values() if rule.are_allowed and 0 not in rule.values}
    denied = {pair[place] for pair in DENIED.values()} | with_zeros | {CLONE[place]}
    for number in range(LAST + 1):
        expected = NOT_PERMITTED if number in denied else NO_SUCH_CALL if number == CLONE3[place] else ALLOWED
        assert answer(machine, number) == expected, number


@pytest.mark.parametrize("machine", MACHINES)
def test_a_thread_is_made_and_a_process_is_not(machine: str):
    clone = CLONE[MACHINES.index(machine)]
    thread = 0x3D0F00  # as the C library starts one: CLONE_VM | CLONE_FS | ... | CLONE_THREAD | ...
    assert answer(machine, clone, thread) == ALLOWED
    assert answer(machine, clone, 0x01200011) == NOT_PERMITTED  # fork, as the C library makes it
    assert answer(machine, clone, 0x10000000) == NOT_PERMITTED  # CLONE_NEWUSER


@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_is_typed_on_a_terminal(machine: str):
    ioctl = BY_ARGUMENT["ioctl"].numbers[MACHINES.index(machine)]
    assert [answer(machine, ioctl, 0, request) for request in (0x5412, 0x541C)] == [NOT_PERMITTED] * 2
    assert [answer(machine, ioctl, 0, request) for request in (0x5401, 0x5413, 0x5421)] == [ALLOWED] * 3
    assert answer(machine, ioctl, 0, 0xFFFFFFFF_00005412) == NOT_PERMITTED, "the kernel reads 32 bits of it"


@pytest.mark.parametrize("machine", MACHINES)
def test_no_file_is_locked_leased_or_watched(machine: str):
    number = BY_ARGUMENT["fcntl"].numbers[MACHINES.index(machine)]
    plain = (fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_DUPFD_CLOEXEC)
    assert [answer(machine, number, 3, command) for command in plain] == [ALLOWED] * len(plain)
    felt = (fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_OFD_SETLK, fcntl.F_SETLEASE, fcntl.F_NOTIFY, fcntl.F_SETOWN)
    assert [answer(machine, number, 3, command) for command in felt] == [NOT_PERMITTED] * len(felt)
    assert answer(machine, number, 3, 0xFFFFFFFF_00000000 + fcntl.F_SETLEASE) == NOT_PERMITTED


@pytest.mark.parametrize("machine", MACHINES)
def test_sockets_come_in_pairs_and_reach_nobody_else(machine: str):
    place = MACHINES.index(machine)
    pair, sendto = BY_ARGUMENT["socketpair"].numbers[place], SENDTO[place]
    assert answer(machine, pair, socket.AF_UNIX, 1) == ALLOWED
    assert {answer(machine, pair, family, 1) for family in (0, 2, 10, 16, 40)} == {NOT_PERMITTED}
    assert answer(machine, sendto, 3, 1, 1, 0, 0, 0) == ALLOWED
    assert {answer(machine, sendto, 3, 1, 1, 0, at, 16) for at in (1, 2**32, 2**47 - 16)} == {NOT_PERMITTED}


@pytest.mark.parametrize(("machine", "other"), [("x86_64", "i386"), ("x86_64", "aarch64"), ("aarch64", "arm")])
def test_a_call_of_another_machine_ends_the_process(machine: str, other: str):
    assert {answer(machine, number, architecture=AUDIT[other]) for number in range(500)} == {KILLED}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_headers(machine: str):
    header, prefix = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not here")
    known = dict(re.findall(rf"#define {prefix}_(\w+)\s+(\d+)", header.read_text()))
    place = MACHINES.index(machine)
    table = DENIED | {"clone": CLONE, "clone3": CLONE3, "sendto": SENDTO}
    table |= {name: rule.numbers for name, rule in BY_ARGUMENT.items()}
    for name, pair in table.items():
        found = known.get(name)
        assert (None if found is None else int(found)) == pair[place], name


@pytest.mark.parametrize("machine", MACHINES)
def test_the_kernel_would_take_it(machine: str):
    code = instructions(machine)
    assert len(code) <= 4096  # BPF_MAXINSNS
    assert code[-1][0] == 0x06
    for place, (operation, if_true, if_false, _) in enumerate(code[:-1]):
        assert operation in (0x06, 0x20, 0x15, 0x25, 0x45)
        assert place + 1 + max(if_true, if_false) < len(code)
