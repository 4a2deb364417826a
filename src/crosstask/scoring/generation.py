"""Open tasks: greedy continuations of prompts."""

import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from crosstask.base_model import BaseModel
from crosstask.config import Generation
from crosstask.padding import padded
from crosstask.scoring.portions import CONTINUOUS_TOKENS, TOKENS
from crosstask.tokens import encode, fitted


@dataclass(frozen=True)
class Output:
    """What the model said after one prompt."""

    text: str
    tokens: int
    """Length, without the end token."""
    stopped: bool
    """Whether it ended by itself, within the limit."""
    cut: int
    """Tokens that the prompt lost to the model's context."""


class Generator(Protocol):
    """What continues prompts greedily; another engine needs no more than this."""

    def __call__(self, base: BaseModel, model: Any, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
        """Return at most ``limit`` tokens after each prompt; what follows an end token is ignored."""
        ...


class OpenQuestions:
    """Prompts to be continued by at most ``max_new_tokens`` tokens and half the context."""

    def __init__(
        self,
        base: BaseModel,
        prompts: Sequence[str],
        max_new_tokens: int,
        generation: Generation | Generator = Generation.batch,
    ) -> None:
        self.base = base
        self.generator = GENERATORS[generation] if isinstance(generation, Generation) else generation
        self.limit = min(max_new_tokens, base.context // 2)
        pairs = encode(base, prompts, [""] * len(prompts))
        self.pairs = [fitted(pair, base, base.context - self.limit) for pair in pairs]
        self.lengths = [len(pair.prompt) + self.limit for pair in self.pairs]
        """Tokens that each question needs room for."""
        self.pass_tokens = CONTINUOUS_TOKENS if generation is Generation.continuous else TOKENS

    def ask(self, model: Any, members: Sequence[int]) -> list[Output]:
        """Return the continuations of some of the prompts."""
        pairs = [self.pairs[member] for member in members]
        said = self.generator(self.base, model, [pair.prompt for pair in pairs], self.limit)
        return [self._output(tokens, pair.cut_prompt) for tokens, pair in zip(said, pairs, strict=True)]

    def _output(self, tokens: list[int], cut: int) -> Output:
        """Return the output up to the first end token."""
        end = next((i for i, token in enumerate(tokens) if token in self.base.ends), None)
        said = tokens if end is None else tokens[:end]
        return Output(self.base.tokenizer.decode(said, skip_special_tokens=True), len(said), end is not None, cut)


@torch.inference_mode()
def in_batches(base: BaseModel, model: Any, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    """Generate with transformers, in one batch with a cache of keys and values."""
    ids, mask = padded(prompts, base.pad, left=True)
    device = next(model.parameters()).device
    whole = model.generate(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        do_sample=False,
        max_new_tokens=limit,
        eos_token_id=list(base.ends),
        pad_token_id=base.pad,
    )
    return whole[:, ids.shape[1] :].tolist()


def continuously(base: BaseModel, model: Any, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    """Generate with transformers' continuous batching.

    Raises
    ------
    RuntimeError
        If an answer is missing: transformers itself only logs that.
    """
    logging.getLogger("ContinuousBatchingLogger").setLevel(logging.WARNING)  # it tells of every step of its set-up
    settings = deepcopy(model.generation_config)
    settings.update(do_sample=False, max_new_tokens=limit, eos_token_id=list(base.ends), pad_token_id=base.pad)
    said = model.generate_batch([list(prompt) for prompt in prompts], generation_config=settings)
    errors = [output.error for output in said.values() if output.error is not None]
    if errors or len(said) < len(prompts):
        answered = len(said) - len(errors)
        raise RuntimeError(f"continuous batching answered {answered} of {len(prompts)} prompts: {errors[:1]}")
    return [output.generated_tokens for output in said.values()]  # in the order of the prompts


GENERATORS: dict[Generation, Generator] = {Generation.batch: in_batches, Generation.continuous: continuously}
