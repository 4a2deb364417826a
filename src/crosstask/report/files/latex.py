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
    kinds = (frame.reset_index() if frame.index.name else frame).dtypes
    frame = frame if below is None else pd.concat([frame.astype(object), below])
    table = frame.reset_index() if frame.index.name else frame
    style = table.style.hide(axis="index").format(_text, escape="latex").format_index(escape="latex", axis=1)
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


def _text(value: Hashable) -> str:
    """A value as it is printed."""
    if pd.isna(value):
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1e}" if 0 < abs(value) < 0.0005 else f"{value:z.3f}"
