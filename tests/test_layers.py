"""Data flows one way: what each part of the package may import."""

import ast
import subprocess
import sys
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
    "locks": FOUNDATION,
    "progress": set(),
    "gpus": {"locks"},
    "job_folder": FOUNDATION | {"locks"},
    "sweep_folder": FOUNDATION | {"locks", "job_folder"},
    "sweep_table": FOUNDATION | {"job_folder", "sweep_folder"},
    "sweep_watch": FOUNDATION | {"progress", "job_folder", "sweep_folder"},
    "sweep": FOUNDATION | {"config", "progress", "gpus", "job_folder", "sweep_folder"},
    "miniature": FOUNDATION,
    "hub": FOUNDATION,
    "padding": set(),
    "out_of_memory": set(),
    "unfinished": {"locks"},
    "store": FOUNDATION | {"locks", "unfinished"},
    "tracking": FOUNDATION | {"config"},
    "data": FOUNDATION | {"config", "hub", "miniature"},
    "base_model": FOUNDATION | {"config", "hub"},
    "adapter_methods": FOUNDATION | {"config"},
    "adapters": FOUNDATION | {"config", "base_model", "adapter_methods"},
    "tokens": FOUNDATION | {"base_model"},
    "probe": FOUNDATION | {"base_model", "tokens"},
    "embedding": FOUNDATION | {"base_model", "tokens", "padding"},
    "sentence_encoder": FOUNDATION | {"hub"},
    "profiles": FOUNDATION | {"data", "store"},
    "identity": FOUNDATION | {"config", "data"},
    "training": FOUNDATION
    | {"config", "data", "base_model", "adapters", "tokens", "store", "padding", "out_of_memory", "probe"},
    "scoring": FOUNDATION
    | {"config", "data", "base_model", "tokens", "store", "identity", "padding", "out_of_memory", "probe"},
    "matrix_row": FOUNDATION | {"config", "data", "base_model", "identity", "profiles", "sentence_encoder", "tracking"},
    "forecast": FOUNDATION | {"config", "data", "identity", "matrix_row", "store", "job_folder"},
    "planning": FOUNDATION | {"config", "forecast", "sweep_folder"},
    "sweep_status": FOUNDATION | {"config", "planning", "job_folder", "sweep_folder", "sweep_table"},
    "row_adapter": FOUNDATION
    | {"config", "base_model", "adapters", "probe", "matrix_row", "progress", "store", "training"},
    "row_cells": FOUNDATION
    | {"config", "base_model", "adapters", "probe", "identity", "matrix_row", "progress", "row_adapter", "scoring"}
    | {"store"},
    "jobs": FOUNDATION
    | {"config", "base_model", "embedding", "matrix_row", "profiles", "progress", "row_adapter", "row_cells"}
    | {"sentence_encoder", "store", "stored_rows", "tracking"},
    "analysis": FOUNDATION,
    "stored_rows": FOUNDATION | {"store", "tracking"},
    "cell_table": FOUNDATION | {"config", "analysis"},
    "stored_answers": FOUNDATION | {"analysis"},
    "stored_profiles": FOUNDATION | {"analysis", "store"},
    "adapter_similarity": FOUNDATION | {"analysis"},
    "report": FOUNDATION | {"analysis"},
    "analyses": FOUNDATION
    | {"config", "registry", "analysis", "cell_table", "stored_answers", "stored_profiles", "adapter_similarity"}
    | {"report", "store", "stored_rows", "tracking"},
}
ONLY_IN = {  # outside package -> the parts that may import it
    "wandb": {"tracking"},
    "datasets": {"hub"},
    "filelock": {"locks"},
    "huggingface_hub": {"hub"},
    "hydra": {"registry", "commandline", "sweep", "sweep_status"},
    "torch": {"padding", "out_of_memory", "embedding", "base_model", "probe", "adapter_methods", "adapters"}
    | {"training", "scoring", "miniature"},
    "pytorch_lightning": {"training", "tracking"},
    "transformers": {"base_model", "miniature"},
    "sentence_transformers": {"sentence_encoder"},
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


def test_plugins_of_hydra_import_nothing_heavy_when_hydra_looks_for_them():
    code = "import sys; from hydra.core.plugins import Plugins; Plugins.instance(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in found.stdout.split()}
    assert "hydra_plugins" in loaded
    assert not loaded & {"torch", "pandas", "transformers", "wandb", "datasets", "joblib"}


def test_the_order_has_no_cycles():
    done: set[str] = set()
    while remaining := ALLOWED.keys() - done:
        ready = {name for name in remaining if ALLOWED[name] <= done}
        assert ready, f"a cycle among {remaining}"
        done |= ready
