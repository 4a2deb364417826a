"""Data flows one way: what each package may import, and in which order the packages stand.

Every import counts, wherever in a file it stands: in a function, under ``TYPE_CHECKING``, in a package's ``__init__``.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import crosstask

SOURCE = Path(crosstask.__file__).parent
Order = tuple[tuple[str, ...], ...]
ORDER: Order = (
    ("commands",),
    ("sweeps",),
    ("jobs",),
    ("training", "evaluation", "features"),
    ("report", "runs"),
    ("models", "tracking", "judging", "variants"),
    ("analysis", "data"),
    ("storage", "config", "miniature", "hub", "sandbox"),
    ("limits",),
    ("atomic", "errors", "fingerprint", "paths"),
)
"""What stands higher may import what stands lower, never the reverse and never a neighbor in the same line."""
FOUNDATION = {"errors", "fingerprint"}
INSIDE: dict[str, Order] = {
    "evaluation": (
        ("cells",),
        ("cell_key", "inference", "request_cache", "verdicts"),
        ("scorers",),
        ("label_likelihoods", "text_likelihoods", "generation"),
        ("unpadded",),
        ("requests", "stop_tokens"),
    ),
    "analysis": (
        (
            "pipeline",
            "ability_tests",
            "gains",
            "traits",
            "similarity",
            "answer_quality",
            "confusion",
            "class_shift",
            "calibration",
            "lengths",
            "forgetting",
            "changed",
            "linguistic",
            "causes",
            "interventions",
        ),
        ("transfer", "section"),
        ("figures", "blocks", "conventions", "data_sets"),
        ("matrix",),
        ("statistics",),
        ("schema", "wording"),
    ),
    "sandbox": (
        ("supervisor", "probe"),
        ("sandbox",),
        ("overseer",),
        ("bubblewrap", "problem"),
        ("seccomp", "users"),
        ("system_calls", "open_files", "guard", "inside"),
    ),
    "report": (
        ("report",),
        ("page",),
        ("files", "terminal"),
        ("figures",),
        ("options", "names"),
    ),
}
"""The same for what is inside a package."""
NEEDS = {  # package -> all of crosstask that it may import
    "commands": {"analysis", "config", "errors", "jobs", "limits", "report", "runs", "storage", "sweeps", "tracking"},
    "sweeps": {"atomic", "config", "errors", "jobs", "storage"},
    "jobs": FOUNDATION
    | {
        "config",
        "data",
        "evaluation",
        "features",
        "hub",
        "judging",
        "models",
        "storage",
        "tracking",
        "training",
        "variants",
    },
    "training": FOUNDATION | {"config", "data", "models", "storage"},
    "evaluation": FOUNDATION | {"config", "data", "judging", "models", "sandbox", "storage"},
    "features": FOUNDATION | {"config", "data", "hub", "models", "storage"},
    "data": FOUNDATION | {"config", "hub", "miniature"},
    "analysis": {"errors", "limits"},
    "report": {"analysis", "atomic", "errors"},
    "runs": {"analysis", "config", "errors", "fingerprint", "storage"},
    "tracking": {"atomic", "config", "errors", "fingerprint", "paths", "storage"},
    "storage": {"atomic", "errors", "fingerprint"},
    "config": {"errors", "limits", "paths"},
    "models": {"config", "errors", "fingerprint", "hub", "storage"},
    "judging": FOUNDATION | {"config", "storage"},
    "variants": {"config", "data", "errors"},
    "miniature": {"errors"},
    "sandbox": {"errors"},
    "hub": {"errors"},
    **{leaf: {"errors"} for leaf in ("limits", "atomic", "errors", "fingerprint", "paths")},
}
ONLY_IN = {  # outside package -> the packages or modules that may import it
    "wandb": {"tracking"},
    "datasets": {"hub"},
    "filelock": {"storage.locks"},
    "huggingface_hub": {"hub"},
    "hydra": {"config.task_files", "commands", "sweeps.runner"},
    "torch": {"models", "features.hidden_states", "training", "evaluation", "miniature"},
    "pytorch_lightning": {"training", "tracking"},
    "transformers": {"models.architecture", "models.base_model", "models.loading", "miniature"},
    "sentence_transformers": {"features.sentence_encoder"},
    "spacy": {"features.parsers"},
    "peft": {"models.adapter_methods", "models.adapter_reading", "models.adapters"},
    "openai": {"judging.endpoint", "judging.connection"},
    "httpx2": {"judging.connection"},
    "openpyxl": {"runs.score_tables"},
    "matplotlib": {"report.figures", "report.files"},
    "rich": {"report.terminal", "report.report"},
    "jinja2": {"config.task_checks", "models.framing", "data", "report.page"},
}
OUTSIDE = {  # package that knows tables only -> all that it may import from outside
    "analysis": {"numpy", "pandas", "scipy", "sklearn", "statsmodels"},
    "report": {"numpy", "pandas", "matplotlib", "rich", "jinja2", "markupsafe"},
}
STANDARD = {
    "abc",
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "math",
    "pathlib",
    "textwrap",
    "typing",
    "unicodedata",
}
STANDARD |= {"base64", "gzip", "importlib", "json", "re", "warnings", "xml"}
FILES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def module(path: Path) -> str:
    """The dotted name of a file within crosstask; that of its package for an ``__init__``."""
    return ".".join(path.with_suffix("").parts).removesuffix("__init__").rstrip(".")


def imports(path: Path) -> set[str]:
    """All that a file imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse((SOURCE / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own(path: Path) -> set[str]:
    """What a file imports of crosstask, without the package's name."""
    return {name.removeprefix("crosstask.") for name in imports(path) if name.startswith("crosstask.")}


def part(name: str, depth: int) -> str:
    """The first parts of a dotted name."""
    return ".".join(name.split(".")[:depth])


def level(name: str, order: Order) -> int:
    """How high a name stands, 0 for the highest."""
    return next(height for height, names in enumerate(order) if name in names)


def runs_up(importer: str, imported: str, order: Order) -> bool:
    """Whether an import goes to something that stands higher or beside."""
    return importer != imported and level(imported, order) <= level(importer, order)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_import_runs_up(path: Path):
    package = part(module(path), 1)
    for name in own(path) if package else ():
        assert not runs_up(package, part(name, 1), ORDER), name
        assert part(name, 1) == package or part(name, 1) in NEEDS[package], name


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] in INSIDE and len(path.parts) > 1], ids=str)
def test_no_import_runs_up_inside_a_package(path: Path):
    package, _, rest = module(path).partition(".")
    for name in own(path):
        if rest and part(name, 1) == package:
            assert not runs_up(part(rest, 1), part(name.partition(".")[2], 1), INSIDE[package]), name


@pytest.mark.parametrize("path", FILES, ids=str)
def test_packages_from_outside_are_imported_in_few_places(path: Path):
    outside = {part(name, 1) for name in imports(path)}
    places = {part(module(path), depth) for depth in (1, 2)}
    for package in outside & ONLY_IN.keys():
        assert places & ONLY_IN[package], package
    if path.parts[0] in OUTSIDE:
        assert outside <= OUTSIDE[path.parts[0]] | STANDARD | {"crosstask"}


def test_every_package_and_every_part_of_one_has_its_place():
    names = {part(module(path), 1) for path in FILES} - {""}
    assert names == {name for names in ORDER for name in names}
    for package, order in INSIDE.items():
        inside = {part(module(path).partition(".")[2], 1) for path in FILES if path.parts[0] == package} - {""}
        assert inside == {name for names in order for name in names}


def test_files_import_each_other_in_no_circle():
    modules = {module(path): path for path in FILES}
    waiting = {name: _files(path, modules) - {name} for name, path in modules.items()}
    while waiting:
        ready = {name for name, needed in waiting.items() if not needed & waiting.keys()}
        assert ready, f"a circle among {sorted(waiting)}"
        waiting = {name: needed for name, needed in waiting.items() if name not in ready}


def _files(path: Path, modules: dict[str, Path]) -> set[str]:
    """The modules of crosstask that a file imports, or takes names from."""
    return {name if name in modules else name.rpartition(".")[0] for name in own(path)} & modules.keys()


def test_an_import_that_runs_up_is_noticed_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    code = "def f():\n    if TYPE_CHECKING:\n        from crosstask.commands.entry import launch\n"
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "store.py").write_text(code)
    monkeypatch.setitem(globals(), "SOURCE", tmp_path)
    with pytest.raises(AssertionError, match=r"commands\.entry"):
        test_no_import_runs_up(Path("storage/store.py"))


def test_no_figure_is_made_with_global_state():
    assert not [path for path in FILES if "pyplot" in (SOURCE / path).read_text().replace("without pyplot", "")]


def test_plugins_of_hydra_import_nothing_heavy_when_hydra_looks_for_them():
    code = "import sys; from hydra.core.plugins import Plugins; Plugins.instance(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in found.stdout.split()}
    assert "hydra_plugins" in loaded
    assert not loaded & {"torch", "pandas", "transformers", "wandb", "datasets", "joblib"}
