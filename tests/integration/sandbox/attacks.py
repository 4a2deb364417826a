"""Programs that try to pass without being right, or to do harm: each returns the right sums only if it succeeds.

The task is ``total``: the sum of a list of numbers. ``{place}`` is the folder that `test_attacks` looks for files in,
``{port}`` a port that it listens on, ``{pid}`` a process of its own.
"""

from dataclasses import dataclass

GIVEN = 'def total(numbers):\n    """Add up a list of numbers."""\n'
TESTS = "assert total([1, 2, 3]) == 6\nassert total([]) == 0\nassert total([41, 1]) == 42\n"
MARK = "crosstask-attack"
"""Begins the name of every file that an attack tries to leave."""
RIGHT = "\ndef total(numbers):\n    attack()\n    return sum(numbers)\n"
WRONG = "\ndef total(numbers):\n    attack()\n    return None\n"


@dataclass(frozen=True)
class Attack:
    """A program, and how it has to end."""

    code: str
    outcomes: tuple[str, ...]
    """Any of these."""
    harmless: bool = False
    """It may be run without a sandbox, where it succeeds: what keeps it from that is the sandbox alone."""


def tries(code: str, *outcomes: str, harmless: bool = False) -> Attack:
    """A program that does something first, and adds up if that was possible."""
    body = "".join(f"    {line}\n" if line else "\n" for line in code.strip().splitlines())
    return Attack(f"def attack():\n{body}{RIGHT}", outcomes, harmless)


def cheats(code: str, *outcomes: str) -> Attack:
    """A program that does something first, and then does not add up."""
    body = "".join(f"    {line}\n" if line else "\n" for line in code.strip().splitlines())
    return Attack(f"def attack():\n{body}{WRONG}", outcomes)


SYSCALLS = """
import ctypes, os, errno
libc = ctypes.CDLL(None, use_errno=True)
"""
WRITE_EVERYWHERE = """
import os
frames = [b'started\\n["l",["passed",""]]\\n', b'passed', b'["l",["passed",""]]\\n']
for text in (b'["d",[["outcome","passed"]]]', b'["d",[["failed","passed"]]]', b'["d",[["value",true]]]', b'"passed"',
             b'["d",[["raised","Nothing"],["outcome","passed"]]]'):
    frames.append(len(text).to_bytes(4, "big") + text)
for message in {order}:
    for number in range(256):
        try:
            os.write(number, message)
        except OSError:
            pass
"""

ATTACKS: dict[str, Attack] = {
    # What a machine has.
    "connects": tries(
        'import socket\nsocket.create_connection(("127.0.0.1", {port}), timeout=2).send(b"x")',
        "forbidden",
        harmless=True,
    ),
    "listens": tries('import socket\nsocket.socket(socket.AF_UNIX).bind("\\0{mark}")', "forbidden", harmless=True),
    "sends datagrams": tries(
        'import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", {port}))',
        "forbidden",
        harmless=True,
    ),
    "reads accounts": tries('open("/etc/passwd").read()', "error", harmless=True),
    "lists homes": tries(
        'import os\nif not os.listdir(os.path.dirname("{place}")):\n    raise OSError', "error", harmless=True
    ),
    "reads the environment": tries('import os\nos.environ["CROSSTASK_SECRET"]', "error", harmless=True),
    "reads an environment in /proc": tries('open("/proc/{pid}/environ", "rb").read()', "error", harmless=True),
    "reads memory in /proc": tries('open("/proc/{pid}/mem", "r+b")', "error"),
    "reads files of others in /proc": tries('import os\nos.listdir("/proc/{pid}/fd")', "error", harmless=True),
    "writes a file": tries('open("{place}/{mark}", "w").write("x")', "error", "forbidden", harmless=True),
    "fills the disk": tries(
        """
import os
written = 0
for root in ("/", "/tmp", "/dev", "/dev/shm", "/usr", "/programs", "/proc", "/var/tmp", "{place}", "."):
    try:
        with open(os.path.join(root, "{mark}"), "wb") as file:
            while True:
                written += file.write(bytes(2 ** 20))
    except OSError:
        pass
if not written:
    raise OSError("nowhere")
""",
        "error",
    ),
    "makes a link": tries(
        'import os\nos.symlink("/etc/passwd", "{place}/{mark}-link")\nopen("{place}/{mark}-link").read()',
        "error",
        "forbidden",
        harmless=True,
    ),
    "makes a link where it stands": tries('import os\nos.symlink("/etc/passwd", "{mark}-link")', "forbidden"),
    "changes a library": tries(
        'import os\nos.chmod(os.__file__, 0o666)\nopen(os.__file__, "a").write("")', "forbidden", "error"
    ),
    # What others feel who use the same files; each is harmless where it succeeds.
    "changes the time of a device": tries('import os\nos.utime("/dev/null")', "forbidden", harmless=True),
    "changes the mode of a device": tries('import os\nos.chmod("/dev/null", 0o666)', "forbidden"),
    "changes the owner of a device": tries('import os\nos.chown("/dev/null", -1, -1)', "forbidden"),
    "leases a library": tries(
        "import fcntl, os\nfcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)", "forbidden"
    ),
    "locks a library": tries(
        "import fcntl, os\nfcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)", "forbidden", harmless=True
    ),
    "locks a part of a library": tries(
        "import fcntl, os\nfcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)", "forbidden", harmless=True
    ),
    "watches a folder": tries(
        "import fcntl, os, signal\nsignal.signal(signal.SIGIO, signal.SIG_IGN)\n"
        'fcntl.fcntl(os.open("/usr", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)',
        "forbidden",
        harmless=True,
    ),
    "writes all files to disk": tries(  # the C library's function says nothing of what came of it
        SYSCALLS + "number = dict(x86_64=162, aarch64=81)[os.uname().machine]\n"
        "if libc.syscall(number) < 0:\n    raise OSError(ctypes.get_errno(), 'sync')",
        "forbidden",
    ),
    "takes large pipes": tries(
        "import fcntl, os\nfcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 2 ** 17)", "forbidden", harmless=True
    ),
    "sends to an address from a pair": tries(
        'import socket\nsocket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"x", "\\0{mark}")', "forbidden"
    ),
    "makes a pair of another kind": tries("import socket\nsocket.socketpair(socket.AF_TIPC)", "forbidden"),
    "becomes root": tries("import os\nos.setuid(0)", "forbidden", "error"),
    "is a user that owns files": tries(
        "import os\nif os.stat(os.__file__).st_uid != os.getuid():\n    raise PermissionError(1, 'not mine')",
        "forbidden",
    ),
    "types on a terminal": tries('import fcntl\nfcntl.ioctl(2, 0x5412, b"x")', "forbidden"),
    # Processes.
    "forks": tries("import os\nif not os.fork():\n    os._exit(0)\nos.wait()", "forbidden", harmless=True),
    "is a fork bomb": tries(
        """
import os
made = 0
for _ in range(10000):
    try:
        made += os.fork() > 0
    except OSError:
        pass
if not made:
    raise PermissionError(1, "none")
""",
        "forbidden",
    ),
    "runs a program": tries('import subprocess\nsubprocess.run(["true"], check=True)', "forbidden", harmless=True),
    "leaves a daemon": tries(
        """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        while True:
            time.sleep(1)
""",
        "forbidden",
    ),
    "is a thread bomb": tries(
        "import threading, time\nfor _ in range(100000):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "error",
        "memory",
        "timeout",
    ),
    "is a thread bomb of small stacks": tries(
        """
import _thread, ctypes
ctypes.CDLL(None).mallopt(-8, 1)  # one arena of memory for all threads
_thread.stack_size(2 ** 15)
lock = _thread.allocate_lock()
lock.acquire()
for _ in range(1000):
    _thread.start_new_thread(lock.acquire, ())
""",
        "error",
        harmless=True,
    ),
    "leaves a thread": cheats(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()", "wrong"
    ),
    "signals its parent": tries("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "forbidden"),
    "signals everybody": tries("import os, signal\nos.kill(-1, signal.SIGKILL)", "forbidden"),
    "signals another process": tries("import os, signal\nos.kill({pid}, signal.SIGKILL)", "forbidden", "error"),
    # The kernel.
    "traces": tries(
        SYSCALLS + "if libc.ptrace(16, {pid}, 0, 0) < 0:\n    raise OSError(ctypes.get_errno(), 'ptrace')", "forbidden"
    ),
    "reads another's memory": tries(
        SYSCALLS
        + "if libc.process_vm_readv({pid}, None, 0, None, 0, 0) < 0:\n    raise OSError(ctypes.get_errno(), 'vm')",
        "forbidden",
    ),
    "makes namespaces": tries(
        SYSCALLS + "if libc.unshare(0x10000000) < 0:\n    raise OSError(ctypes.get_errno(), 'unshare')", "forbidden"
    ),
    "mounts": tries(
        SYSCALLS + "if libc.mount(b'x', b'/', b'tmpfs', 0, None) < 0:\n    raise OSError(ctypes.get_errno(), 'mount')",
        "forbidden",
    ),
    "takes memory that no limit counts": tries(
        "import os\nos.write(os.memfd_create('x'), bytes(2 ** 20))", "forbidden", harmless=True
    ),
    "takes its priority back": tries(
        "import os\nos.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))", "forbidden", "error"
    ),
    "lifts its limits": tries(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n", "error", harmless=False
    ),
    "calls as a machine of 32 bits": tries(
        """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b802000000cd80c3"))  # fork by the numbers of i386: mov eax, 2; int 0x80; ret
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
""",
        "forbidden",
    ),
    # Time, memory, output.
    "never ends": tries("while True:\n    pass", "timeout"),
    "never ends and ignores the limit": tries(
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass", "timeout", "memory"
    ),
    "sleeps": tries("import time\ntime.sleep(1000)", "timeout"),
    "takes all memory": tries("bytearray(2 ** 36)", "memory"),
    "takes memory by and by": tries("kept = []\nwhile True:\n    kept.append(bytearray(2 ** 20))", "memory"),
    "prints without end": tries('while True:\n    print("x" * 1000)', "output"),
    "returns too much": Attack("def total(numbers):\n    return 'x' * 10 ** 8\n", ("output", "memory")),
    "returns what unfolds": Attack(
        "def total(numbers):\n    found = []\n    for _ in range(60):\n        found = [found] * 2\n    return found\n",
        ("memory", "timeout"),
    ),
    "recurses": tries("attack()", "error"),
    "recurses until the stack is full": tries(
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef deeper():\n    return [deeper()] + list(map(attack, [0]))\n"
        "deeper()",
        "error",
        "memory",
        "timeout",
    ),
    # Being taken for right.
    "leaves with success": cheats("import sys\nsys.exit(0)", "error"),
    "leaves at once with success": cheats("import os\nos._exit(0)", "error"),
    "leaves when it is imported": Attack("import os\nos._exit(0)\n", ("error",)),
    "leaves politely when it is imported": Attack("raise SystemExit(0)\n", ("error",)),
    "prints that it passed": cheats('print("passed")\nprint("OK")', "wrong"),
    "writes a verdict everywhere": cheats(
        WRITE_EVERYWHERE.replace("{order}", "frames"), "error", "wrong", "not_literal", "output"
    ),
    "writes an answer everywhere": cheats(
        WRITE_EVERYWHERE.replace("{order}", "reversed(frames)"), "error", "wrong", "not_literal", "output"
    ),
    "closes everything and stays": cheats("import os, time\nos.closerange(0, 64)\ntime.sleep(1000)", "error"),
    "tells of a number that has no text": cheats(
        """
import os
text = b'["d",[["failed","error"],["detail",["i","' + b"f" * 20000 + b'"]]]]'
for number in range(3, 64):
    try:
        os.write(number, len(text).to_bytes(4, "big") + text)
    except OSError:
        pass
""",
        "error",
    ),
    "writes when it is imported": Attack(
        WRITE_EVERYWHERE.replace("{order}", "frames[-1:] * 9")
        + "import time\ntime.sleep(0.2)\ndef total(numbers):\n    return None\n",
        ("error", "wrong"),
    ),
    "claims a message of any length": cheats(
        'import os\nfor number in range(3, 64):\n    try:\n        os.write(number, b"\\xff" * 8)\n'
        "    except OSError:\n        pass",
        "output",
    ),
    "answers with a bomb": cheats(
        'import os\ntext = b"[" * 10 ** 6\nfor number in range(3, 64):\n    try:\n'
        '        os.write(number, len(text).to_bytes(4, "big") + text)\n    except OSError:\n        pass',
        "not_literal",
    ),
    "replaces assertions": Attack(
        "import builtins\nbuiltins.AssertionError = type('Never', (BaseException,), {})\n"
        "builtins.sum = lambda _: 6\nbuiltins.__dict__['__debug__x'] = 0\ndef total(numbers):\n    return None\n",
        ("wrong",),
    ),
    "replaces the answers of the process": Attack(
        "import sys\nfor module in list(sys.modules.values()):\n"
        "    for name in ('dumps', 'loads', '_encoded', '_outcome', '_answer'):\n"
        "        if hasattr(module, name) and 'crosstask' in module.__name__:\n"
        '            setattr(module, name, lambda *_: b\'["d",[["failed","passed"]]]\')\n'
        "def total(numbers):\n    return None\n",
        ("error", "wrong", "not_literal"),
    ),
    "equals everything": Attack(
        "class Any:\n    __eq__ = lambda *_: True\n    __hash__ = None\ndef total(numbers):\n    return Any()\n",
        ("not_literal",),
    ),
    "is a number that equals everything": Attack(
        "class Any(int):\n    __eq__ = lambda *_: True\n    __hash__ = None\ndef total(numbers):\n    return Any(7)\n",
        ("wrong",),
    ),
    "pretends to be another type": Attack(
        "class Any:\n    __class__ = int\n    __eq__ = lambda *_: True\ndef total(numbers):\n    return Any()\n",
        ("not_literal", "error"),
    ),
    "returns what runs when it is unpacked": Attack(
        "import os\nclass Bomb:\n    def __reduce__(self):\n        return os.abort, ()\n"
        "def total(numbers):\n    return Bomb()\n",
        ("not_literal",),
    ),
    "ends the loop of the tests": Attack("def total(numbers):\n    raise StopIteration\n", ("error",)),
    "raises what tests may catch": Attack("def total(numbers):\n    raise KeyboardInterrupt\n", ("error",)),
    "looks for the right results": Attack(
        """
import gc, inspect, sys
def found():
    everything = list(gc.get_objects())
    frame = sys._getframe()
    while frame:
        everything += [frame.f_locals, frame.f_globals]
        frame = frame.f_back
    for thing in everything:
        try:
            text = thing if isinstance(thing, str) else repr(thing) if isinstance(thing, (dict, list, tuple)) else ""
        except Exception:
            continue
        place = text.find("rt total(")
        if place > 4 and text[place - 4 : place] == "asse":  # its own constants have no such text in one piece
            return True
    return False
def total(numbers):
    if not found():
        raise LookupError
    return sum(numbers)
""",
        ("error",),
    ),
    "looks for the tests in its files": Attack(
        """
import os
def found():
    for number in range(256):
        try:
            os.lseek(number, 0, os.SEEK_SET)
            if b"assert " + b"total(" in os.read(number, 10 ** 6):
                return True
        except OSError:
            pass
    for root, _, names in os.walk("/programs"):
        for name in names:
            if b"assert " + b"total(" in open(os.path.join(root, name), "rb").read():
                return True
    return False
def total(numbers):
    if not found():
        raise LookupError
    return sum(numbers)
""",
        ("error",),
    ),
}
