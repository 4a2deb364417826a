"""What of a model's code defines a function, and what only tries it out: told by Python's own parser, nothing is run.

A text may be too much for the parser; such texts, and those that are no Python, have no definitions here.
"""

import ast
import builtins
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 50_000
"""Characters of a text that is parsed; a model's answer has a tenth of them."""
MOST_TRIES = 50
"""How often a text is parsed that is no Python at its end."""
FIRST_LINE = re.compile(r"from \S+ import|import \w|(?:async )?def \w|class \w|@\w|\w+(?:: ?\w[\w\[\], .]*)? = |#")
"""How the first line of a program begins that follows words."""
TRIES_OUT = {"print", "input", "exit", "quit", "unittest", "doctest", "pytest"}
"""Names whose calls are no part of a definition, at the top of a program."""
ENDS = TRIES_OUT - {"print"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a program, with the comments before it; several where they share a line."""

    nodes: tuple[ast.stmt, ...]
    text: str
    binds: frozenset[str]
    """Names that it gives values to."""
    uses: frozenset[str]
    """Names that it, or a function in it, looks up."""


def definitions(code: str, others: Sequence[str], name: str) -> str | None:
    r"""Return a program without what tries it out, and with what it needs of other texts before it.

    Parameters
    ----------
    code
        A text that is Python, words before and after it excepted.
    others
        Texts that may have imports, functions and values that it uses.
    name
        The function that it defines. What comes before it, such as an import, and after it, such as another function or
        a constant, is kept; an assertion, a script, or whatever else runs that function, is not.

    Returns
    -------
    None where the text defines no such function, or is no Python.

    Examples
    --------
    >>> definitions("def f(x):\n    return g(x)\n\nprint(f(1))\ng = abs\n", [], "f")
    'def f(x):\n    return g(x)\ng = abs\n'
    """
    statements = _statements(code, name)
    if not any(name in statement.binds for statement in statements):
        return None
    kept = _without_examples(statements, name)
    pool = [one for other in others for one in _without_examples(_statements(other, None), name)]
    return "".join(one.text for one in [*_needed(kept, pool, name), *kept])


def _statements(code: str, name: str | None) -> list[Statement]:
    """Return the statements at the top of a text, up to where it is no Python any more, and without words before it."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", code)
    first = next((place for place, line in enumerate(lines) if FIRST_LINE.match(line)), 0)
    for start in (0, first):
        found = list(_parsed(lines[start:]))
        if any(name in one.binds for one in found) if name else found:
            return found
    return []


def _parsed(lines: list[str]) -> Iterator[Statement]:
    """Yield the statements of lines, of which the last ones, from one that is not indented on, may be no Python."""
    for _ in range(MOST_TRIES):
        try:
            tree = _tree("".join(lines))
        except SyntaxError as error:
            fault = min(max(error.lineno or 1, 1), len(lines)) - 1
            lines = lines[: next((at for at in range(fault, 0, -1) if lines[at].strip() and lines[at][0] > " "), 0)]
        except (ValueError, MemoryError, RecursionError):
            return
        else:
            yield from _grouped(tree.body, lines)
            return


def _tree(code: str) -> ast.Module:
    """Return what a text means."""
    if len(code) > LONGEST:
        raise ValueError
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that are none, and comparisons that make no sense
        return ast.parse(code)


def _grouped(nodes: list[ast.stmt], lines: list[str]) -> Iterator[Statement]:
    """Yield statements with their lines; those that share one are one."""
    begin, group = 0, list[ast.stmt]()
    for node, following in zip(nodes, [*nodes, None][1:], strict=True):
        group.append(node)
        end = node.end_lineno or node.lineno
        if following is None or following.lineno > end:
            binds = frozenset(name for one in group for name in _bound(one))
            uses = frozenset(part.id for one in group for part in ast.walk(one) if isinstance(part, ast.Name))
            text = "".join(lines[begin:end])
            yield Statement(tuple(group), text if text.endswith("\n") else text + "\n", binds, uses)
            begin, group = end, []


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement gives values to where it stands, not inside of functions and classes."""
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.alias):
        yield node.asname or node.name.split(".")[0]
    if not isinstance(node, ast.Lambda):
        for part in ast.iter_child_nodes(node):
            yield from _bound(part)


def _without_examples(statements: list[Statement], name: str) -> list[Statement]:
    """Return statements without those that run a function, or what runs it in turn."""
    running, kept = {name}, statements
    while True:
        kept = [one for one in statements if not _is_example(one, running, name)]
        lost = {bound for one in statements if one not in kept for bound in one.binds}
        runs = {b for one in kept if one.uses & running and _defines(one) for b in one.binds}
        if lost | runs <= running:
            return kept
        running |= lost | runs


def _defines(statement: Statement) -> bool:
    """Return whether a statement runs nothing when it is come to."""
    return all(isinstance(node, (*DEFINITIONS, ast.Import, ast.ImportFrom)) for node in statement.nodes)


def _is_example(statement: Statement, running: set[str], name: str) -> bool:
    """Return whether a statement tries something out."""
    if _defines(statement) or name in statement.binds:
        return False
    if statement.uses & (running | ENDS | {"__name__"}):
        return True
    return all(_is_lone(node) for node in statement.nodes)


def _is_lone(node: ast.stmt) -> bool:
    """Return whether a statement by itself does nothing for what follows: a value, an assertion, something printed."""
    if isinstance(node, ast.Expr):
        function = node.value.func if isinstance(node.value, ast.Call) else None
        ends = isinstance(function, ast.Attribute) and function.attr == "exit"
        return function is None or ends or (isinstance(function, ast.Name) and function.id in TRIES_OUT)
    return isinstance(node, ast.Assert)


def _needed(kept: list[Statement], pool: list[Statement], name: str) -> list[Statement]:
    """Return those statements of a pool that give names values which others use and do not have."""
    found: list[Statement] = []
    has = {name, *dir(builtins)}.union(*(one.binds for one in kept))
    while True:
        uses = frozenset[str]().union(*(one.uses for one in [*kept, *found])) - has
        more = [one for one in pool if one.binds & uses and name not in one.binds and one not in found]
        if not more:
            return [one for one in pool if one in found]
        found += more
        has |= {bound for one in more for bound in one.binds}
