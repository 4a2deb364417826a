"""What every kind of file is read as: a header and rows of text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crosstask.errors import UserError


@dataclass(frozen=True)
class RawRows:
    """A header and rows of text, stripped."""

    path: Path
    header: tuple[str, ...]
    """Distinct names; at most one of them is empty."""
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Number of each row as an editor or Excel counts it, and a field for each name; empty where nothing stands."""
    unit: str = "line"
    """What the numbers count."""
    notes: tuple[str, ...] = ()
    """What the reader must know of how the file was read."""

    def where(self, number: int) -> str:
        """Return the place of a row, for messages."""
        return f"{self.path}, {self.unit} {number}"

    def column(self, name: str) -> list[str]:
        """Return the fields of a column."""
        place = self.header.index(name)
        return [fields[place] for _, fields in self.rows]


def raw_rows(path: Path, lines: Sequence[tuple[int, Sequence[str]]], unit: str, notes: Sequence[str] = ()) -> RawRows:
    """Return lines as a header with rows of its length.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    lines : sequence of (int, sequence of str)
        Number and fields of each line, the header first. Blank lines are left out, lines that end early are filled.
    unit : str
        What the numbers count: line or row.
    notes : sequence of str
        What the reader must know.

    Raises
    ------
    UserError
        If there is no header or no row below it, a name stands twice in the header, or a row has more fields.
    """
    stripped = [(number, [field.strip() for field in fields]) for number, fields in lines]
    filled = [(number, fields) for number, fields in stripped if any(fields)]
    if not filled:
        raise UserError(f"{path}: is empty; a table has the columns source,target,score, or a column for each target")
    (first, header), *rows = filled
    width = len(header)
    _refuse_title(path, unit, first, header, rows)
    for number, fields in rows:
        if any(fields[width:]):
            raise UserError(
                f"{path}, {unit} {number}: {len(fields)} fields under a header of {width}; a field with a comma in it,"
                " such as 0,5, must be quoted, or fields separated by semicolons or tabs"
            )
    rows = [(number, [*fields[:width], *[""] * (width - len(fields))]) for number, fields in rows]
    used = [place for place in range(width) if header[place] or any(fields[place] for _, fields in rows)]
    names = tuple(header[place] for place in used)
    _require_distinct(names, path)
    if not rows:
        raise UserError(f"{path}: no rows below the header")
    kept = tuple((number, tuple(fields[place] for place in used)) for number, fields in rows)
    return RawRows(path, names, kept, unit, tuple(notes))


def _refuse_title(
    path: Path, unit: str, first: int, header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> None:
    """Refuse a line above the header, which has one field where those below have three or more."""
    names = [name for name in header if name]
    full = next((number for number, fields in rows[:1] if sum(map(bool, fields)) > 2), None)
    if header[0] and len(names) == 1 and full is not None:
        raise below_a_title(f"{path}, {unit} {first}", names[0], f"{unit} {full}")


def below_a_title(where: str, title: str, header: str) -> UserError:
    """The error of a table whose header stands below a title."""
    return UserError(
        f"{where}: a header with the one name {title!r} over more fields; is {header} the header? leave out what stands"
        " above it"
    )


def _require_distinct(names: Sequence[str], path: Path) -> None:
    """Refuse a name that stands twice: which of the columns is meant nobody could tell."""
    for name, count in Counter(names).items():
        if count > 1:
            what = f"column {name!r} stands {count} times" if name else f"{count} columns have no name"
            raise UserError(f"{path}: {what} in the header; each needs a name of its own")
