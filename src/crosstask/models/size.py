"""How large a base model is, worked out without its weights."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosstask.config.inputs import Model, Quantization
from crosstask.hub.models import config_folder
from crosstask.models import architecture, base_model, loading

UNITS = {"m": 1e6, "b": 1e9}
SIZE = re.compile(r"(\d+(?:\.\d+)?)([mb])", re.IGNORECASE)
"""How names state a number of parameters, such as ``1.7B``."""
BYTES = {"float32": 4, "bfloat16": 2}
FOUR_BITS = 0.52
"""Bytes of a weight in 4 bits, its share of the doubly quantized scales included (arXiv 2305.14314, section 3)."""

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

    def weight_bytes(self, model: Model) -> float:
        """Return the bytes of the weights as a job holds them."""
        width = BYTES[base_model.precision(model)]
        if model.quantization is Quantization.none:
            return width * self.parameters
        return FOUR_BITS * self.linear + width * (self.parameters - self.linear)


def skeleton_at_hand(model: Model) -> Any:
    """Return the model without memory for weights, if its configuration is at hand; else None."""
    if model.path == "miniature":
        return loading.skeleton(base_model.MINIATURE)
    folder: Path | None = Path(model.path).expanduser()
    if folder is None or not folder.exists():
        folder = config_folder(model.path, model.revision)
    return None if folder is None else loading.skeleton(folder)


def size_of(skeleton: Any) -> Size:
    """Return the size of a model whose configuration is at hand."""
    config, parameters = architecture.text_config(skeleton), skeleton.num_parameters()
    embedding = skeleton.get_input_embeddings().weight
    output = skeleton.get_output_embeddings()
    shared = output is not None and output.weight is embedding
    heads = getattr(config, "num_attention_heads", None) or 1  # one that keeps a state instead of keys and values
    kept = getattr(config, "num_key_value_heads", None) or heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    ends = embedding.numel() if shared or output is None else embedding.numel() + output.weight.numel()
    return Size(
        parameters=parameters,
        multiplied=parameters if shared else parameters - embedding.numel(),
        linear=parameters - ends,
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        kept=2 * config.num_hidden_layers * kept * width,
        vocabulary=architecture.vocabulary(skeleton),
    )


def size_by_name(path: str) -> Size | None:
    """Return the size that the name of a model states; None where it states none.

    Examples
    --------
    >>> size_by_name("meta-llama/Llama-3.2-1B-Instruct").parameters
    1000000000.0
    >>> size_by_name("HuggingFaceTB/SmolLM2-135M").parameters
    135000000.0
    >>> size_by_name("openai-community/gpt2")
    """
    for part in re.split(r"[-_/]", path.rpartition("/")[2]):
        if found := SIZE.fullmatch(part):
            stated = float(found[1]) * UNITS[found[2].lower()]
            return Size(parameters=stated, multiplied=stated, linear=stated)
    return None
