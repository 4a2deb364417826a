"""Files of every kind and encoding give the same rows, or one line that says why not."""

import gzip
import re

import openpyxl
import pandas as pd
import pytest

from crosstask.errors import UserError
from crosstask.runs.score_tables.files import read_file

LINES = ["source,target,score", "Müller,goat,0.25", "base,goat,0.5"]
HEADER, ROWS = ("source", "target", "score"), [("Müller", "goat", "0.25"), ("base", "goat", "0.5")]


def written(tmp_path, data: bytes):
    """A file with that content."""
    path = tmp_path / "table"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_every_encoding_and_line_end_gives_the_same_rows(tmp_path, encoding, end):
    raw = read_file(written(tmp_path, end.join([*LINES, ""]).encode(encoding)))
    assert raw.header == HEADER
    assert [fields for _, fields in raw.rows] == ROWS
    guessed = [note for note in raw.notes if "Latin-1" in note]
    assert bool(guessed) is (encoding in ("latin-1", "cp1252"))
    assert all("ü" in note for note in guessed)


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_the_separator_is_the_one_that_splits_the_header(tmp_path, separator, name):
    text = "\n".join(line.replace(",", separator) for line in LINES)
    raw = read_file(written(tmp_path, text.encode()))
    assert [fields for _, fields in raw.rows] == ROWS
    assert raw.notes == (f"fields are separated by {name}",)


def test_blank_lines_are_counted_and_blank_columns_left_out(tmp_path):
    raw = read_file(written(tmp_path, b"source,target,score,\n\na,b,1,\n,,,\nc,b\n"))
    assert raw.header == HEADER
    assert raw.rows == ((3, ("a", "b", "1")), (5, ("c", "b", "")))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"source,target,score\n", "no rows below the header"),
        (b"source,target,score\na,b,\x000.5\n", "line 2: a NUL byte, which no text has"),
        ("source,target,score\na,b,\x001\n".encode("utf-16"), "line 2: a NUL character"),
        (b"\xff\xfes\x00o\x00u", "not the utf-16 that its first bytes say"),
        (b"source,target,score\na,\x81\xff,1\n", "line 2: neither UTF-8 nor Latin-1"),
        (b"a;b,c\n1;2,3\n", "the header has as many fields by commas or semicolons"),
        (b'{"source": "a"}', "JSON is not read"),
        (b"<table>", "HTML or XML is not read"),
        (b"\\begin{tabular}", "LaTeX is not read"),
        (gzip.compress(b"source", mtime=0), "is compressed (gzip); unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel file of before 2007; save it as .xlsx"),
        (b"PAR1 but no more", "not a readable Parquet file"),
        (b"PK\x03\x04 but no more", "not a readable Excel file"),
        (b"a,b\n1,2,3\n", "line 2: 3 fields under a header of 2"),
        (b"a,a\n1,2\n", "column 'a' stands 2 times in the header"),
        (b",,c\n1,2,3\n", "2 columns have no name in the header"),
        (b"Table 1\n\nm,x,y\n1,2,3\n", "line 1: a header with the one name 'Table 1' over more fields; is line 3 the"),
        (b"Table 1: a\n|m|x|\n|--|--|\n|b|1|\n", "header with the one name 'Table 1: a' over more fields; is line 2"),
        (b"Table 1,,\nm,x,y\n1,2,3\n", "line 1: a header with the one name 'Table 1' over more fields; is line 2 the"),
        (b"m   x  y\nbase 1 2\n", "'m   x  y' is one field; fields are to be separated by commas, semicolons, tabs"),
        (b"\n \n", "is empty; a table has the columns"),
        (b"m & x \\\\\nbase & 1 \\\\\n", "is one field; fields are to be separated by commas, semicolons, tabs or"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, data, message):
    path = written(tmp_path, data)
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        read_file(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_parquet_gives_numbers_back_and_a_named_index(tmp_path):
    frame = pd.DataFrame({"goat": [0.1, None], "n": pd.array([5, None], "Int64")}, index=["base", "imdb"])
    frame.rename_axis("source").astype({"goat": "float32"}).to_parquet(tmp_path / "a.parquet")
    raw = read_file(tmp_path / "a.parquet")
    assert (raw.header, raw.unit) == (("source", "goat", "n"), "row")
    assert raw.rows == ((1, ("base", "0.1", "5")), (2, ("imdb", "", "")))


@pytest.fixture
def book(tmp_path):
    """An Excel file with a sheet of scores, the second shown as a percentage, and an empty one."""
    found = openpyxl.Workbook()
    sheet = found.active
    for row in (["source", "goat", "imdb"], ["base", 0.25, 0.253], [None, None, None], ["pile", 3, 0.07]):
        sheet.append(row)
    for row in (2, 4):
        sheet.cell(row, 3).number_format = "0.0%"
    found.create_sheet("empty")
    return found, tmp_path / "a.xlsx"


def test_excel_is_read_as_it_is_shown(book):
    found, path = book
    found.save(path)
    raw = read_file(path)
    assert raw.rows == ((2, ("base", "0.25", "25.3%")), (4, ("pile", "3", "7.0%")))
    assert raw.where(4) == f"{path}, row 4"


def test_of_several_sheets_one_is_chosen(book):
    found, path = book
    found["empty"].append(["source", "goat"])
    found["empty"].append(["base", 1])
    found.save(path)
    with pytest.raises(UserError, match=r"has several sheets, of which runs\.sheet=NAME chooses one: Sheet, empty"):
        read_file(path)
    with pytest.raises(UserError, match=r"runs\.sheet=emty: no such sheet \(did you mean 'empty'\?\)"):
        read_file(path, "emty")
    assert read_file(path, "empty").rows == ((2, ("base", "1")),)


def test_only_excel_files_have_sheets(tmp_path):
    with pytest.raises(UserError, match="is no Excel file, and has no sheets"):
        read_file(written(tmp_path, b"a,b\n1,2\n"), "Sheet1")
