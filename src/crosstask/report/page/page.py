"""The page of an analysis: one file of HTML with its findings, the matrix that one can walk through, and its tables."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.options import PageOptions
from crosstask.report.page.axes import ORDERS, Axis, axes
from crosstask.report.page.blocks import Block, is_empty
from crosstask.report.page.cells import Cells
from crosstask.report.page.comparison import comparison
from crosstask.report.page.edges import Edges
from crosstask.report.page.examples import Examples
from crosstask.report.page.first_screen import first_screen
from crosstask.report.page.other_gains import OtherGains
from crosstask.report.page.over import Over
from crosstask.report.page.palette import LEGENDS, rules
from crosstask.report.page.payload import packed_json, plain_json, readable
from crosstask.report.page.policy import policy
from crosstask.report.page.sections import Files, Size, chapter
from crosstask.report.page.tables import Tables
from crosstask.report.page.units import Units
from crosstask.report.page.views import DENSE, View, Views

TEMPLATES = files("crosstask.report.page") / "templates"
SCRIPTS = ("parts.js", "drawing.js", "panel.js", "grid.js", "start.js")
"""In the order in which they make the page's one script."""


def page(
    analysis: Analysis,
    pictures: Mapping[str, bytes],
    folder: Path,
    options: PageOptions,
    other: OtherGains | None = None,
) -> bytes:
    """Return the page.

    Parameters
    ----------
    analysis : Analysis
        What its sections found.
    pictures : mapping of str to bytes
        SVG of each figure, by name; a figure without one is left out.
    folder : Path
        Where the tables have been written; small ones become part of the page.
    options : PageOptions
        What is left out of it.
    other : OtherGains, optional
        The analysis that this one is held against.

    Returns
    -------
    bytes
        HTML in UTF-8, the same for the same analysis. It needs no other file; links go to the tables beside it.
    """
    script, style = _script(), _style()
    parts = {"policy": policy(script, style), "script": Markup(script), "style": Markup(style)}
    tables = Tables(analysis.findings.values())
    return (
        _template()
        .render(**parts, **_sections(analysis, Files(pictures, folder)), **_contents(analysis, tables, options, other))
        .encode()
    )


def _sections(analysis: Analysis, files: Files) -> dict[str, Any]:
    """What each section of the analysis found, and every note."""
    transfer = analysis.transfer
    size = Size(transfer.caption, len(transfer.gains), transfer.matrix.shape[1])
    found = [chapter(name, analysis.sections[name], found, size, files) for name, found in analysis.findings.items()]
    return {"chapters": found, "notes": list(dict.fromkeys(analysis.notes))}


def _contents(analysis: Analysis, tables: Tables, options: PageOptions, other: OtherGains | None) -> dict[str, Any]:
    """The head, the matrix with all that opens from it, and the comparison."""
    transfer = analysis.transfer
    usual = transfer.gains if transfer.gains.size else transfer.matrix / 10  # of base alone there are none
    units = Units(transfer.unit, transfer.scales, usual)
    rows, columns = axes(transfer.matrix, transfer.order, transfer.conventions.abilities, tables)
    views = Views(transfer, units, tables, (rows, columns)).made()
    alarms = [line for found in analysis.findings.values() for line in found.alarms]
    return {
        "first": first_screen(transfer, units, tables, alarms, analysis.notes),
        "base": BASE,
        "base_row": Over(tables).row,
        "rows": rows,
        "columns": columns,
        "homes": [[bool(transfer.order.own_tasks(s).count(t)) for t in columns.names] for s in rows.names],
        "view": views[0] if views else None,
        "views": views,
        "order_names": ORDERS,
        "legends": LEGENDS,
        "dense": max(len(rows.names), len(columns.names)) > DENSE,
        "parts": {
            "views": packed_json({view.key: _view(view) for view in views}),
            **_panels(transfer, units, tables, (rows, columns), options),
        },
        "axes": Markup(plain_json({"rows": _axis(rows), "columns": _axis(columns)})),
        "comparison": comparison(other, tables, units) if other else None,
        "without_texts": _without_texts(analysis, options),
    }


def _panels(
    transfer: Transfer, units: Units, tables: Tables, axes: tuple[Axis, Axis], options: PageOptions
) -> dict[str, str]:
    """What opens behind the names and the cells of the matrix, column by column, as parts of the page."""
    examples, (rows, columns) = None, axes
    if options.texts and transfer.texts is not None and transfer.answers is not None:
        examples = Examples(transfer.texts, transfer.answers, transfer.rows, tables)
    cells, edges = Cells(units, tables, examples), Edges(transfer, units, tables)
    return {
        "sources": packed_json([_shown(edges.of_source(name)) for name in rows.names]),
        "targets": packed_json([_shown(edges.of_target(name)) for name in columns.names]),
        **{
            f"cells-{place}": packed_json(_column(target, rows, cells, examples))
            for place, target in enumerate(columns.names)
        },
    }


def _axis(axis: Axis) -> dict[str, Any]:
    """Names and orders of rows or columns."""
    return {"names": axis.shown, "short": axis.short, "orders": axis.orders}


def _view(view: View) -> dict[str, Any]:
    """What the matrix shows in a view."""
    cells = [[[cell.text, cell.tone, int(cell.told), cell.line] for cell in row] for row in view.cells]
    return {"ends": view.ends, "scale": view.scale, "cells": cells}


def _column(target: str, rows: Axis, cells: Cells, examples: Examples | None) -> dict[str, Any]:
    """The panels of all cells of a column, and the prompts that they share."""
    panels = [_shown(cells.panel(source, target)) for source in rows.names]
    return {"panels": panels, "prompts": examples.prompts.get(target, {}) if examples else {}}


def _shown(blocks: list[Block]) -> list[Block]:
    """Blocks that show something."""
    return [block for block in blocks if not is_empty(block)]


def _without_texts(analysis: Analysis, options: PageOptions) -> str:
    """Why the page has no prompts and answers; empty where it has."""
    if not options.texts:
        return "Prompts and answers were left out (report.texts=false)."
    if analysis.transfer.texts is None:
        return "These scores came without prompts and answers."
    return ""


def _script() -> str:
    """The script of the page, none of whose names becomes one of the window's."""
    return f"(() => {{\n{''.join(map(_text, SCRIPTS))}}})();\n"


def _style() -> str:
    """The style of the page."""
    sheet = _text("style.css")
    return sheet.replace("/* light steps */", rules(dark=False)).replace("/* dark steps */", rules(dark=True))


def _text(name: str) -> str:
    """A file of the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _template() -> Any:
    """The page with its places to be filled; every value is escaped, and none controls what is shown."""
    environment = Environment(
        loader=PackageLoader("crosstask.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else readable(str(value)),
    )
    return environment.get_template("page.html")
