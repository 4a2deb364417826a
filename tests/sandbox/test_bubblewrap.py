"""What a sandbox is asked for, and what is said where none can be made."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.sandbox import bubblewrap
from crosstask.sandbox.bubblewrap import check_sandbox, command, memory_file, sandbox_fault


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    sandbox_fault.cache_clear()
    yield
    sandbox_fault.cache_clear()


def program(folder: Path, code: str) -> None:
    """A program of bubblewrap's name."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


def refused() -> str:
    """What is said."""
    with pytest.raises(UserError) as caught:
        check_sandbox("target humaneval: metric pass_at_1")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_bubblewrap_it_is_said_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused() == (
        "target humaneval: metric pass_at_1: runs code that a model wrote, in a sandbox, and here is none: bubblewrap"
        " (the program bwrap) is not installed; apt-get install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap"
        " (Fedora, RHEL) does that"
    )


def test_where_user_namespaces_are_forbidden_it_is_said_what_bubblewrap_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program(tmp_path, "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    message = refused()
    assert "bwrap fails: bwrap: setting up uid map: Permission denied; it needs user namespaces" in message
    assert "kernel.apparmor_restrict_unprivileged_userns" in message


def test_a_bubblewrap_that_says_nothing_is_named_by_its_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path, "exit 7")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "bwrap fails: exit status 7" in refused()


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "riscv64")])
def test_other_machines_are_named(system: str, machine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bubblewrap.platform, "machine", lambda: machine)
    monkeypatch.setattr(bubblewrap.platform, "system", lambda: system)
    monkeypatch.setattr(bubblewrap.sys, "platform", system.lower())
    assert f"for Linux, and its filter for x86_64 and aarch64; this is {system} on {machine}" in refused()


def test_a_sandbox_sees_libraries_and_python_and_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = command(5, "candidate_process", [6])
    binds = {asked[at + 1] for at, word in enumerate(asked) if "bind" in word}
    python = {os.path.realpath(sys.executable), f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64"}
    libraries = {"/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/dev/null"}
    assert binds <= libraries | python | {str(bubblewrap.PROGRAMS)}
    assert {word for word in asked if "bind" in word} <= {"--ro-bind", "--ro-bind-try", "--dev-bind"}
    assert [asked[at + 1] for at, word in enumerate(asked) if word == "--dev-bind"] == ["/dev/null"]
    assert not {"--proc", "--dev", "--tmpfs", "--bind", "--share-net"} & set(asked)
    for walls in ("--unshare-all", "--unshare-user", "--clearenv", "--new-session", "--die-with-parent"):
        assert walls in asked
    assert asked[asked.index("--cap-drop") + 1] == "ALL"
    assert asked[asked.index("--remount-ro") + 1] == "/"
    assert asked[asked.index("--seccomp") + 1] == "5"


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
