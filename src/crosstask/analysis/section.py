"""What a section of an analysis gives: tables, figures, findings and notes, all of it data.

Files, terminal, W&B and whatever shows an analysis besides loop over sections and know none of them.

To add a section, make a package ``analysis/<name>`` with three modules::

    options.py    class Options: its parameters, a dataclass of the standard library's types and of fields with limits
                  (:mod:`crosstask.limits`); it is the schema of ``analysis.<name>`` in the config as well
    columns.py    the columns of its tables
    section.py    class Section: made of its options; says which ``tables`` and ``figures`` it may give; a call with the
                  :class:`~crosstask.analysis.transfer.Transfer` returns its `Findings`

then name it in ``commands/sections.py`` and give its options in ``conf/analysis/default.yaml``; ``make docs`` writes it
into the manual.
"""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.blocks import Block
from crosstask.analysis.figures import FigureRequest
from crosstask.analysis.schema import TableSchema


@dataclass(frozen=True)
class Table:
    """One table of a section."""

    schema: TableSchema
    frame: pd.DataFrame
    """A named index is its first column."""
    footer: pd.DataFrame | None = None
    """Rows of the same columns that stand below another rule, on paper only."""

    @property
    def is_written(self) -> bool:
        """Whether it says anything."""
        return bool(len(self.frame)) or self.schema.keep_empty


@dataclass(frozen=True)
class Findings:
    """What a section found."""

    tables: tuple[Table, ...] = ()
    figures: tuple[FigureRequest, ...] = ()
    lines: tuple[str, ...] = ()
    """The findings, one line each, the most important first."""
    blocks: tuple[Block, ...] = ()
    """What a terminal shows; without any, the lines."""
    alarms: tuple[str, ...] = ()
    """What makes results worth less than they look, one line each."""
    notes: tuple[str, ...] = ()
    """What the reader must know of how it was found, one line each."""
