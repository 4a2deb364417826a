"""What is known of a table before there is one: its columns and its file; the columns that many tables share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from crosstask.errors import UserError

BASE = "base"
"""Name of the source that stands for the model without fine-tuning."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    """Header; in angle brackets when there is one such column per task or component."""
    meaning: str
    """What the values say."""
    values: str
    """Type, unit and range."""
    missing: str = "never missing"
    """What an empty cell means."""


@dataclass(frozen=True)
class TableSchema:
    """A table that an analysis writes: ``<name>.csv`` and ``latex/<name>.tex``, or ``<name>.parquet``."""

    name: str
    """File name without its suffix."""
    meaning: str
    """What a row is, and what the reader must know; for a manual."""
    columns: tuple[Column, ...]
    """In the order of the file."""
    keep_empty: bool = False
    """Whether it is written without rows, too, because it says something by having none."""
    suffix: Literal["csv", "parquet"] = "csv"
    """What it is written as: Parquet suits tables for programs, with a row for every example."""
    about: str = ""
    """Column without which a row tells nothing of what the section asks; where tables of a section have one, its size
    is counted in such rows."""

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.{self.suffix}"


SOURCE = Column("source", "task the model was fine-tuned on; base: not fine-tuned", "text")
TARGET = Column("target", "task the model was scored on", "text")
SEED = Column(
    "seed",
    "random seed of the training; where runs of a source differ in data.train_seed, the number, from 0, of the pair of"
    " data.train_seed and seed, in the order of these, which a note of the analysis lists",
    "whole number",
    "base model, or a table without seeds",
)
METRIC = Column("metric", "name of the metric that gives the score", "text", "not stated by the table read")
SCORE = Column("score", "value of the metric", "fraction, 0 to 1; a table read from elsewhere as it stands")
STDERR = Column("stderr", "standard error of the score over rows", "unit of the score, >= 0", "not known")
N = Column("n", "rows scored", "whole number, >= 1", "not known")
SEEDS = Column("seeds", "seeds that the mean is over; the base model counts as one", "whole number, >= 1")
CI_LOW = Column("ci_low", "lower limit of the interval, by default of 95 %", "unit of the value", "cannot be told")
CI_HIGH = Column("ci_high", "upper limit of the interval", "unit of the value", "cannot be told")
POPULATION = "Over which population the intervals generalize, a line of the report's notes says."
"""For the meaning of tables whose intervals are over test rows, and over seeds where there are several."""
KNOWN_INTERVAL = (
    Column("ci_low", "lower end of the interval of level 1 - analysis.alpha", "number"),
    Column("ci_high", "upper end of the interval", "number"),
)
P = Column("p", "two-sided p value against no difference", "0 to 1", "not tested")
Q = Column("q", "false discovery rate at which it is a discovery (Benjamini-Hochberg)", "0 to 1", "not tested")
Q_OF_CELLS = Column(
    "q",
    "false discovery rate at which it is a discovery (Benjamini-Hochberg); cells on a source's own task are a family of"
    " their own",
    "0 to 1",
    "not tested",
)
SEED_OR_MEAN = Column(
    "seed",
    "random seed of the training",
    "whole number",
    "base model; or the mean over the seeds of the source, see ``seeds``",
)
Q_OF_ROWS = Column(
    "q",
    "false discovery rate at which it is a discovery (Benjamini-Hochberg), of one row per cell: the mean over seeds, or"
    " the only seed; cells on a source's own task are a family of their own",
    "0 to 1",
    "one seed of several, or not tested",
)
SEEDS_OF_ROW = Column("seeds", "seeds that the row is the mean of", "whole number, >= 1")
SIGNIFICANT = Column("significant", "whether q is at most alpha", "True, False", "not tested")
HOME = Column("home", "whether the target is the source's own task", "True, False")
ALARMS = (
    Column(
        "alarm",
        "unknown_home, stderr, aggregate, duplicate, alike, lower, failed_run, fractions, count, no_effect,"
        " nothing_moves, below_majority, refused; of what another section than gains says, the section",
        "text",
    ),
    Column(
        "name",
        "source or target that it is about, or several",
        "text",
        "of another section than gains: the message names it",
    ),
    Column("message", "what is the matter; the terminal says it after ALARM, many of a kind in one line", "text"),
)
"""alarms.csv: what makes results worth less than they look."""
ALARM_TABLE = TableSchema(
    "alarms",
    "Every alarm of the analysis: what makes a row or column of the matrix, or a finding, worth less than it looks.",
    ALARMS,
    keep_empty=True,
)
COMPONENT = Column("component", "principal component, by falling variance", "PC1, PC2, ...")

RUN_OR_MEAN = (SOURCE, TARGET, SEED_OR_MEAN, SEEDS_OF_ROW, HOME)
"""What a row is of that stands for a run on a target, or for the mean over the seeds of its source."""


def column_names(columns: Iterable[Column]) -> list[str]:
    """Names of the columns, in order.

    Examples
    --------
    >>> column_names((SOURCE, TARGET, SCORE))
    ['source', 'target', 'score']
    """
    return [column.name for column in columns]


def require_columns(frame: pd.DataFrame, columns: Iterable[Column | str], where: str) -> None:
    """Raise if the table lacks one of the columns.

    Parameters
    ----------
    frame : DataFrame
        The table to check.
    columns : iterable of Column or str
        Columns it must have; others may be there as well.
    where : str
        What the message calls the table, e.g. a file name.

    Raises
    ------
    UserError
        Naming every column that is absent and those that are there.
    """
    needed = [column if isinstance(column, str) else column.name for column in columns]
    absent = [name for name in needed if name not in frame.columns]
    if absent:
        word = "column" if len(absent) == 1 else "columns"
        there = ", ".join(map(repr, frame.columns)) or "none"
        raise UserError(f"{where}: no {word} {', '.join(map(repr, absent))}; the columns are {there}")
