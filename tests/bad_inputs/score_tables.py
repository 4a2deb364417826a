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

# Numbers.
bad("score-text", "a score that is a word", first("base,rte,good"), "t.csv", "2", "good")
bad("score-infinite", "a score that is infinite", first("base,rte,inf"), "2", "inf")
bad("score-1e400", "a score of 1e400", first("base,rte,1e400"), "2", "1e400")
bad("score-two-points", "a score with two points", first("base,rte,0.5.1"), "2", "0.5.1")
bad("score-brackets", "a score with something in brackets", first("base,rte,0.30 (0.01)"), "2", "0.30 (0.01)")
bad("score-date", "a score that Excel took for a date", first("base,rte,2024-03-05"), "2", "2024-03-05")
bad("score-formula", "a formula", first("base,rte,=A1+1"), "2", "=A1+1")
bad("score-error", "an Excel error", first("base,rte,#DIV/0!"), "2", "#DIV/0!")
bad("score-escape", "an escape sequence in a score", first("base,rte,0.3\x1b[2J"), "2", "\\x1b")
bad("comma-decimal", "an unquoted decimal comma", TABLE.replace("0.", "0,"), "2", ("comma", "fields"))
bad(
    "comma-open",
    "commas that could be either",
    TABLE.replace("0.", "1,2").replace(",", ";").replace("1;2", "1,2"),
    "runs.decimal",
)
bad("scores-none", "no score at all", "source,target,score\nbase,rte,NA\na,rte,-\n", "score")
bad(
    "stderr-negative",
    "a negative standard error",
    TABLE.replace("score\n", "score,stderr\n").replace("0.30\n", "0.30,-0.1\n"),
    "stderr",
    "-0.1",
)
bad(
    "stderr-text",
    "a standard error that is a word",
    TABLE.replace("score\n", "score,stderr\n").replace("0.30\n", "0.30,small\n"),
    "stderr",
    "small",
)
bad("n-zero", "n = 0", TABLE.replace("score\n", "score,n\n").replace("0.30\n", "0.30,0\n"), "n", "0", "2")
bad("n-fraction", "n = 12.5", TABLE.replace("score\n", "score,n\n").replace("0.30\n", "0.30,12.5\n"), "12.5", "2")
good("minus", "a minus of typography", first("base,rte,\u22120.30"), scores="-0.3")
good(
    "percent",
    "percent signs",
    "".join(f"{line} %\n" if "0." in line else line + "\n" for line in TABLE.replace("0.", "").splitlines()).replace(
        "score %", "score"
    ),
)
good("missing", "a score that is N/A", first("base,rte,N/A"))
good("semicolons", "semicolons and decimal commas", TABLE.replace(",", ";").replace("0.", "0,"))
good("blanks-around", "blanks around fields", TABLE.replace(",", " , "))
good("digits", "more digits than a number has", first("base,rte,0.3000000000000000000000000000001"))

# Rows.
bad("row-twice", "a row that stands twice with other scores", TABLE + "a,rte,0.99\n", "a", "rte", ("twice", "14"))
bad("row-long", "a row with a field too many", first("base,rte,0.30,1"), "2", "field")
good("row-short", "a row with a field too few", first("base,rte"), "1 score of 12 missing", "base -> rte")
bad("source-blank", "a row without a source", first(",rte,0.30"), "2", "source")
bad("target-blank", "a row without a target", first("base,,0.30"), "2", "target")
good("only-base", "only the base model", "\n".join(TABLE.splitlines()[:4]) + "\n", "0 sources", scores="base,copa,")
good(
    "one-cell",
    "one source and one target",
    "source,target,score\nbase,rte,0.5\na,rte,0.6\n",
    "1 gain of 1 source",
    scores="a,rte,",
)
bad(
    "seed-part",
    "seeds in some rows of a source",
    TABLE.replace("score\n", "seed,score\n")
    .replace("rte,", "rte,0,")
    .replace("copa,", "copa,,")
    .replace("wic,", "wic,,"),
    "seed",
)
good("no-base", "no base model", TABLE.replace("base,", "d,"), "base")
good(
    "names-odd",
    "names with paths, line breaks and escape sequences",
    TABLE.replace("b,", '"../b\x1b[2J",').replace("wic", "w/i\u202ec"),
    scores="a,copa,",
)
good("names-case", "sources that differ by case", TABLE.replace("b,", "A,"), scores="A,copa,")
good("name-na", "a source that is called NA", TABLE.replace("b,", "NA,"), scores="NA,copa,")
good("name-long", "a source with a name of 3,000 letters", TABLE.replace("b,", "b" * 3000 + ","), scores="bbb,copa")
good(
    "name-number",
    "sources and targets that are numbers",
    "source,target,score\n" + "".join(f"{s},{t},0.{s + 1}{t}\n" for s in (1, 2, 3) for t in (4, 5, 6)),
    scores="2,4,",
    more=("runs.base=1",),
)

# Choices.
bad("base-unknown", "a base model that is not there", TABLE, "runs.base", "nope", more=("runs.base=nope",))
bad("targets-unknown", "a target that is not there", TABLE, "runs.targets", "nope", more=("runs.targets=[rte,nope]",))
bad(
    "lower-unknown",
    "less is better of a target that is not there",
    TABLE,
    "runs.lower",
    "nope",
    more=("runs.lower=[nope]",),
)
bad(
    "metrics-two",
    "two metrics",
    "source,target,metric,score\n"
    + "".join(
        f"{s},{t},{m},0.{i}{j}\n"
        for i, s in enumerate(("base", "a", "b"))
        for t in ("rte", "wic")
        for j, m in ((1, "acc"), (2, "f1"))
    ),
    "runs.metric",
    "acc",
    "f1",
)
good(
    "metric-some",
    "a metric in some rows of a target",
    TABLE.replace("score\n", "score,metric\n").replace("0.30\n", "0.30,acc\n"),
    "3 scores of target 'rte' taken for acc",
    "line 5",
)
good(
    "metric-some-chosen",
    "a chosen metric that some rows lack",
    TABLE.replace("\n", ",acc\n").replace("score,acc", "score,metric") + "d,rte,0.4,\n",
    "1 score of no metric left out",
    "line 14",
    more=("runs.metric=acc",),
)
bad("metric-unknown", "a metric that is not there", TABLE, "runs.metric", "nope", more=("runs.metric=nope",))
bad("home-unknown", "a home that is not there", TABLE, "analysis.homes", "nope", more=("analysis.homes={a: nope}",))
bad(
    "ability-unknown",
    "an ability of a target that is not there",
    TABLE,
    "analysis.abilities",
    "nope",
    more=("analysis.abilities={nope: nlu}",),
)
good(
    "ceiling-low",
    "a ceiling below the scores",
    TABLE,
    "analysis.traits.ceiling",
    "0.1",
    more=("analysis=paper", "analysis.traits.scale=headroom", "analysis.traits.ceiling=0.1"),
)
good(
    "factors-many",
    "more factors than targets",
    TABLE,
    "no factors",
    "9",
    more=("analysis=paper", "analysis.traits.method=factors", "analysis.traits.count=9"),
)
