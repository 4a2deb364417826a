"""Tables of scores for ``analyze.py runs=table``: files, headers, numbers, rows, choices."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.other_commands import TABLE
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("score tables")
Content = str | bytes | Callable[[Path], object]
FIRST = "base,rte,0.30"
"""The first row of the good table; its gain to ``a`` on copa is 0.13."""
WIDE = "model,rte,copa,wic\nbase,0.30,0.35,0.40\na,0.37,0.43,0.49\nb,0.44,0.51,0.55\nc,0.51,0.56,0.63\n"


def _setup(content: Content, file: str, more: tuple[str, ...]) -> Callable[[Workplace], Command]:
    """A table, and its analysis."""

    def setup(work: Workplace) -> Command:
        if callable(content):
            content(work.folder / file)
        else:
            work.write(file, content)
        return work.analyze("runs=table", f"runs.path={file}", *more)

    return setup


def bad(name: str, about: str, content: Content, *words: WORD, more: tuple[str, ...] = (), file: str = "t.csv") -> None:
    """A table that must be refused."""
    KIND.add(name, about, _setup(content, file, more), Refused(words))


def good(
    name: str,
    about: str,
    content: Content,
    *words: WORD,
    more: tuple[str, ...] = (),
    file: str = "t.csv",
    scores: str = "a,copa,",
    **expected: Any,
) -> None:
    """A table that must be taken."""
    KIND.add(
        name, about, _setup(content, file, more), Accepted(words, files={"results/scores.csv": scores}, **expected)
    )


def first(row: str) -> str:
    """The good table with another first row."""
    return TABLE.replace(FIRST, row)


def frame(**columns: Any) -> pd.DataFrame:
    """The good table with other columns."""
    return pd.read_csv(io.StringIO(TABLE)).assign(**columns)


def excel(*frames: pd.DataFrame) -> Callable[[Path], object]:
    """An Excel file with a sheet for each table."""

    def write(path: Path) -> None:
        with pd.ExcelWriter(path) as writer:
            for number, content in enumerate(frames, 1):
                content.to_excel(writer, sheet_name=f"part{number}", index=False)

    return write


def cut(write: Callable[[Path], object], share: float = 0.6) -> Callable[[Path], object]:
    """A file whose end is missing."""

    def damage(path: Path) -> None:
        write(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return damage


# Files.
bad("empty", "an empty file", "", "t.csv")
bad("blank", "a file of blank lines", "\n\n \n", "t.csv")
bad("header-only", "a header without rows", "source,target,score\n", "t.csv")
bad("zero-bytes", "NUL bytes", TABLE.replace("rte", "r\x00te"), "NUL", "t.csv")
bad("html", "a web page", "<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "t.csv", "HTML")
bad("json", "JSON", '[{"source": "base", "target": "rte", "score": 0.5}]', "t.csv", "JSON")
bad("gzip", "a gzip file", b"\x1f\x8b\x08\x00" + bytes(60), "t.csv", ("gzip", "compressed"))
bad(
    "xls",
    "an old Excel file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "t.xls",
    (".xls", "Excel"),
    file="t.xls",
)
bad("png", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "t.csv")
bad("pipe", "a pipe that nobody writes to", lambda path: os.mkfifo(path), "runs.path", "t.csv")
bad("xlsx-cut", "an Excel file whose end is missing", cut(excel(frame())), "t.xlsx", file="t.xlsx")
bad(
    "xlsx-sheets",
    "an Excel file with two filled sheets",
    excel(frame(), frame()),
    "runs.sheet",
    "part1",
    "part2",
    file="t.xlsx",
)
bad(
    "xlsx-sheet",
    "a sheet that is not there",
    excel(frame()),
    "runs.sheet",
    "nope",
    "part1",
    more=("runs.sheet=nope",),
    file="t.xlsx",
)
bad("csv-sheet", "a sheet of a text", TABLE, "runs.sheet", more=("runs.sheet=part1",))
bad(
    "parquet-cut",
    "a Parquet file whose end is missing",
    cut(lambda path: frame().to_parquet(path)),
    "t.parquet",
    file="t.parquet",
)
bad(
    "parquet-empty",
    "a Parquet file without rows",
    lambda path: frame().iloc[:0].to_parquet(path),
    "t.parquet",
    file="t.parquet",
)
bad(
    "parquet-lists",
    "a Parquet file with lists of scores",
    lambda path: frame(score=[[0.5]] * 12).to_parquet(path),
    "score",
    file="t.parquet",
)
good("parquet", "Parquet in a file named .csv", lambda path: frame().to_parquet(path))
good("xlsx", "an Excel file", excel(frame()), file="t.xlsx")
good("bom-crlf", "a byte-order mark and line ends of Windows", b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode())
good("utf-16", "UTF-16", TABLE.encode("utf-16"))
good("latin-1", "Latin-1", TABLE.replace("b,", "caf\xe9,").encode("latin-1"), "Latin-1", scores="café,rte")
bad("quote-open", "a quote that is not closed", first('"base,rte,0.30'), "t.csv")
bad("long-line", "a line of 5 MB", "source,target,score\nbase,rte," + "9" * 5_000_000 + "\n", "t.csv")

# Headers.
bad("header-twice", "a column that stands twice", TABLE.replace("score", "target", 1), "target", ("twice", "2 times"))
bad("header-other", "other headers", TABLE.replace("source,target,score", "model,task,acc"), "runs.columns", "model")
bad("header-none", "no header", TABLE.partition("\n")[2], ("header", "column", "line 3"))
bad("header-one", "one column", "score\n0.5\n0.6\n", "t.csv")
bad("column-absent", "a column that is not there", TABLE, "runs.columns.score", "acc", more=("runs.columns.score=acc",))
bad(
    "column-shared",
    "one column for two things",
    TABLE,
    "runs.columns",
    "score",
    more=("runs.columns={score: score, stderr: score}",),
)
bad(
    "rows-absent",
    "rows by a column that is not there",
    TABLE,
    "no column",
    "model",
    more=("analysis.rows=[source,model]",),
)
good("header-capital", "headers in capitals", TABLE.replace("source,target,score", "Source,TARGET, Score "))
good("tabs", "tabs", TABLE.replace(",", "\t"))
good("index", "the index that pandas writes", lambda path: frame().to_csv(path))
good("wide", "a wide table", WIDE)
bad("wide-twice", "a wide table with a row that stands twice", WIDE + "a,0.37,0.43,0.49\n", "a", "line 6", "line 3")
bad("wide-targets", "targets that a wide table lacks", WIDE, "no column", "nope", more=("runs.targets=[nope]",))
good("wide-total", "a wide table with an average", WIDE.replace("wic", "Average"), "Average", scores="a,Average,")
