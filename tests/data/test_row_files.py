"""Rows of local files of all kinds."""

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.rows import load_rows
from crosstask.data.same_rows import has_same_rows
from crosstask.data.split import Rows
from crosstask.errors import UserError

ROWS = [{"text": 'rain, "wet"\nand cold', "label": 0}, {"text": "sun", "label": 12}, {"text": "", "label": -3}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = 'text,label\n"rain, ""wet""\nand cold",0\n\nsun,12\n"",-3\n'
TSV = 'text\tlabel\r\n"rain, ""wet""\nand cold"\t0\r\nsun\t12\r\n""\t-3\r\n'
FILES = {
    "test.jsonl": LINES,
    "test.json": json.dumps(ROWS, indent=2),
    "test.csv": "\ufeff" + CSV,
    "test.tsv": TSV,
}


def data(root: Path) -> Data:
    return Data(name="local", kind=DataKind.local, root=str(root))


def read(root: Path, *files: tuple[str, str | bytes]) -> Rows:
    folder = root / "weather"
    folder.mkdir(exist_ok=True)
    for name, content in files:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load_rows(DataSet(name="weather"), data(root), "test")


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_files_of_text_hold_the_same_rows(tmp_path: Path, name: str, compressed: bool):
    content = FILES[name].encode()
    rows = read(tmp_path, (f"{name}.gz", gzip.compress(content)) if compressed else (name, content))
    assert list(rows) == ROWS


def test_a_parquet_file_holds_the_same_rows_and_nested_ones(tmp_path: Path):
    nested: list[dict[str, Any]] = [row | {"choices": {"text": ["a", "b"]}, "none": None} for row in ROWS]
    (tmp_path / "weather").mkdir()
    pd.DataFrame(nested).to_parquet(tmp_path / "weather" / "test.parquet")
    rows = read(tmp_path)
    assert list(rows) == nested
    assert rows.place(2) == f"{tmp_path}/weather/test.parquet, row 2"


def test_lines_are_those_of_an_editor(tmp_path: Path):
    rows = read(tmp_path, ("test.csv", CSV))
    assert [rows.place(number) for number in range(3)] == [f"{tmp_path}/weather/test.csv:{line}" for line in (2, 5, 6)]
    (tmp_path / "weather" / "test.csv").unlink()
    assert read(tmp_path, ("test.json", FILES["test.json"])).place(1) == f"{tmp_path}/weather/test.json, element 1"


def test_parts_follow_each_other(tmp_path: Path):
    parts = [(f"test-{number:05}-of-00003.csv", f"a\n{2 * number}\n{2 * number + 1}\n") for number in (2, 0, 1)]
    rows = read(tmp_path, *parts)
    assert [row["a"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert rows.place(3) == f"{tmp_path}/weather/test-00001-of-00003.csv:3"
    (tmp_path / "weather" / "test-00001-of-00003.csv").unlink()
    with pytest.raises(UserError, match="the test split has parts that are lacking or of another count: test-00000-of"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        (["1", "-2", "0"], [1, -2, 0]),
        (["1", "", "3"], [1, None, 3]),
        (["007", "1", "2"], ["007", "1", "2"]),
        (["1", "2", "x"], ["1", "2", "x"]),
        (["4.50", "1", "-0"], ["4.50", "1", "-0"]),
        (["NA", "null", ""], ["NA", "null", ""]),
        (["", "", ""], ["", "", ""]),
        (["true", "False", "+1"], ["true", "False", "+1"]),
        (["123456789012345678901", "1", "1"], ["123456789012345678901", "1", "1"]),
    ],
)
def test_columns_are_whole_numbers_only_where_they_print_the_same(tmp_path: Path, fields: list[str], values: list[Any]):
    rows = read(tmp_path, ("test.csv", "a,b\n" + "".join(f"{field},x\n" for field in fields)))
    assert [row["a"] for row in rows] == values


def test_a_column_without_a_name_is_left_out(tmp_path: Path):
    assert list(read(tmp_path, ("test.csv", pd.DataFrame({"a": ["x", "y"]}).to_csv()))) == [{"a": "x"}, {"a": "y"}]


def test_long_fields_are_read(tmp_path: Path):
    text = "word " * 100_000
    assert read(tmp_path, ("test.csv", f"text,label\n{text},1\n"))[0]["text"] == text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("test.csv", "a,b\n1,2\n3,4,5\n", ":3: 3 fields, and the header has 2; a field that holds commas"),
        ("test.csv", "a,b\n1\n", ":2: 1 fields, and the header has 2"),
        ("test.csv", 'a,b\n1,2\n"x" y,3\n', ":3: .*a field that begins with a double quote ends with one"),
        ("test.csv", 'a,b\n1,"x\n2,3\n', ":2: unexpected end of data; a field that begins with a double quote"),
        ("test.csv", "a,a\n1,2\n", ":1: the column 'a' comes twice"),
        ("test.csv", ",\n1,2\n", ":1: a header without names; the first line names"),
        ("test.csv", "a;b\n1;2\n", ":1: fields are separated not by commas but by semicolons; write commas"),
        ("test.csv", "a\tb\n1\t2\n", ":1: fields are separated not by commas but by tabs; name the file .tsv"),
        ("test.tsv", "a,b\n1,2\n", ":1: fields are separated not by tabs but by commas; name the file .csv"),
        ("test.csv", b"a\nx\n\xe9t\xe9\n", ":3: not UTF-8: .*; write UTF-8"),
        ("test.csv", "a,b\n", ": no row, the test split is empty"),
        ("test.csv", "", ": nothing is in it; the first line names the columns"),
        ("test.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-9], ": no whole gzip file: "),
        ("test.csv.gz", CSV, ": no whole gzip file: "),
        ("test.parquet", CSV, ": no Parquet file that can be read: "),
        ("test.json", '[{"a": 1}, 2]', ", element 1: not a JSON object but int: 2; allowed are an array"),
        ("test.json", '[{"a": 1},\n{"a": ]', ": not JSON: Expecting value: line 2, column 7, at .*; allowed are an"),
        ("test.json", '[{"a": 1, "a": 2}]', ": the key 'a' comes twice in one object"),
        ("test.json", '[{"a": "\\ud83d"}]', ": '.*ud83d' is half a surrogate pair"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, content: str | bytes, message: str):
    with pytest.raises(UserError, match=f"^{tmp_path}/weather/{name}{message}") as caught:
        read(tmp_path, (name, content))
    assert str(caught.value).isprintable()


def test_of_several_files_json_lines_are_read_and_others_refused(tmp_path: Path):
    assert list(read(tmp_path, ("test.csv", "a\n1\n"), ("test.jsonl", LINES))) == ROWS
    (tmp_path / "weather" / "test.jsonl").unlink()
    with pytest.raises(UserError, match="several files of the test split: test.csv, test.csv.gz; leave one"):
        read(tmp_path, ("test.csv.gz", gzip.compress(b"a\n1\n")))


def test_data_sets_with_the_same_file_of_any_kind_are_one(tmp_path: Path):
    read(tmp_path, ("test.csv", CSV))
    (tmp_path / "weather").rename(tmp_path / "climate")
    read(tmp_path, ("test.csv", CSV))
    names = DataSet(name="weather"), DataSet(name="climate")
    assert has_same_rows(*names, data(tmp_path))
    read(tmp_path, ("test.csv", CSV.replace("sun", "fog")))
    assert not has_same_rows(*names, data(tmp_path))
