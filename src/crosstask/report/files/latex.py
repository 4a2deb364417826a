"""Tables for a paper: LaTeX with the rules of the booktabs package."""

from collections.abc import Hashable

import pandas as pd

LARGEST = 5000
"""Cells of a table beyond which nobody prints it."""

_PAGE = 45  # rows; longer tables go over several pages


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
    kinds = numbered(frame)[0].dtypes
    table, names = numbered(frame if below is None else pd.concat([frame.astype(object), below]))
    style = table.style.hide(axis="index").format(_text, escape="latex")
    style = style.format_index(lambda place: escaped(names[place]), axis=1)
    written: str = style.to_latex(
        hrules=True,
        column_format="".join("r" if pd.api.types.is_numeric_dtype(kind) else "l" for kind in kinds),
        environment="longtable" if len(table) > _PAGE else None,
    )
    lines = written.rstrip("\n").split("\n")
    if below is not None:
        last = max(place for place, line in enumerate(lines) if line.endswith(r"\\"))
        lines.insert(last + 1 - len(below), r"\midrule")
    return "\n".join(lines)


def numbered(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return a table with places for names of columns, and the names.

    So two columns may have the same name, as where a target is called ``source``, or names that are one to Python.

    Parameters
    ----------
    frame : DataFrame
        A named index becomes its first column, an unnamed one is left out.
    """
    table = frame.reset_index(allow_duplicates=True) if frame.index.name else frame.reset_index(drop=True)
    names = [str(name) for name in table.columns]
    return table.set_axis(range(len(names)), axis=1), names


def _text(value: Hashable) -> str:
    """A value as it is printed."""
    if pd.isna(value):
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1e}" if 0 < abs(value) < 0.0005 else f"{value:z.3f}"


def escaped(text: str) -> str:
    """A text as LaTeX prints it, without what it would take for commands."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


_SPECIAL = {letter: rf"\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\n": " ",
    "…": r"\ldots{}",
}
