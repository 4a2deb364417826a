"""A file is old or new, never half, whoever else writes it."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from crosstask.atomic import write_atomic

WRITES = 2000
LENGTH = 9_000
"""More than a buffer of the standard library holds: a file that is written in place would be seen in parts."""


def content(letter: bytes) -> Callable[[IO[bytes]], object]:
    """What writes so many times one letter."""
    return lambda file: file.write(letter * LENGTH)


def is_whole(found: bytes) -> bool:
    return len(found) == LENGTH and len(set(found)) == 1


def test_threads_that_write_one_file_do_not_disturb_each_other(tmp_path: Path):
    path = tmp_path / "new" / "run.json"
    write_atomic(path, content(b"x"))
    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(write_atomic, path, content(bytes([65 + i % 4]))) for i in range(WRITES)]
        while not all(future.done() for future in written):
            assert is_whole(path.read_bytes())
    assert [future.result() for future in written] == [path] * WRITES
    assert list(path.parent.iterdir()) == [path]


WRITER = f"""
import sys
from pathlib import Path
from crosstask.atomic import write_atomic
path, letter = Path(sys.argv[1]), sys.argv[2].encode()
for _ in range({WRITES}):
    write_atomic(path, lambda file: file.write(letter * {LENGTH}))
"""


def test_processes_that_write_one_file_do_not_disturb_each_other(tmp_path: Path):
    path = tmp_path / "run.json"
    write_atomic(path, content(b"x"))
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter]) for letter in "abc"]
    while any(writer.poll() is None for writer in writers):
        assert is_whole(path.read_bytes())
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("durable", [False, True])
def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path, durable: bool):
    path = write_atomic(tmp_path / "a.csv", content(b"x"), durable)

    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_atomic(path, fail, durable)
    assert is_whole(path.read_bytes())
    assert list(tmp_path.iterdir()) == [path]


def test_a_rename_that_fails_leaves_nothing(tmp_path: Path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(tmp_path / "a.csv", content(b"x"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_durable_write_is_on_the_disk_before_its_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args, name=name, real=real: done.append(name) or real(*args))
    write_atomic(tmp_path / "fast", content(b"x"))
    write_atomic(tmp_path / "safe", content(b"x"), durable=True)
    assert done == ["replace", "fsync", "replace"]
