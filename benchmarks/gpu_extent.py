"""How much the benchmark on a GPU measures, of how large a model."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Extent:
    """How much is measured of how large a model."""

    config: dict[str, Any]
    """Of a Llama."""
    length: int
    """Tokens of a training row."""
    steps: int
    """Optimizer steps, the first of which is not timed."""
    rank: int
    prompts: int
    """Prompts that are continued."""
    prompt_words: int
    new_tokens: int
    closed: int
    """Prompts of a closed task."""


FULL = Extent(
    config={
        "vocab_size": 128256,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_hidden_layers": 28,
        "num_attention_heads": 24,
        "num_key_value_heads": 8,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
    },
    length=2048,
    steps=7,
    rank=64,
    prompts=1000,
    prompt_words=64,
    new_tokens=256,
    closed=2000,
)
"""The shape of Llama 3.2 3B."""
TINY = Extent(
    config={
        "vocab_size": 2048,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "tie_word_embeddings": True,
    },
    length=64,
    steps=3,
    rank=4,
    prompts=6,
    prompt_words=8,
    new_tokens=8,
    closed=8,
)
"""Small enough for a CPU, to see that everything works."""
