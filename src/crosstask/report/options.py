"""Where a report goes, and in which formats."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosstask.errors import UserError

FORMATS = ("png", "svg", "pdf")
"""File formats a figure can have."""

DEFAULT_FORMATS = ("png", "svg")
"""Those that it has unless others are asked for."""


@dataclass(frozen=True)
class PageOptions:
    """What report.html shows."""

    texts: bool = True
    """Whether prompts and answers are part of it."""
    compare: Path | None = None
    """The results folder of another analysis that it is held against."""


@dataclass(frozen=True)
class ReportOptions:
    """Where a report goes, and in which formats."""

    output: Path
    """Folder of the tables and figures; made if need be."""
    formats: tuple[str, ...] = DEFAULT_FORMATS
    """File formats of the figures; none of them for tables alone."""
    page: PageOptions | None = None
    """What report.html shows; None where there is to be none."""

    def __post_init__(self) -> None:
        """Refuse unknown formats before anything is written."""
        require_formats(self.formats)


def require_formats(formats: Iterable[str]) -> None:
    """Raise unless every figure format is known."""
    for name in formats:
        if name not in FORMATS:
            raise UserError(f"figure format {name!r}: not one of {', '.join(FORMATS)}")
