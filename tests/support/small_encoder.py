"""A real sentence-transformers model, small and untrained."""

from importlib.util import find_spec
from pathlib import Path

import pytest


def write_encoder(folder: Path, model_folder: Path) -> str:
    """Write the tiny Llama with its hidden states averaged; a test is skipped where the package is not installed."""
    if find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed: pip install -e '.[encoder]'")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    words = Transformer(str(model_folder))
    words.tokenizer.pad_token = words.tokenizer.eos_token
    pooling = Pooling(words.get_embedding_dimension(), pooling_mode="mean")
    SentenceTransformer(modules=[words, pooling], device="cpu").save(str(folder))
    return str(folder)
