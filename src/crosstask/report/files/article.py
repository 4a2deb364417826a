"""An article in LaTeX that shows the tables and figures of an analysis, to compile or to copy from."""

from collections.abc import Collection, Iterable

from crosstask.analysis.figures import FigureRequest
from crosstask.report.files.latex import escaped

_PRINTED = ("pdf", "png")
"""Formats that LaTeX can print, the best first."""

_BEFORE = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\begin{document}
"""
_TABLE = r"""\clearpage\noindent
\input{%s}
"""
_FIGURE = r"""\clearpage
\noindent\includegraphics[width=\linewidth,height=0.85\textheight,keepaspectratio]{%s}\par
\smallskip\noindent{\footnotesize %s\par}
"""


def article(tables: Iterable[str], figures: Iterable[FigureRequest], formats: Collection[str]) -> str:
    """LaTeX of an article in ``results/latex``, a page or more for each.

    Parameters
    ----------
    tables : iterable of str
        Names of the tables' files beside it.
    figures : iterable of FigureRequest
        Figures whose files are in the folder above.
    formats : collection of str
        Formats that these have; without PDF and PNG figures are left out.
    """
    best = next((suffix for suffix in _PRINTED if suffix in formats), None)
    parts = [_TABLE % name for name in tables]
    if best is not None:
        parts += [_FIGURE % (f"../{figure.name}.{best}", escaped(_caption(figure))) for figure in figures]
    return _BEFORE + "".join(parts) + "\\end{document}\n"


def _caption(figure: FigureRequest) -> str:
    """What was found, and of how many."""
    return f"{figure.title}. {figure.subtitle}" if figure.subtitle else figure.title
