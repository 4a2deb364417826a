"""How much a reader must keep in mind: the parameters of a function, and the imports from one file down to the last."""

import ast
from functools import cache
from pathlib import Path

import crosstask

SOURCE = Path(crosstask.__file__).parents[1]
ROOT = SOURCE.parent
PARAMETERS = 6
FILES = 11
ELSEWHERE = {"analysis", "report", "runs"}
"""Packages of crosstask that have a depth of their own."""
CODE = [
    path
    for place in ("src", "oracle", "benchmarks")
    for path in sorted((ROOT / place).rglob("*.py"))
    if not {"analysis", "report"} & {*path.relative_to(ROOT).parent.parts[2:]}
]


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The names of what a function is called with, without the object or class that it belongs to."""
    found = function.args
    every = [*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg]
    return [argument.arg for argument in every if argument is not None and argument.arg not in ("self", "cls")]


def long_signatures(code: str) -> list[str]:
    """The functions of a file that take too much."""
    functions = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [function.name for function in functions if len(parameters(function)) > PARAMETERS]


def test_no_function_takes_more_than_six_parameters():
    found = {str(path.relative_to(ROOT)): long_signatures(path.read_text()) for path in CODE}
    assert not {path: names for path, names in found.items() if names}
    assert any("hydra_plugins" in path for path in found)


def test_parameters_of_every_kind_are_counted():
    assert long_signatures("class A:\n  def f(self, a, b, /, c, *d, e, f, **g): ...") == ["f"]
    assert not long_signatures("class A:\n  def f(self, a, b, /, c, *, e, f, **g): ...")


def module(path: Path) -> str:
    """The dotted name of a file, that of its package for an ``__init__``."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def test_the_longest_chain_of_imports_is_eleven_files():
    paths = {module(path): path for path in SOURCE.rglob("*.py")}
    modules = {name: path for name, path in paths.items() if (*name.split("."), "")[1] not in ELSEWHERE}

    @cache
    def chain(name: str) -> tuple[str, ...]:
        imported = _imported(modules[name]) & modules.keys() - {name}
        return max(((name, *chain(below)) for below in imported), key=len, default=(name,))

    def _imported(path: Path) -> set[str]:
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        names = [(node.module or "", alias.name) for node in nodes for alias in node.names]
        return {inside if (inside := f"{place}.{name}") in modules else place for place, name in names}

    longest = max(map(chain, modules), key=len)
    assert 3 < len(longest) <= FILES, " > ".join(longest)
