"""A causal language model in memory."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BaseModel:
    """A causal language model in memory, with what is needed to use it."""

    identity: str
    """Fingerprint of weights, configuration, tokenizer, precision, quantization and way of rendering prompts."""
    model: Any
    """transformers model, frozen, in eval mode."""
    tokenizer: Any
    context: int
    """Longest sequence, in tokens."""
    begin: tuple[int, ...]
    """Tokens that every sequence starts with: the begin token, or nothing (also where a chat template writes it)."""
    end: int
    """The token that ends an answer, in training and in generation."""
    ends: tuple[int, ...]
    """All tokens at which generation stops."""
    pad: int
    """Token that fills up a batch; masked everywhere, so any will do."""
    vocabulary: int
    """Number of tokens that it has an embedding of."""
    chat_template: bool = False
    """Whether prompts are rendered with the tokenizer's own chat template."""
    keeps_control_tokens: bool = False
    """Whether texts in data that are control tokens are read as such; else as plain text."""
    quantized: bool = False
    """Whether weights are stored in fewer bits than arithmetic has; nothing can be added to such weights."""
    unpadded: bool = False
    """Whether sequences of a batch must be equally long: the model keeps more of them than keys and values."""
    stateless: bool = False
    """Whether generation must read the whole sequence for each token: the state that transformers keeps is wrong."""
