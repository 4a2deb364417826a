"""What is said where no sandbox can be made, and what does not count as one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.sandbox import probe
from crosstask.sandbox.probe import check_sandbox, sandbox_fault


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
    assert refused().endswith("bwrap fails: bwrap: exit status 7")


def test_a_bubblewrap_that_makes_nothing_and_ends_well_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert refused().endswith("bwrap fails: bwrap: exit status 0")


def test_only_what_is_about_namespaces_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path, "echo 'bwrap: execvp /home/me/python: Permission denied' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert refused().endswith("bwrap fails: bwrap: execvp /home/me/python: Permission denied")


def test_bubblewrap_is_found_by_a_path_that_begins_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path, 'echo "it is $0"; exit 1')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert refused().endswith(f"bwrap fails: it is {tmp_path}/bwrap")


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "riscv64")])
def test_other_machines_are_named(system: str, machine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe.platform, "machine", lambda: machine)
    monkeypatch.setattr(probe.platform, "system", lambda: system)
    monkeypatch.setattr(probe.sys, "platform", system.lower())
    assert f"for Linux, and its filter for x86_64 and aarch64; this is {system} on {machine}" in refused()
