"""Rows of ``data=local``: encodings, JSON, columns, labels, texts, repeated and leaked rows."""

import gzip
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.workplace import IMDB, Workplace, lines
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("data sets")
TRAIN, TEST = IMDB[:24], IMDB[24:]
GOOD, TESTED = lines(TRAIN), lines(TEST)
Content = str | bytes | Callable[[Path], object] | None


def rows_of(task: str, train: Content, test: Content, more: tuple[str, ...]) -> Callable[[Workplace], Command]:
    """Rows of a task, and a job that trains and scores on it."""

    def setup(work: Workplace) -> Command:
        (work.folder / "data" / task).mkdir(parents=True)
        for split, content in (("train", train), ("test", test)):
            path = work.folder / "data" / task / f"{split}.jsonl"
            if callable(content):
                content(path)
            elif content is not None:
                work.write(str(path.relative_to(work.folder)), content)
        return work.train(
            f"source={task}", f"target=[{task}]", "data.root=data", "data.train_rows=0", "data.test_rows=0", *more
        )

    return setup


def bad(
    name: str,
    about: str,
    train: Content,
    *words: WORD,
    test: Content = TESTED,
    task: str = "imdb",
    more: tuple[str, ...] = (),
) -> None:
    """Rows that must be refused."""
    KIND.add(name, about, rows_of(task, train, test, more), Refused(words))


def good(
    name: str,
    about: str,
    train: Content,
    *words: WORD,
    test: Content = TESTED,
    task: str = "imdb",
    more: tuple[str, ...] = (),
    **expected: Any,
) -> None:
    """Rows that must be taken."""
    KIND.add(name, about, rows_of(task, train, test, more), Accepted(("done", *words), **expected))


def with_line(text: str, place: int = 2) -> str:
    """The training rows with a line in between."""
    found = GOOD.splitlines(keepends=True)
    return "".join([*found[:place], text + "\n", *found[place:]])


def files(contents: Mapping[str, str | bytes]) -> Content:
    """Other files than train.jsonl, by name."""

    def make(path: Path) -> None:
        for name, content in contents.items():
            path.with_name(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


def named(name: str, content: str | bytes) -> Content:
    """Another file than train.jsonl."""
    return files({name: content})


# Other kinds of files.
CSV = "text,label\n" + "".join(f'"a film, number {number}",{number % 2}\n' for number in range(24))
good("csv-file", "train.csv", named("train.csv", CSV))
good("tsv-gz-file", "train.tsv.gz", named("train.tsv.gz", gzip.compress(CSV.replace(",", "\t").encode())))
good("array-file", "an array in train.json", named("train.json", json.dumps(TRAIN)))
bad("csv-ragged", "a row of train.csv with a comma without quotes", named("train.csv", f"{CSV}a,b,1\n"), "train.csv:26")
bad("csv-quote", "a quote in train.csv that does not end", named("train.csv", f'{CSV}"a,1\n'), "train.csv:26")
bad("csv-semicolons", "semicolons in train.csv", named("train.csv", CSV.replace(",", ";")), "train.csv:1", "semicolons")
bad("csv-header-twice", "a header that stands twice", named("train.csv", f"text,text\n{CSV}"), "train.csv:1", "text")
bad("csv-latin-1", "Latin-1 in train.csv", named("train.csv", f"{CSV}caf\xe9,1\n".encode("latin-1")), "train.csv:26")
bad("csv-column", "train.csv without the column", named("train.csv", CSV.replace("text,", "review,")), "text", "review")
bad("gz-cut", "a train.csv.gz that is cut", named("train.csv.gz", gzip.compress(CSV.encode())[:-20]), "train.csv.gz")
bad("gz-none", "a train.csv.gz that is no gzip file", named("train.csv.gz", CSV), "train.csv.gz")
bad("parquet-none", "a train.parquet that is none", named("train.parquet", b"PAR1" + bytes(90)), "train.parquet")
bad("part-lacking", "one of two parts", named("train-00001-of-00002.csv", CSV), "train-00001-of-00002.csv", "lacking")
bad("two-kinds", "train.csv and train.tsv", files({"train.csv": CSV, "train.tsv": CSV}), "train.csv, train.tsv")

# What is no text in UTF-8.
good("bom", "a byte-order mark", b"\xef\xbb\xbf" + GOOD.encode())
good("crlf", "line ends of Windows", GOOD.replace("\n", "\r\n"))
good("cr", "line ends of the old Macintosh", GOOD.replace("\n", "\r"))
bad("latin-1", "Latin-1", with_line('{"text": "caf\xe9", "label": 1}').encode("latin-1"), "train.jsonl:3", "UTF-8")
bad("utf-16", "UTF-16", GOOD.encode("utf-16"), "train.jsonl", "UTF-8")
bad(
    "surrogate",
    "half a surrogate pair in a text",
    with_line('{"text": "a \\ud800", "label": 1}'),
    "train.jsonl:3",
    "d800",
)
bad("nul", "a raw NUL byte in a text", with_line('{"text": "a\x00b", "label": 1}'), "train.jsonl:3")
good("nul-escaped", "an escaped NUL in a text", with_line('{"text": "a\\u0000b", "label": 1}'))
bad("gzip", "a gzip file named train.jsonl", gzip.compress(GOOD.encode()), "train.jsonl")
bad("binary", "random bytes", bytes(range(256)) * 40, "train.jsonl")

# What is no JSON Lines.
good("blank", "blank lines", "\n\n" + GOOD + "\n  \n")
bad("blank-then-bad", "a bad line after blank lines", "\n\n\n{broken\n" + GOOD, "train.jsonl:4", "broken")
bad("cut", "a last line that is cut", GOOD[:-12], "train.jsonl:24")
bad("comma", "a comma at the end of a line", with_line('{"text": "a", "label": 1},'), "train.jsonl:3")
bad("quotes", "single quotes", with_line("{'text': 'a', 'label': 1}"), "train.jsonl:3")
bad("array", "one JSON array of rows", json.dumps(TRAIN, indent=1), "train.jsonl:1")
bad("list-row", "a line with a list", with_line('["a", 1]'), "train.jsonl:3")
bad("number-row", "a line with a number", with_line("5"), "train.jsonl:3", "5")
bad("null-row", "a line with null", with_line("null"), "train.jsonl:3", ("null", "None"))
bad("csv", "CSV in a file named train.jsonl", "text,label\na,1\n", "train.jsonl:1")
bad("twice", "a key that stands twice", with_line('{"text": "a", "label": 1, "label": 0}'), "train.jsonl:3", "label")
bad("escape-json", "broken JSON with an escape sequence", with_line('{"text": "\x1b[2J'), "train.jsonl:3")
bad("nested", "JSON nested 200,000 deep", with_line('{"text": ' + "[" * 200_000), "train.jsonl:3")
bad(
    "long-number",
    "an integer of 5,000 digits",
    with_line('{"text": "a", "label": ' + "1" * 5000 + "}"),
    "train.jsonl:3",
)
bad("line-of-megabytes", "a broken line of 3 MB", with_line('{"text": "' + "x" * 3_000_000), "train.jsonl:3")

# Files.
bad("no-folder", "no folder for the data set", None, "imdb", more=("data.root=data/imdb",))
bad("no-train", "no train.jsonl", None, "train split")
bad("no-test", "no test.jsonl", GOOD, "test split", test=None)
bad("empty-train", "an empty train.jsonl", "", "train.jsonl")
bad("empty-test", "an empty test.jsonl", GOOD, "test.jsonl", test="")
bad("blank-test", "a test.jsonl of blank lines", GOOD, "test.jsonl", test="\n \n")
bad("folder", "a folder named train.jsonl", lambda path: path.mkdir(), "train.jsonl")
bad("loop", "a link to itself", lambda path: path.symlink_to(path.name), "train.jsonl")
bad("pipe", "a pipe that nobody writes to", lambda path: os.mkfifo(path), "train.jsonl")
bad(
    "excel-beside",
    "train.xlsx only",
    lambda path: path.with_suffix(".xlsx").write_bytes(b"PK\x03\x04"),
    "train split",
    "train.xlsx",
)
