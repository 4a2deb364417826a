"""The embedding of a data set by a sentence-transformers model, besides the one by the base model."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.fingerprint import file_hash, fingerprint
from crosstask.hub.models import folder_or_model


@lru_cache
def encoder_folder(encoder: str) -> Path:
    """Return the folder that holds a sentence-transformers model; one on the Hub is downloaded.

    Raises
    ------
    UserError
        If the package is not installed, or there is no such model.
    """
    if find_spec("sentence_transformers") is None:
        raise UserError(f"encoder={encoder}: needs sentence-transformers; pip install -e '.[encoder]' adds it")
    folder = folder_or_model(encoder, "encoder")
    if not (folder / "modules.json").exists():
        raise UserError(f"encoder={encoder}: no sentence-transformers model there; {folder} lacks modules.json")
    return folder


@lru_cache
def encoder_identity(encoder: str) -> str:
    """Return the fingerprint of a sentence-transformers model's files."""
    folder = encoder_folder(encoder)
    return fingerprint({str(path.relative_to(folder)): file_hash(path) for path in _files(folder)})


def mean_embedding(encoder: str, prompts: Sequence[str]) -> list[float]:
    """Return the mean of a sentence-transformers model's embeddings of prompts, each scaled to length 1.

    Raises
    ------
    UserError
        If the model cannot be loaded.
    """
    vectors = _load(encoder_folder(encoder)).encode(list(prompts), normalize_embeddings=True, show_progress_bar=False)
    return vectors.astype(float).mean(axis=0).tolist()


@lru_cache(maxsize=1)
def _load(folder: Path) -> Any:
    """Load a model once per process."""
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder))
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise UserError(f"encoder={folder}: cannot be loaded: {' '.join(str(error).split())}") from error


def _files(folder: Path) -> list[Path]:
    """Return the files that make up a model: all but its descriptions, which change nothing that it computes."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
