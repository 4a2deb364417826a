"""Analysis and report know tables only: nothing of training, stores or configuration."""

import ast
from pathlib import Path

import pytest

import crosstask

PACKAGE = Path(crosstask.__file__).parent
ALLOWED = {
    "analysis": {"numpy", "pandas", "scipy", "sklearn", "statsmodels", "crosstask.analysis", "crosstask.errors"},
    "report": {
        "numpy",
        "pandas",
        "matplotlib",
        "rich",
        "crosstask.analysis",
        "crosstask.report",
        "crosstask.errors",
    },
}
STANDARD = {"collections", "contextlib", "csv", "dataclasses", "functools", "itertools", "math", "os", "pathlib"}
STANDARD |= {"typing", "warnings"}


def imported(file: Path) -> set[str]:
    """Top packages a file imports; of this project the second level too."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {".".join(name.split(".")[: 2 if name.startswith("crosstask") else 1]) for name in names}


FILES = [file for part in ALLOWED for file in sorted((PACKAGE / part).rglob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_are_of_the_layers_below(file):
    assert imported(file) <= ALLOWED[file.relative_to(PACKAGE).parts[0]] | STANDARD


def test_no_figure_is_made_with_global_state():
    assert not [file for file in FILES if "pyplot" in file.read_text().replace("without pyplot", "")]
