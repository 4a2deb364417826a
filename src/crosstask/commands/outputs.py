"""The manual of the files of an analysis, written from the columns that sections declare.

python -m crosstask.commands.outputs     writes docs/outputs.md
"""

import inspect
from collections.abc import Iterator

from crosstask.analysis.pipeline import Section
from crosstask.analysis.schema import TableSchema
from crosstask.commands.analyze import made_sections
from crosstask.commands.markdown import cell, table
from crosstask.commands.sections import Analysis
from crosstask.config import task_files

PATH = task_files.CONF.parent / "docs" / "outputs.md"
HEAD = """\
# Files of an analysis

<!-- Written by `make docs` from src/crosstask/analysis/*/columns.py; edit those. -->

`python analyze.py` writes each table twice, as `results/NAME.csv` (UTF-8, ten decimals, six digits of p and q below
0.0001, an empty cell for what is missing) and as `results/latex/NAME.tex`, and each figure as PNG and SVG
(`analysis.figures`). A table with a row for every answer is written once, as Parquet, where numbers are as they are.
`report.html` ([report.md](report.md)) shows all of it and is the page to start with.
The same content gives the same bytes. A table without rows is not written, unless it says
something by having none. Scores, gains and all in their unit are fractions; a table read by `runs=table` is written as
it stands, and what compares targets of several units, such as donors, on one scale
([tables.md](tables.md#several-units)). Text that a spreadsheet would take for a formula has an apostrophe before it. A
column in angle brackets stands for one column per task, component or factor.
"""


def manual() -> str:
    """Return the whole text."""
    sections = made_sections(Analysis())
    return "\n".join([HEAD, *(line for name, section in sections.items() for line in _section(name, section))])


def _section(name: str, section: Section) -> Iterator[str]:
    """Yield the chapter of a section: what it is about, its figures, its tables."""
    yield f"## {name}\n"
    yield f"{' '.join((inspect.getdoc(type(section)) or '').split())}\n"
    if section.figures:
        yield f"Figures: {', '.join(f'`{figure}`' for figure in section.figures)}.\n"
    for schema in section.tables:
        yield from _table(schema)


def _table(schema: TableSchema) -> Iterator[str]:
    """Yield the section of a table: what a row is, and its columns."""
    yield f"### {schema.file}\n"
    yield f"{schema.meaning.replace('``', '`')}\n"
    columns = (
        f"`{column.name}` | {cell(column.meaning)} | {cell(column.values)} | {cell(column.missing)}"
        for column in schema.columns
    )
    yield from table("column | meaning | values | empty", columns)
    yield ""


if __name__ == "__main__":
    PATH.write_text(manual(), encoding="utf-8")
