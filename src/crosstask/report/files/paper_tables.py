r"""The matrices and the loadings of an analysis as LaTeX tables that fit the width of a page, whatever their size.

They need ``\usepackage{booktabs,graphicx}``; each file can be input as it stands.
"""

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.blocks import Block, ComponentsBlock, MatrixBlock
from crosstask.errors import printable
from crosstask.report.files.latex import LARGEST, escaped
from crosstask.report.names import abbreviated

PAPER_TABLES = ("paper_scores", "paper_gains", "paper_loadings")
"""Names of their files."""

_COLUMNS, _ROWS = 12, 45  # of one part of a table at most; a page of an article holds as many in small print
_LONGEST = 30  # letters of a name
_COMPONENTS = 10  # of the loadings: those that are retained, and more of the first up to so many
_FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"


def paper_tables(blocks: Iterable[Block]) -> dict[str, str]:
    r"""LaTeX of the scores, the gains and the loadings.

    Parameters
    ----------
    blocks : iterable of Block
        What the sections show; one of each kind gives a table.

    Returns
    -------
    dict of str to str
        Name of the file -> its text: ``paper_scores`` and ``paper_gains`` in the unit that the terminal shows, to one
        decimal; ``paper_loadings`` to two. What has more than 12 columns or 45 rows is in parts of about equal size. No
        matrix of more than ``LARGEST`` cells.
    """
    made = {}
    for block in blocks:
        if isinstance(block, MatrixBlock) and block.values.size <= LARGEST:
            made["paper_gains" if block.signed else "paper_scores"] = _matrix(block)
        if isinstance(block, ComponentsBlock) and len(block.loadings):
            made["paper_loadings"] = _loadings(block)
    return made


def _matrix(block: MatrixBlock) -> str:
    """Numbers of which the significant are bold and those of a source's own task starred."""
    numbers = (block.values * block.unit.factor).map(_number(block.unit.decimals, block.signed))
    key = [block.title]
    if block.significant is not None:
        numbers = numbers.where(~block.significant, numbers.map(r"{{\boldmath{}}}".format))
        key.append("bold: distinguishable from 0")
    if block.home.any(axis=None):
        numbers = numbers.where(~block.home, "$^*$" + numbers)
        key.append("* the source's own task")
    return _table(numbers, "source", key)


def _loadings(block: ComponentsBlock) -> str:
    """Loadings of the first components, and below them what share of the variance each has."""
    components = block.components.set_index("component")
    shown = max(_COMPONENTS, int(components["retained"].sum()))
    loadings = block.loadings.iloc[:, :shown]
    numbers = loadings.map(_number(2, signed=True))
    shares = 100 * components.loc[loadings.columns, "explained_variance_ratio"]
    numbers = numbers.rename(columns={name: f"{name}*" for name in loadings if components.loc[name, "retained"]})
    share = pd.DataFrame([shares.map(_number(1, signed=False)).to_list()], ["% of the variance"], numbers.columns)
    key = [f"Loadings: {block.caption}", "* distinguishable from noise"]
    return _table(numbers, "target", key, share)


def _number(decimals: int, signed: bool) -> Callable[[float], str]:
    """How a number is printed; a dash for NaN."""
    form = f"${{:{'+' if signed else ''}z.{decimals}f}}$"
    return lambda value: "--" if np.isnan(value) else form.format(value)


def _table(numbers: pd.DataFrame, corner: str, key: list[str], below: pd.DataFrame | None = None) -> str:
    """One table of texts in parts that fit a page, and below it what it shows."""
    parts = [_fitted(part, corner) for part in _parts(numbers, below)]
    legend = r"\noindent{\footnotesize " + escaped("; ".join(key)) + r"\par}"
    return "\n\\par\\medskip\\noindent\n".join(parts) + "\n\\par\\smallskip\n" + legend + "\n"


def _parts(numbers: pd.DataFrame, below: pd.DataFrame | None) -> Iterator[tuple[pd.DataFrame, int]]:
    """The parts of a table, and how many of the last rows of each stand below another rule."""
    for top in range(0, len(numbers), _ROWS):
        rows, under = numbers.iloc[top : top + _ROWS], 0
        if below is not None and top + _ROWS >= len(numbers):
            rows, under = pd.concat([rows, below]), len(below)
        for columns in np.array_split(range(numbers.shape[1]), math.ceil(numbers.shape[1] / _COLUMNS)):
            yield rows.iloc[:, columns], under


def _fitted(part: tuple[pd.DataFrame, int], corner: str) -> str:
    """A part in small print with upright names of columns, made narrower where it is wider than the page."""
    table, below = part
    names = [rf"\rotatebox{{90}}{{{name}}}" for name in _names(table.columns)]
    rows = zip(_names(table.index), table.itertuples(index=False, name=None), strict=True)
    lines = [" & ".join([name, *row]) + r" \\" for name, row in rows]
    if below:
        lines.insert(len(lines) - below, r"\midrule")
    return "\n".join(
        [
            r"{\scriptsize\setlength{\tabcolsep}{2pt}" + _FITTED,
            rf"\begin{{tabular}}{{l{'r' * len(names)}}}",
            r"\toprule",
            " & ".join([corner, *names]) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}}",
        ]
    )


def _names(names: pd.Index) -> list[str]:
    """Names of rows or columns, none longer than fits."""
    return [escaped(name) for name in abbreviated([printable(str(name)) for name in names], _LONGEST)]
