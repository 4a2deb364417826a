"""Open tasks: greedy continuations of prompts."""

import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from crosstask.config import Generation
from crosstask.evaluation.batching import CONTINUOUS_TOKENS, TOKENS
from crosstask.models.base_model import BaseModel
from crosstask.models.padding import padded
from crosstask.models.tokenization import encode, fitted

STRETCH = 16
"""New tokens after which answers that have ended leave a batch; the others' keys and values are copied then."""


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
        end = self.base.ends_in(tokens)
        said = tokens if end is None else tokens[:end]
        return Output(self.base.tokenizer.decode(said, skip_special_tokens=True), len(said), end is not None, cut)


@torch.inference_mode()
def in_batches(base: BaseModel, model: Any, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    """Generate with transformers, in one batch with a cache of keys and values; answers that end leave the batch."""
    ids, mask = (part.to(next(model.parameters()).device) for part in padded(prompts, base.pad, left=True))
    said: list[list[int]] = [[] for _ in prompts]
    asked, cache = list(range(len(prompts))), None
    while asked:
        room = limit - len(said[asked[0]])
        grown = model.generate(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=cache,
            do_sample=False,
            max_new_tokens=min(STRETCH, room),
            eos_token_id=list(base.ends),
            pad_token_id=base.pad,
            return_dict_in_generate=True,
        )
        new, cache = grown.sequences[:, ids.shape[1] :], grown.past_key_values
        for question, tokens in zip(asked, new.tolist(), strict=True):
            said[question] += tokens
        open_rows = [row for row, question in enumerate(asked) if base.ends_in(said[question]) is None]
        if room <= STRETCH or not open_rows:
            break
        kept = torch.tensor(open_rows, device=ids.device)
        cache.batch_select_indices(kept)
        ids, mask = grown.sequences[kept], torch.cat([mask, torch.ones_like(new)], dim=1)[kept]
        asked = [asked[row] for row in open_rows]
    return said


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
    graphs = model.device.type == "cuda"  # they are what warming up is for
    said = model.generate_batch([list(prompt) for prompt in prompts], generation_config=settings, warmup=graphs)
    errors = [output.error for output in said.values() if output.error is not None]
    if errors or len(said) < len(prompts):
        answered = len(said) - len(errors)
        raise RuntimeError(f"continuous batching answered {answered} of {len(prompts)} prompts: {errors[:1]}")
    return [output.generated_tokens for output in said.values()]  # in the order of the prompts


GENERATORS: dict[Generation, Generator] = {Generation.batch: in_batches, Generation.continuous: continuously}
