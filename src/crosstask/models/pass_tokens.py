"""Tokens of a forward pass: on a GPU as many as its free memory has room for, chosen once per process.

A pass needs for each of its tokens, in bytes (`Size.training_token_bytes`, `Size.scoring_token_bytes`) ::

    training      the activations of all layers and the probabilities of the next token
    likelihoods   keys, values and one layer's activations; the probabilities after a prompt, of SHORTEST tokens or more
    texts         the same, with the probabilities after every token
    generation    keys and values of prompt and output, and one layer's activations

and gets SHARE of the memory that is free once the weights are there. Which sequences are computed together changes no
result but for rounding; the number is a power of two, so that what else lies in the memory seldom changes it. Where it
still was too many, scoring halves a pass that does not fit.

On a CPU more tokens would be more padding only: there it is a number that keeps the cores busy.
"""

from collections.abc import Mapping
from enum import StrEnum

from crosstask.models.language_model import BaseModel, Size
from crosstask.models.machine import device, free_memory, memory


class Pass(StrEnum):
    """What a forward pass is for."""

    training = "training"
    likelihoods = "likelihoods"
    texts = "texts"
    generation = "generation"


ON_CPU = {Pass.training: 512, Pass.likelihoods: 1024, Pass.texts: 1024, Pass.generation: 8192}
"""Likelihoods gain nothing by more than the caches hold; generation gains by more sequences."""
SHARE = 0.6
"""Of the free memory: the rest is for an adapter with its optimizer, for copies, and for what lies between tensors."""
SHORTEST = 16
"""Tokens of a prompt, at least; of more, there are fewer prompts in a pass, and fewer probabilities after one."""
LEAST, MOST = 512, 2**17
"""No pass is planned with fewer tokens, and more keep no GPU busier."""
MOST_TRAINED = 8192
"""The same of training, which cannot halve a pass that does not fit; also where a model's size is not known, and on
several GPUs, whose processes must divide a step alike, whatever memory each of them has free."""

_chosen: dict[tuple[str, Pass, bool], int] = {}


def pass_tokens(base: BaseModel, kind: Pass, checkpointing: bool = False) -> int:
    """Return the tokens of a forward pass, padding included; the same for as long as the process lives.

    Parameters
    ----------
    base
        The model, on its device.
    kind
        What the pass is for.
    checkpointing
        In training: whether activations are computed twice instead of being kept.
    """
    key = base.identity, kind, checkpointing
    if key not in _chosen:
        _chosen[key] = _suitable(base, kind, checkpointing)
    return _chosen[key]


def chosen_pass_tokens(identity: str) -> Mapping[str, int]:
    """Return the tokens that this process has chosen for a base model, by what passes are for."""
    return {kind.value: tokens for (base, kind, _), tokens in _chosen.items() if base == identity}


def _suitable(base: BaseModel, kind: Pass, checkpointing: bool) -> int:
    """Return the tokens that suit the device."""
    place = next(base.model.parameters()).device
    if place.type != "cuda":
        return ON_CPU[kind]
    if base.size is None:
        return MOST_TRAINED
    a_token = token_bytes(base.size, kind, base.model.dtype.itemsize, checkpointing)
    return tokens_that_fit(SHARE * free_memory(place), a_token, _most(kind))


def expected_pass_tokens(size: Size, kind: Pass, width: int, weights: float, checkpointing: bool = False) -> int:
    """Return the tokens that will be chosen here for a model that is not loaded, with nothing else in the memory.

    Parameters
    ----------
    size, kind, checkpointing
        As elsewhere here.
    width
        Bytes of a number.
    weights
        Bytes of the model.
    """
    total = memory()
    if device() == "cpu" or total is None:
        return ON_CPU[kind]
    a_token = token_bytes(size, kind, width, checkpointing)
    return tokens_that_fit(SHARE * (total - weights), a_token, _most(kind))


def _most(kind: Pass) -> int:
    """Return the most tokens of a kind of pass."""
    return MOST_TRAINED if kind is Pass.training else MOST


def token_bytes(size: Size, kind: Pass, width: int, checkpointing: bool = False) -> float:
    """Return the bytes that a token of a pass takes up; ``width``: bytes of a number."""
    if kind is Pass.training:
        return size.training_token_bytes(width, checkpointing)
    probabilities = {Pass.likelihoods: 1 / SHORTEST, Pass.texts: 1.0, Pass.generation: 1 / SHORTEST}[kind]
    return size.scoring_token_bytes(width, probabilities)


def tokens_that_fit(memory: float, a_token: float, most: int = MOST) -> int:
    """Return a power of two of tokens that fit into memory, LEAST to ``most``.

    Examples
    --------
    >>> [tokens_that_fit(memory, 2e6) for memory in (1e6, 40e9, 1e15)]
    [512, 16384, 131072]
    """
    fitting = max(int(memory / a_token), 1)
    return min(max(1 << (fitting.bit_length() - 1), LEAST), most)
