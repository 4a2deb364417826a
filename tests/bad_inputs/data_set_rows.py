"""Rows of data sets: columns, labels, texts, rows that repeat or are among the test rows."""

from typing import Any

from tests.bad_inputs.case import Refused
from tests.bad_inputs.data_sets import GOOD, KIND, TEST, TRAIN, bad, good, rows_of, with_line
from tests.bad_inputs.workplace import GOAT, lines


def changed(rows: list[dict[str, Any]], place: int, **fields: Any) -> str:
    """Rows of which one is another."""
    return lines([{**row, **fields} if i == place else row for i, row in enumerate(rows)])


# Columns and values.
bad("no-column", "a row without label", with_line('{"text": "a"}'), "train.jsonl:3", "label")
bad("column-case", "a column Text instead of text", GOOD.replace('"text"', '"Text"'), "train.jsonl:", "text", "Text")
bad("column-space", "a column 'text ' with a space", GOOD.replace('"text"', '"text "'), "train.jsonl:", "'text '")
bad(
    "test-no-column",
    "test rows without label",
    GOOD,
    "test.jsonl:",
    "label",
    test=lines([{"text": row["text"]} for row in TEST]),
)
bad("label-null", "a label that is null", changed(TRAIN, 4, label=None), "train.jsonl:5", "label")
bad("label-nan", "a label that is NaN", changed(TRAIN, 4, label=float("nan")), "train.jsonl:5", "label")
bad("label-infinite", "a label that is Infinity", changed(TRAIN, 4, label=float("inf")), "train.jsonl:5", "inf")
bad(
    "label-float",
    "labels with decimals",
    lines([{**row, "label": float(row["label"])} for row in TRAIN]),
    "train.jsonl:",
    ".0",
)
bad(
    "label-truth",
    "labels that are true or false",
    lines([{**row, "label": bool(row["label"])} for row in TRAIN]),
    "train.jsonl:",
    ("true", "false"),
)
bad("label-list", "a label in a list", changed(TRAIN, 4, label=[1]), "train.jsonl:5", ("list", "[1]"))
bad("label-foreign", "a label that the task does not have", changed(TRAIN, 4, label=7), "train.jsonl:5", "7")
bad("label-space", "a label with a blank", changed(TRAIN, 4, label="1 "), "train.jsonl:5", "'1 '")
bad("label-wide", "a label in wide digits", changed(TRAIN, 4, label="１"), "train.jsonl:5", "１")
bad("label-escape", "a label with an escape sequence", changed(TRAIN, 4, label="\x1b[31m1"), "train.jsonl:5", "\\x1b")
KIND.add(
    "labels-withheld",
    "test labels that are all -1",
    rows_of("imdb", GOOD, lines([{**row, "label": -1} for row in TEST]), ()),
    Refused(("test.jsonl", "-1"), lines=2),
)
good("label-text", "labels as text", lines([{**row, "label": str(row["label"])} for row in TRAIN]))
bad("text-null", "a text that is null", changed(TRAIN, 4, text=None), "train.jsonl:5", "text")
bad("text-empty", "an empty text", changed(TRAIN, 4, text=""), "train.jsonl:5", ("text", "empty"))
bad("text-blank", "a text of blanks", changed(TRAIN, 4, text=" \u00a0\n"), "train.jsonl:5", ("text", "empty"))
bad("text-list", "a text in a list", changed(TRAIN, 4, text=["a"]), "train.jsonl:5", "text")
good("text-number", "a text that is a number", changed(TRAIN, 4, text=5))
good("text-separators", "line separators inside a text", with_line('{"text": "a\u2028b\u0085c\u2029d", "label": 1}'))
good(
    "text-long",
    "a text of 300,000 characters",
    changed(TRAIN, 4, text="word " * 60_000),
    files={"runs/adapters/*/adapter.json": "rows_cut"},
)
good(
    "text-control-token",
    "a text with the model's end token",
    changed(TRAIN, 4, text="a <eos> b"),
    files={"runs/adapters/*/adapter.json": '"rows_with_control_tokens": 1'},
)
good("columns-more", "columns that nothing uses", lines([{**row, "": 1, "id": {"a": [None]}} for row in TRAIN]))
good(
    "drop",
    "rows without label, and incomplete_rows=drop",
    with_line('{"text": "a"}'),
    "1",
    ("left out", "incomplete"),
    more=("++source.imdb.incomplete_rows=drop",),
)
bad(
    "drop-all",
    "only rows without label, and incomplete_rows=drop",
    lines([{"text": row["text"]} for row in TRAIN]),
    "imdb",
    "none",
    more=("++source.imdb.incomplete_rows=drop",),
)
bad(
    "answer-empty",
    "an open task's empty answer",
    changed(GOAT[:24], 4, answer=""),
    "train.jsonl:5",
    ("answer", "empty"),
    test=lines(GOAT[24:]),
    task="goat",
)
bad(
    "answer-null",
    "an open task's null answer",
    changed(GOAT[:24], 4, answer=None),
    "train.jsonl:5",
    "answer",
    test=lines(GOAT[24:]),
    task="goat",
)
good(
    "answer-number",
    "answers that are numbers",
    lines([{**row, "answer": int(row["answer"])} for row in GOAT[:24]]),
    test=lines(GOAT[24:]),
    task="goat",
)
bad(
    "answer-unreadable",
    "a test answer in which the pattern finds none",
    lines(GOAT[:24]),
    "abc",
    test=changed(GOAT[24:], 3, answer="abc"),
    task="goat",
)

# Rows that repeat.
KIND.add(
    "leaked-all",
    "training rows that are all test rows",
    rows_of("imdb", lines(TEST), lines(TEST), ()),
    Refused(("imdb", "no training row is left", "test rows"), lines=2),
)
good("leaked-some", "some training rows that are test rows", lines(TEST[:6] + TRAIN), ("test row", "passed over"))
good("repeated", "test rows that repeat", GOOD, ("repeat", "same"), test=lines(TEST * 2))
good(
    "contradict",
    "test rows with one text and two labels",
    GOOD,
    ("contradict", "other label"),
    test=lines([*TEST, {**TEST[0], "label": 1 - TEST[0]["label"]}]),
)
good(
    "one-class",
    "training rows of one class",
    lines([{**row, "label": 1} for row in TRAIN]),
    ("one label", "have the label"),
)
good("one-row", "one training row and one test row", lines(TRAIN[:1]), test=lines(TEST[:1]))
