"""Tables for a paper: LaTeX with the rules of the booktabs package."""

from collections.abc import Hashable, Iterable

import pandas as pd

LARGEST = 5000
"""Cells of a table beyond which nobody prints it."""

_PAGE = 45  # rows; longer tables go over several pages
_COMMANDS = {"\\": r"\textbackslash ", "~": r"\textasciitilde ", "^": r"\textasciicircum "}
_SPECIAL = str.maketrans({**{sign: f"\\{sign}" for sign in "&%$#_{}"}, **_COMMANDS})


def latex(frame: pd.DataFrame, below: pd.DataFrame | None = None) -> str:
    r"""LaTeX of a table, to be input where ``\usepackage{booktabs,longtable}`` is.

    Parameters
    ----------
    frame : DataFrame
        A named index becomes the first column; an unnamed one is not written.
    below : DataFrame, optional
        Rows of the same columns that stand below another rule.

    Returns
    -------
    str
        Numbers to three decimals, those closer to 0 as powers of ten; empty for what is missing.

    Examples
    --------
    >>> print(latex(pd.DataFrame({"source": ["mnli_words"], "p": [0.00002]})))
    \begin{tabular}{lr}
    \toprule
    source & p \\
    \midrule
    mnli\_words & 2.0e-05 \\
    \bottomrule
    \end{tabular}
    """
    kinds = (frame.reset_index() if frame.index.name else frame).dtypes
    frame = frame if below is None else pd.concat([frame.astype(object), below])
    table = frame.reset_index() if frame.index.name else frame
    rows = [_line(map(_text, row)) for row in table.itertuples(index=False, name=None)]
    if below is not None:
        rows.insert(len(rows) - len(below), r"\midrule")
    columns = "".join("r" if pd.api.types.is_numeric_dtype(kind) else "l" for kind in kinds)
    return "\n".join(_environment(columns, _line(map(str, table.columns)), rows, long=len(table) > _PAGE))


def _environment(columns: str, header: str, rows: list[str], long: bool) -> list[str]:
    """The lines of a table, those of a long one with the header on every page."""
    if not long:
        head = rf"\begin{{tabular}}{{{columns}}}", r"\toprule", header, r"\midrule"
        return [*head, *rows, r"\bottomrule", r"\end{tabular}"]
    first = rf"\begin{{longtable}}{{{columns}}}", r"\toprule", header, r"\midrule", r"\endfirsthead"
    further = r"\toprule", header, r"\midrule", r"\endhead"
    goes_on = rf"\multicolumn{{{len(columns)}}}{{r}}{{Continued on next page}} \\"
    foot = r"\midrule", goes_on, r"\midrule", r"\endfoot", r"\bottomrule", r"\endlastfoot"
    return [*first, *further, *foot, *rows, r"\end{longtable}"]


def _line(cells: Iterable[str]) -> str:
    r"""A row of a table.

    Examples
    --------
    >>> print(_line(["a_b", "5 %", "~ "]))
    a\_b & 5 \% & \textasciitilde \space  \\
    """
    return " & ".join(_escaped(cell) for cell in cells) + r" \\"


def _escaped(text: str) -> str:
    """Text as LaTeX prints it; a space behind the name of a command would be swallowed."""
    written = text.translate(_SPECIAL)
    for command in _COMMANDS.values():
        written = written.replace(f"{command} ", rf"{command}\space ")
    return written


def _text(value: Hashable) -> str:
    """A value as it is printed."""
    if pd.isna(value):
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1e}" if 0 < abs(value) < 0.0005 else f"{value:z.3f}"
