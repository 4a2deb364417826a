"""A causal language model in memory, and how large it is."""

from dataclasses import dataclass
from typing import Any

ACTIVATIONS, LOGITS = 17, 12
"""Bytes of a token: those of a layer, for each byte of its width; and for each token of the vocabulary."""


@dataclass(frozen=True)
class Size:
    """How large a model is."""

    parameters: float
    multiplied: float
    """Parameters that every token is multiplied with: all but an input embedding that is no output layer too."""
    linear: float
    """Parameters of the linear layers in it, which can be stored in 4 bits."""
    layers: int | None = None
    hidden: int | None = None
    """Width of the layers; these two, and what follows, are None where only the name tells the number of parameters."""
    kept: int | None = None
    """Numbers that are kept of a token in generation: its keys and values."""
    vocabulary: int | None = None

    @property
    def is_by_name(self) -> bool:
        """Whether it is only what the model's name states."""
        return self.layers is None

    def training_token_bytes(self, width: int, checkpointing: bool = False) -> float:
        """Return the bytes of a token of a training's forward pass; ``width``: bytes of a number.

        ACTIVATIONS * width of the model in each layer (Korthikanti et al. 2022, arXiv 2205.05198, without the attention
        matrix), with checkpointing 1 * width in each layer and one whole layer; LOGITS for each token of the
        vocabulary.
        """
        assert self.layers is not None
        assert self.hidden is not None
        assert self.vocabulary is not None
        layers = self.layers + ACTIVATIONS if checkpointing else ACTIVATIONS * self.layers
        return layers * self.hidden * width + LOGITS * self.vocabulary

    def scoring_token_bytes(self, width: int, probabilities: float = 0.0) -> float:
        """Return the bytes of a token of a scoring's forward pass: keys and values, and one layer's activations.

        ``probabilities``: for how many tokens, of each token, those of the next one are computed.
        """
        assert self.kept is not None
        assert self.hidden is not None
        assert self.vocabulary is not None
        return width * (self.kept + ACTIVATIONS * self.hidden) + probabilities * LOGITS * self.vocabulary


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
    size: Size | None = None
    """How large the model is; None where its configuration does not say it in the usual way."""
    stateless: bool = False
    """Whether generation must read the whole sequence for each token: the state that transformers keeps is wrong."""
