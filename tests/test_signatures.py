"""How much a reader must keep in mind: the parameters of a function, and the imports from one file down to the last."""

import ast
from functools import cache
from pathlib import Path

import pytest

import crosstask
from crosstask.commands.sections import SECTIONS

SOURCE = Path(crosstask.__file__).parents[1]
ROOT = SOURCE.parent
PARAMETERS = 6
FILES = 11
CODE = [path for place in ("src", "oracle", "benchmarks") for path in sorted((ROOT / place).rglob("*.py"))]
SCRIPTS = sorted(ROOT.glob("*.py"))


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
    """The dotted name of a file, that of its package for an ``__init__``; of a script its file name."""
    if path.parent == ROOT:
        return path.name
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """The files that a file imports, with the packages that Python runs on the way to them.

    Sections of an analysis are imported by name where an analysis starts, so they count there.
    """
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    names = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
    if module(path) == "crosstask.commands.analyze":
        names += [f"crosstask.analysis.{section}.section.Section" for section in SECTIONS]
    own = module(path) + "."
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(name.count(".") + 1)}
    return {name for name in parents & modules.keys() if not own.startswith(name + ".")} - {"crosstask"}


def longest_chain(modules: dict[str, Path]) -> tuple[str, ...]:
    """The longest chain of imports, from a file down to the last."""

    @cache
    def chain(name: str) -> tuple[str, ...]:
        below = imported(modules[name], modules)
        return max(((name, *chain(other)) for other in below), key=len, default=(name,))

    return max(map(chain, modules), key=len)


def test_the_longest_chain_of_imports_is_eleven_files():
    longest = longest_chain({module(path): path for path in [*SCRIPTS, *SOURCE.rglob("*.py")]})
    assert 3 < len(longest) <= FILES, " > ".join(longest)


def test_a_package_that_python_runs_on_the_way_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "SOURCE", tmp_path)
    files = {"a.py": "from p.leaf import x", "p/__init__.py": "from q import y", "p/leaf.py": "", "q.py": ""}
    (tmp_path / "p").mkdir()
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    assert longest_chain({module(tmp_path / name): tmp_path / name for name in files}) == ("a", "p", "q")
