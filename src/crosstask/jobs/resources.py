"""The time and the memory that a job takes on this machine: rules of thumb, good for orders of magnitude.

Time, with N parameters that a token is multiplied with (Kaplan et al. 2020, arXiv 2001.08361, section 2.1, in which a
forward pass is 2 N operations a token and a backward pass twice that)::

    training    4 N a token: forward 2 N, gradients of activations 2 N; frozen weights need no gradients of their own
                (2 N more with trainer.gradient_checkpointing, which computes activations again)
    scoring     2 N a token

at SHARE of the speed of a matrix product as wide as the model's layers, which is timed on this machine.

Memory, in bytes::

    weights     parameters, by model.precision and model.quantization
    adapter     16 a trained parameter: float32 weight, gradient, and both moments of AdamW; 4 in scoring
    training    for each token of a forward pass 17 * width * bytes a layer (Korthikanti et al. 2022, arXiv 2205.05198,
                without the attention matrix; with trainer.gradient_checkpointing 1 * width * bytes a layer and one
                whole layer), and 12 for each token of the vocabulary
    scoring     for each token of a forward pass its keys and values, and one layer's activations
"""

from dataclasses import dataclass
from typing import Any

from crosstask.config.inputs import Model
from crosstask.config.job import TrainConfig
from crosstask.config.training import Strategy
from crosstask.jobs.ahead import Training
from crosstask.jobs.amount import UNKNOWN, Amount, about
from crosstask.models import base_model, machine
from crosstask.models.adapters import trained_parameters
from crosstask.models.architecture import size_of
from crosstask.models.language_model import Size
from crosstask.models.pass_tokens import MOST_TRAINED, ON_CPU, Pass, expected_pass_tokens
from crosstask.models.size import BYTES, size_by_name, skeleton_at_hand, weight_bytes

SHARE = 0.5
"""Of the speed of a matrix product that a whole pass reaches."""
TYPICAL_WIDTH = 2048
"""Width of a model of which only the name tells the size."""
TRAINED, KEPT = 16, 4
"""Bytes of a parameter of an adapter, in training and in scoring."""


@dataclass(frozen=True)
class ModelAhead:
    """How large a job's model and adapter are."""

    size: Size | None
    """None where neither files at hand nor the model's name tell."""
    trained: int | None
    """Parameters of the adapter; None where the model's configuration is not at hand."""
    model: Model


def model_ahead(config: TrainConfig) -> ModelAhead:
    """Return how large a job's model and adapter are; errors are those of the adapter."""
    skeleton: Any = skeleton_at_hand(config.model)
    if skeleton is None:
        return ModelAhead(size_by_name(config.model.path), None, config.model)
    return ModelAhead(
        size_of(skeleton) or size_by_name(config.model.path), trained_parameters(skeleton, config.lora), config.model
    )


def seconds(ahead: ModelAhead, config: TrainConfig, training: Training | None, scored: Amount) -> Amount:
    """Return the time that a training, if any, and the scoring of so many tokens take."""
    if ahead.size is None:
        return UNKNOWN
    passes, forward = (6 if config.trainer.gradient_checkpointing else 4), scored * 2.0
    if training is not None:
        forward += (training.tokens * passes + training.evaluated * 2) * (1 / config.trainer.devices)
    return (forward * (ahead.size.multiplied / (SHARE * speed(ahead)))).estimated


def speed(ahead: ModelAhead) -> float:
    """Return the operations per second of a product as wide as the model's layers."""
    assert ahead.size is not None
    tokens = ON_CPU[Pass.training] if machine.device() == "cpu" else MOST_TRAINED
    threads = base_model.threads(int(ahead.size.parameters))
    return machine.speed(tokens, ahead.size.hidden or TYPICAL_WIDTH, base_model.precision(ahead.model), threads)


def memory(ahead: ModelAhead, config: TrainConfig, training: Training | None, scores: bool) -> Amount:
    """Return the most memory of one device that a job takes, in bytes; 0 where it needs no model."""
    if training is None and not scores:
        return Amount()
    size = ahead.size
    if size is None:
        return UNKNOWN
    parts = config.trainer.devices if config.trainer.strategy is Strategy.fsdp else 1
    weights = weight_bytes(size, config.model)
    if size.is_by_name or ahead.trained is None:
        return about(weights) + UNKNOWN
    found = []
    if training is not None:
        found.append((weights + TRAINED * ahead.trained) / parts + _training_bytes(size, config, training))
    if scores:
        found.append(weights + KEPT * ahead.trained + _scoring_bytes(size, config))
    return about(max(found))


def _training_bytes(size: Size, config: TrainConfig, training: Training) -> float:
    """Return the bytes of the activations of a training's largest forward pass."""
    trainer, width = config.trainer, BYTES[base_model.precision(config.model)]
    expected = expected_pass_tokens(
        size, Pass.training, width, weight_bytes(size, config.model), trainer.gradient_checkpointing
    )
    tokens = min(max(trainer.batch_tokens or expected, training.longest), trainer.batch_size * training.longest)
    return tokens * size.training_token_bytes(width, trainer.gradient_checkpointing)


def _scoring_bytes(size: Size, config: TrainConfig) -> float:
    """Return the bytes of keys, values and activations of a scoring's largest forward pass."""
    width, weights = BYTES[base_model.precision(config.model)], weight_bytes(size, config.model)
    expected = expected_pass_tokens(size, Pass.generation, width, weights)
    return (config.scoring.batch_tokens or expected) * size.scoring_token_bytes(width)


def device_words() -> str:
    """Return what this machine computes with, and its memory."""
    names, memory = machine.gpus(), machine.memory()
    kind = f"{len(names)} x {names[0]}" if names else "the CPU"
    return kind if memory is None else f"{kind} with {memory / 1e9:.1f} GB"
