import json
import os
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.store import LEFTOVER_AGE, Store, read_json


def test_a_folder_appears_whole(store: Store):
    final = store.adapter("abc")
    with store.new_folder(final) as folder:
        (folder / "weights").write_text("x")
        assert not final.exists()
    assert (final / "weights").read_text() == "x"


def test_an_error_leaves_nothing(store: Store):
    with pytest.raises(ZeroDivisionError), store.new_folder(store.adapter("abc")) as folder:
        (folder / "weights").write_text("x")
        raise ZeroDivisionError
    assert not store.adapter("abc").exists()
    assert list((store.root / "unfinished").iterdir()) == []


def test_the_first_of_two_writers_of_the_same_content_wins(store: Store):
    final = store.adapter("abc")
    with store.new_folder(final) as second:
        (second / "weights").write_text("second")
        with store.new_folder(final) as first:
            (first / "weights").write_text("first")
    assert (final / "weights").read_text() == "first"


def test_a_record_keeps_the_cells_it_has(store: Store):
    store.record("r", {"seed": 0, "cells": {"imdb": ["a", "b"], "goat": ["c", "d"]}})
    store.record("r", {"seed": 1, "cells": {"goat": ["e", "f"]}})
    assert store.records() == [{"run": "r", "seed": 1, "cells": {"imdb": ["a", "b"], "goat": ["e", "f"]}}]


def test_only_old_leftovers_are_removed(store: Store):
    old, new = store.root / "unfinished" / "old", store.root / "unfinished" / "new"
    old.mkdir(parents=True)
    new.mkdir()
    past = old.stat().st_mtime - LEFTOVER_AGE - 60
    os.utime(old, (past, past))
    store.clean()
    assert not old.exists()
    assert new.exists()


def test_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "score.json"
    path.write_text(json.dumps({"a": 1})[:-1])
    with pytest.raises(UserError, match=r"score\.json: cannot be read: .*; delete it"):
        read_json(path)
