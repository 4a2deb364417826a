"""Replies in the store: added and read whole, whatever happened to a line."""

import json
import multiprocessing
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.storage.replies import Reply, add_reply, read_replies

ONE = Reply("Right.\nVERDICT: CORRECT", "stop", "judge-2026", "fp", 10, 2)
TWO = Reply("\u2028 Ünklar", "length", "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "judge" / "question.jsonl"


def test_replies_come_back_as_they_were(path: Path):
    assert read_replies(path) == {}
    add_reply(path, "a", ONE)
    add_reply(path, "b", TWO)
    assert read_replies(path) == {"a": ONE, "b": TWO}
    assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_half_written_last_line_is_no_reply_and_gives_way_to_the_next(
    path: Path, kept: int, caplog: pytest.LogCaptureFixture
):
    add_reply(path, "a", ONE)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept])
    assert read_replies(path) == {"a": ONE}
    add_reply(path, "b", TWO)
    assert read_replies(path) == {"a": ONE, "b": TWO}
    assert not caplog.text


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(b"CORRECT", b"WRONGLY"),
        lambda line: b"[]",
        lambda line: b"\x00" * len(line),
        lambda line: json.dumps({**json.loads(line), "reply": None}).encode(),
        lambda line: json.dumps({**json.loads(line), "question": "c"}).encode(),
    ],
)
def test_a_damaged_line_is_named_and_passed_over(path: Path, change, caplog: pytest.LogCaptureFixture):
    add_reply(path, "a", ONE)
    add_reply(path, "b", TWO)
    first, second = path.read_bytes().split(b"\n")[:2]
    path.write_bytes(change(first) + b"\n" + second + b"\n")
    assert read_replies(path) == {"b": TWO}
    assert f"{path}: line 1 is damaged" in caplog.text
    caplog.clear()
    add_reply(path, "a", ONE)
    assert read_replies(path) == {"b": TWO, "a": ONE}
    assert not caplog.text


def test_a_newer_version_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as newer:
        newer.setattr(Reply, "SCHEMA", Reply.SCHEMA + 1)
        add_reply(path, "a", ONE)
    with pytest.raises(UserError, match=r"line 1: schema 2 of a newer version of crosstask.*; use that version"):
        read_replies(path)


def add_many(path: Path, name: str) -> None:
    for number in range(50):
        add_reply(path, f"{name}{number}", ONE)


def test_processes_that_add_at_once_lose_nothing(path: Path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=add_many, args=(path, name)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert read_replies(path) == {f"{name}{number}": ONE for name in "ab" for number in range(50)}


def test_a_file_that_may_not_be_written_is_named(path: Path):
    path.mkdir(parents=True)
    with pytest.raises(UserError, match=f"{path}: cannot be locked"):
        add_reply(path, "a", ONE)
