"""Which columns of a table are what: those of a long table by their headers, those of a wide one by what they hold."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from crosstask.config.analysis import Runs, TableColumns
from crosstask.errors import UserError, hint
from crosstask.runs.score_tables import column_notes
from crosstask.runs.score_tables.contents import culprit, describes, is_of_numbers, is_of_whole_numbers
from crosstask.runs.score_tables.headers import COMMON, FIELDS, OF_ERRORS, Columns
from crosstask.runs.score_tables.raw_rows import RawRows

_OF_COUNTS = ("_n", " n", "_samples", " samples", "_trials", " trials")
"""Ends of headers over the numbers of rows scored."""
_PLAIN = re.compile(r"[\w./%-]+(?: [\w./%-]+)*", re.ASCII)
"""Headers that Hydra reads without quotes."""


def columns(raw: RawRows, options: Runs, keys: Sequence[str], is_setting: Callable[[str], bool]) -> Columns:
    """Return which columns are what.

    Parameters
    ----------
    raw : RawRows
        The table.
    options : Runs
        ``columns`` names headers; ``targets`` those of a wide table, ``metric`` one of several of scores.
    keys : sequence of str
        Further columns that the analysis asks for.
    is_setting : callable
        Tells whether runs are told apart by a column of some name.

    Raises
    ------
    UserError
        If a column that is named or needed is not there, or there is a choice and none is made.
    """
    named = _named(raw, options.columns)
    _require_columns(raw, keys)
    if "score" not in named and "metric" not in named and options.metric in raw.header:
        named["score"] = str(options.metric)
    if "score" in named or "target" in named:
        _require_long(raw, named)
        found = Columns(named, counts={} if "n" in named else _counts(raw, [named["score"]]))
        unused = column_notes.unused(raw, [name for name in raw.header if not is_setting(name)], found, keys)
        return replace(found, notes=(*column_notes.counted(found), *unused))
    return _wide(raw, options, named, keys)


def _named(raw: RawRows, given: TableColumns) -> dict[str, str]:
    """Field -> header: as given, of the same name, or of that name in other letters."""
    found = {}
    for field in FIELDS:
        wanted = getattr(given, field)
        alike = [name for name in raw.header if name.casefold() == field]
        if wanted is not None:
            if wanted not in raw.header:
                there = _listed(raw.header)
                raise UserError(
                    f"runs.columns.{field}={wanted}: {raw.path} has no such column{hint(wanted, raw.header)}; the"
                    f" columns are {there}"
                )
            found[field] = wanted
        elif field in raw.header:
            found[field] = field
        elif len(alike) == 1:
            found[field] = alike[0]
    _refuse_shared({field: name for field, name in found.items() if getattr(given, field) is not None})
    taken = [name for field, name in found.items() if getattr(given, field) is not None]
    return {
        field: name
        for field, name in found.items()
        if getattr(given, field) is not None or name not in taken  # a column is one thing
    }


def _refuse_shared(given: Mapping[str, str]) -> None:
    """Raise if one column is named for two things."""
    for field, name in given.items():
        other = next((known for known, named in given.items() if named == name and known != field), None)
        if other is not None:
            raise UserError(f"runs.columns: {name!r} is named for {field} and for {other}; a column is one thing")


def _require_columns(raw: RawRows, names: Iterable[str]) -> None:
    """Raise if the table lacks one of the columns."""
    for name in names:
        if name not in raw.header:
            raise UserError(
                f"{raw.path}: no column {name!r}{hint(name, raw.header)}; the columns are {_listed(raw.header)}"
            )


def _require_long(raw: RawRows, named: Mapping[str, str], culprit: str = "") -> None:
    """Raise if a long table lacks source, target or score, and say how what there is can be named, or why it is no wide
    one.
    """
    absent = [field for field in ("source", "target", "score") if field not in named]
    if not absent:
        return
    word = "column" if len(absent) == 1 else "columns"
    line = f"{raw.path}: no {word} {_listed(absent)}; the columns are {_listed(raw.header)}"
    scores = [name for name in raw.header if name not in named.values() and is_of_numbers(raw, name)]
    if absent == ["score"] and scores and "metric" in named:  # there runs.metric chooses rows
        columns = [name if _PLAIN.fullmatch(name) else repr(name) for name in scores]
        raise UserError(f"{line}; runs.columns={{score: NAME}} takes one of {', '.join(columns)}")
    if absent == ["score"] and scores:
        raise UserError(f"{line}; runs.metric=NAME takes one of {', '.join(scores)} for the score")
    raise UserError(line + (culprit or _proposal(raw, named)))


def _proposal(raw: RawRows, named: Mapping[str, str]) -> str:
    """An option that names columns by what people call them, for the end of an error."""
    folded = {name.casefold(): name for name in raw.header if name not in named.values()}
    known = {field: next((folded[word] for word in words if word in folded), "...") for field, words in COMMON.items()}
    chosen = {**known, **named}
    texts = {field: chosen[field] for field in COMMON if chosen[field] != field}
    pairs = [
        f"{field}: {name if _PLAIN.fullmatch(name) or name == '...' else repr(name)}" for field, name in texts.items()
    ]
    line = f"; runs.columns={{{', '.join(pairs)}}} names them"
    if named or known["target"] == "..." or {known["source"], known["score"]} != {"..."}:
        return line
    return f"{line}; a table with a row per target is to be transposed, and of one with a row per source" + (
        f" {pairs[1].replace('target', 'runs.columns={source', 1)}}} says so"
    )


def _wide(raw: RawRows, options: Runs, named: dict[str, str], keys: Sequence[str]) -> Columns:
    """The columns of a table with a row per source and a column per target."""
    folded = {name.casefold() for name in raw.header if name not in named.values()}
    if not options.targets and any(word in folded for word in COMMON["target"]):
        _require_long(raw, named)
    if "source" not in named:
        named["source"] = _names(raw, named, keys)
    others = [name for name in raw.header if name not in (*named.values(), *keys)]
    if options.targets:
        _require_columns(raw, options.targets)
        counts = _counts(raw, options.targets)
        counts = {name: count for name, count in counts.items() if count not in options.targets}
        found = Columns(named, tuple(options.targets), counts)
        return replace(found, notes=column_notes.counted(found))
    numbers = [name for name in others if is_of_numbers(raw, name)]
    errors = [name for name in numbers if any(name == other + end for other in numbers for end in OF_ERRORS)]
    counts = _counts(raw, [name for name in numbers if name not in errors])
    described = [name for name in numbers if name not in errors and describes(name)]
    targets = tuple(name for name in numbers if name not in (*errors, *described, *counts.values()))
    if not targets:
        _require_long(raw, named, culprit(raw, others))
    found = Columns(named, targets, {name: count for name, count in counts.items() if name in targets})
    left = [name for name in others if name not in (*targets, *errors, *found.counts.values())]
    return replace(
        found, notes=(*column_notes.taken(found), *column_notes.counted(found), *column_notes.left(raw, left))
    )


def _counts(raw: RawRows, scores: Sequence[str]) -> dict[str, str]:
    """Column of scores -> that of whole numbers which has its name and the end of a count."""
    found: dict[str, str] = {}
    for name in scores:
        ends = (name + end for end in _OF_COUNTS if name + end in raw.header)
        count = next((end for end in ends if is_of_whole_numbers(raw, end)), None)
        if count is not None:
            found[name] = count
    return found


def _names(raw: RawRows, named: Mapping[str, str], keys: Sequence[str]) -> str:
    """The first column that holds text."""
    for name in raw.header:
        if name not in (*named.values(), *keys) and not is_of_numbers(raw, name) and any(raw.column(name)):
            return name
    raise UserError(f"{raw.path}: no column of names; runs.columns={{source: NAME}} says what a row is")


def _listed(names: Iterable[str]) -> str:
    """Names in quotes; none where there are none."""
    return ", ".join(map(repr, names)) or "none"
