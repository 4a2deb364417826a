"""What a sandbox is asked for, and what its processes are handed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.sandbox import bubblewrap, users
from crosstask.sandbox.bubblewrap import command
from crosstask.sandbox.open_files import memory_file


def program(folder: Path, code: str) -> None:
    """A program of bubblewrap's name."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


def test_a_sandbox_sees_libraries_and_python_and_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = command("candidate_process", [6, 7], filter_file=5, information=(8, 9), users=None)
    binds = {asked[at + 1] for at, word in enumerate(asked) if "bind" in word}
    python = {os.path.realpath(sys.executable), f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64"}
    libraries = {"/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/dev/null"}
    assert binds <= libraries | python | {str(bubblewrap.PROGRAMS)}
    assert {word for word in asked if "bind" in word} <= {"--ro-bind", "--ro-bind-try", "--dev-bind"}
    assert [asked[at + 1] for at, word in enumerate(asked) if word == "--dev-bind"] == ["/dev/null"]
    assert not {"--proc", "--dev", "--tmpfs", "--bind", "--share-net"} & set(asked)
    for walls in ("--unshare-all", "--unshare-user", "--clearenv", "--new-session"):
        assert walls in asked
    assert asked[asked.index("--cap-drop") + 1] == "ALL"
    assert asked[asked.index("--remount-ro") + 1] == "/"
    assert asked[asked.index("--seccomp") + 1] == "5"
    assert asked[asked.index("--info-fd") + 1] == "9"
    assert "--cap-add" not in asked
    assert asked[asked.index("--uid") + 1] == asked[asked.index("--gid") + 1] == "65534"
    assert asked[-1].endswith("main(6, 7)")


def test_a_sandbox_of_root_waits_for_its_users_and_may_become_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = command("candidate_process", [6, 7], filter_file=5, information=(8, 9), users=4)
    assert asked[asked.index("--userns-block-fd") + 1] == "4"
    assert "--uid" not in asked
    added = [place for place, word in enumerate(asked) if word == "--cap-add"]
    assert [asked[place + 1] for place in added] == ["CAP_SETUID", "CAP_SETGID"]
    assert asked.index("--cap-drop") < min(added)


@pytest.mark.parametrize(
    ("user", "ranges", "expected"),
    [
        (0, "0 0 4294967295", True),
        (0, "0 1000 1\n1 100000 65536", True),
        (0, "0 1000 1", False),
        (1000, "0 0 4294967295", False),
    ],
)
def test_root_gives_nobody_where_there_is_one(user: int, ranges: str, expected: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(users.os, "geteuid", lambda: user)
    monkeypatch.setattr(users.Path, "read_text", lambda _: f"{ranges}\n")
    assert users.has_two_users() is expected


@pytest.mark.parametrize("closed", [[0], [0, 1, 2]])
def test_no_file_has_the_number_of_a_standard_one(closed: list[int]):
    code = (
        f"import os\nfor number in {closed}:\n    os.close(number)\n"
        "from crosstask.sandbox.open_files import memory_file, pipe\n"
        "os._exit(min(memory_file(b'x'), *pipe(), 3) != 3 or os.get_inheritable(3))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_a_process_is_told_cannot_be_changed():
    file = memory_file(b"told")
    try:
        assert os.read(file, 10) == b"told"
        with pytest.raises(PermissionError):
            os.pwrite(file, b"x", 0)
        with pytest.raises(PermissionError):
            os.pwrite(file, b"x", 4)
    finally:
        os.close(file)
