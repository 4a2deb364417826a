"""Files of rows: read whatever a person's editor made of them, or refused in one line with the line that is wrong."""

import gzip
import json
from pathlib import Path

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.rows import load_rows
from crosstask.data.split import Rows
from crosstask.errors import UserError

ROWS = [{"text": "rain all day", "label": "wet"}, {"text": "not a cloud", "label": "dry"}]
LINES = [json.dumps(row).encode() for row in ROWS]


def read(folder: Path, content: bytes, name: str = "test.jsonl") -> Rows:
    """The test rows of a data set whose file holds these bytes."""
    (folder / "weather").mkdir(exist_ok=True)
    (folder / "weather" / name).write_bytes(content)
    return load_rows(DataSet(name="weather"), Data(name="local", kind=DataKind.local, root=str(folder)), "test")


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"\n".join(LINES), [1, 2]),
        (b"\n".join(LINES) + b"\n", [1, 2]),
        (b"\xef\xbb\xbf" + b"\n".join(LINES), [1, 2]),
        (b"\r\n".join(LINES) + b"\r\n", [1, 2]),
        (b"\r".join(LINES) + b"\r", [1, 2]),
        (b"\n\n" + b"\n  \n".join(LINES) + b"\n\n", [3, 5]),
    ],
)
def test_byte_order_marks_line_ends_and_blank_lines_do_not_matter(tmp_path: Path, content: bytes, lines: list[int]):
    rows = read(tmp_path, content)
    assert list(rows) == ROWS
    assert [rows.place(number) for number in range(2)] == [f"{tmp_path}/weather/test.jsonl:{line}" for line in lines]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{broken", "not JSON: Expecting property name enclosed in double quotes: column 2, at '{broken'"),
        (b'{"text": "rain", "lab', "not JSON: Unterminated string starting at: column 18, at "),
        (b'{"text": "caf\xe9"}', "not UTF-8: byte 14 of "),
        (b'["rain", "wet"]', "not a JSON object but list: ['rain', 'wet']"),
        (b'"rain"', "not a JSON object but str: 'rain'"),
        (b'{"text": "a", "label": "wet", "label": "dry"}', "the key 'label' comes twice in one object"),
        (b'{"text": {"a": 1, "a": 2}}', "the key 'a' comes twice in one object"),
        (b'{"text": "\\ud83d rain"}', r"'\ud83d' is half a surrogate pair and no character"),
        (b'{"n": ' + b"9" * 5000 + b"}", "Exceeds the limit (4300 digits)"),
        (b'{"text": "\x1b[31mred"}', "not JSON: Invalid control character at: column 11, at "),
    ],
)
def test_a_line_that_is_wrong_is_named_as_an_editor_counts_it(tmp_path: Path, line: bytes, problem: str):
    with pytest.raises(UserError) as caught:
        read(tmp_path, LINES[0] + b"\r\n\r\n" + line + b"\r\n")
    assert str(caught.value).startswith(f"{tmp_path}/weather/test.jsonl:3: ")
    assert problem in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_whole_surrogate_pair_is_a_character(tmp_path: Path):
    assert read(tmp_path, b'{"text": "\\ud83d\\ude00 and \\u0000"}')[0]["text"] == "\U0001f600 and \0"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(gzip.compress(LINES[0], mtime=0), "compressed by gzip, which is named .jsonl.gz", id="gzip"),
        (b"PAR1" + bytes(20), "a Parquet file, which is named .parquet"),
        (LINES[0].decode().encode("utf-16"), "in UTF-16"),
        (json.dumps(ROWS, indent=1).encode(), "a JSON array, which is named .json"),
        (b"text,label\nrain,wet\n", "not JSON: Expecting value: column 1, at 'text,label'"),
    ],
)
def test_another_format_under_this_name_is_named(tmp_path: Path, content: bytes, problem: str):
    with pytest.raises(UserError) as caught:
        read(tmp_path, content)
    where = f"{tmp_path}/weather/test.jsonl:1"
    assert str(caught.value) == f"{where}: {problem}; allowed are JSON Lines, one JSON object a line, in UTF-8"


def test_what_there_is_instead_of_a_file_or_folder_is_named(tmp_path: Path):
    with pytest.raises(
        UserError, match=r"weather: no file of the test split; .*/weather holds test\.xlsx, train\.jsonl; "
    ):
        (tmp_path / "weather").mkdir()
        (tmp_path / "weather" / "train.jsonl").write_bytes(LINES[0])
        read(tmp_path, b"text,label\n", "test.xlsx")
    with pytest.raises(UserError, match=r"snow: no such folder; .* holds weather; data=local reads"):
        load_rows(DataSet(name="snow"), Data(name="local", kind=DataKind.local, root=str(tmp_path)), "test")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(UserError, match=r"weather/test\.jsonl: cannot be read: Permission denied$"):
        read_only = tmp_path / "weather"
        read_only.mkdir()
        (read_only / "test.jsonl").touch()
        load_rows(DataSet(name="weather"), Data(name="local", kind=DataKind.local, root=str(tmp_path)), "test")
