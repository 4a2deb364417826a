"""The rows of a split of a data set."""

from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]


class Rows(Sequence[Row]):
    """The rows of a split, and where a person finds each of them.

    Parameters
    ----------
    rows
        All of them, or those of several splits; decoded when they are indexed.
    place
        From the number of one of ``rows`` to what errors call it, such as a file and a line.
    numbers
        Which of ``rows`` belong to the split; all by default.
    """

    def __init__(self, rows: Sequence[Row], place: Callable[[int], str], numbers: Sequence[int] | None = None) -> None:
        self._rows = rows
        self._place = place
        self._numbers = range(len(rows)) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, number: Any) -> Any:
        return self._rows[self._numbers[number]]

    def place(self, number: int) -> str:
        """Return where a row stands."""
        return self._place(self._numbers[number])

    def some(self, numbers: Sequence[int]) -> "Rows":
        """Return those of the rows that have these numbers."""
        return Rows(self._rows, self._place, [self._numbers[number] for number in numbers])
