"""Data flows one way: what each part of the package may import."""

import ast
from pathlib import Path

import pytest

import crosstask

SOURCE = Path(crosstask.__file__).parent
FOUNDATION = {"errors", "fingerprint"}
ALLOWED: dict[str, set[str]] = {  # part -> parts of crosstask that it may import
    "errors": set(),
    "fingerprint": set(),
    "config": FOUNDATION,
    "registry": FOUNDATION | {"config"},
    "commandline": FOUNDATION | {"config", "registry"},
    "progress": set(),
    "sweep": FOUNDATION | {"config", "progress"},
    "miniature": FOUNDATION,
    "hub": FOUNDATION,
    "padding": set(),
    "out_of_memory": set(),
    "store": FOUNDATION,
    "tracking": FOUNDATION | {"config"},
    "data": FOUNDATION | {"config", "hub", "miniature"},
    "base_model": FOUNDATION | {"config", "hub"},
    "adapter_methods": FOUNDATION | {"config"},
    "adapters": FOUNDATION | {"config", "base_model", "adapter_methods"},
    "tokens": FOUNDATION | {"base_model"},
    "probe": FOUNDATION | {"base_model", "tokens"},
    "identity": FOUNDATION | {"config", "data"},
    "training": FOUNDATION
    | {"config", "data", "base_model", "adapters", "tokens", "store", "padding", "out_of_memory", "probe"},
    "scoring": FOUNDATION
    | {"config", "data", "base_model", "tokens", "store", "identity", "padding", "out_of_memory", "probe"},
    "matrix_row": FOUNDATION | {"config", "data", "base_model", "identity", "tracking"},
    "jobs": FOUNDATION
    | {"config", "base_model", "adapters", "probe", "identity", "matrix_row", "training", "scoring"}
    | {"store", "tracking", "progress"},
    "analysis": FOUNDATION,
    "cell_table": FOUNDATION | {"analysis", "store"},
    "stored_answers": FOUNDATION | {"analysis", "store"},
    "report": FOUNDATION | {"analysis"},
    "analyses": FOUNDATION | {"config", "analysis", "cell_table", "stored_answers", "report", "store"},
}
ONLY_IN = {  # outside package -> the parts that may import it
    "wandb": {"tracking"},
    "datasets": {"hub"},
    "huggingface_hub": {"hub"},
    "hydra": {"registry", "commandline", "sweep"},
    "torch": {"padding", "out_of_memory", "base_model", "probe", "adapter_methods", "adapters"}
    | {"training", "scoring", "miniature"},
    "pytorch_lightning": {"training", "tracking"},
    "transformers": {"base_model", "miniature"},
    "peft": {"adapter_methods", "adapters"},
    "matplotlib": {"report"},
}
FILES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if path.name != "__init__.py")


def part(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    tree = ast.parse((SOURCE / path).read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_only_what_lies_before_it(path: Path):
    own = {name.split(".")[1] for name in imports(path) if name.startswith("crosstask.")}
    assert own - {part(path)} <= ALLOWED[part(path)]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_heavy_packages_are_imported_in_few_places(path: Path):
    outside = {name.split(".")[0] for name in imports(path)}
    for package in outside & ONLY_IN.keys():
        assert part(path) in ONLY_IN[package], package


def test_the_order_has_no_cycles():
    done: set[str] = set()
    while remaining := ALLOWED.keys() - done:
        ready = {name for name in remaining if ALLOWED[name] <= done}
        assert ready, f"a cycle among {remaining}"
        done |= ready
