"""Generated text: greedy continuations of prompts."""

import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from crosstask.config.scoring import Generation
from crosstask.errors import UserError
from crosstask.evaluation.stop_tokens import StopTokens
from crosstask.evaluation.unpadded import UnpaddedGenerator
from crosstask.models.language_model import BaseModel
from crosstask.models.pass_tokens import Pass, pass_tokens
from crosstask.models.tokenization import Encoded, check_preceded, encode, pad_batch, truncate_prompt

STRETCH = 16
"""New tokens after which sequences that have ended leave a batch; the others' keys and values are copied then."""
CONTINUOUS_TOKENS = 2**19
"""Tokens of a batch for continuous batching, which divides it by itself: so often its outputs come back."""


@dataclass(frozen=True)
class Continuation:
    """What the model generates after one prompt."""

    text: str
    tokens: int
    """Length, without the end token."""
    stopped: bool
    """Whether it ended by itself, within the limit."""
    cut: int
    """Tokens that the prompt lost to the model's context."""
    control_tokens: int = 0
    """Control tokens that the prompt holds as text."""

    def columns(self) -> dict[str, Any]:
        """Return it as the columns of a row of outputs."""
        return {
            "text": self.text,
            "output_tokens": self.tokens,
            "stopped": self.stopped,
            "prompt_cut": self.cut,
            "control_tokens": self.control_tokens,
        }


class Generator(Protocol):
    """What continues prompts greedily; another engine needs no more than this."""

    def __call__(self, model: Any, prompts: Sequence[Sequence[int]], limit: int, stop: StopTokens) -> list[list[int]]:
        """Return at most ``limit`` tokens after each prompt; what follows an end token is ignored."""
        ...


class GenerationRequests:
    """Prompts to be continued by at most ``max_new_tokens`` tokens and half the context."""

    def __init__(
        self,
        base: BaseModel,
        prompts: Sequence[str],
        max_new_tokens: int,
        generation: Generation | Generator = Generation.batch,
        systems: Sequence[str] | None = None,
    ) -> None:
        self.tokenizer = base.tokenizer
        self.stop = StopTokens(base.ends, base.pad)
        self.generator = _generator(base, generation) if isinstance(generation, Generation) else generation
        self.limit = min(max_new_tokens, base.context // 2)
        pairs = encode(base, prompts, [""] * len(prompts), systems)
        check_preceded(pairs)
        self.pairs = [truncate_prompt(pair, base, base.context - self.limit) for pair in pairs]
        self.lengths = [len(pair.prompt) + self.limit for pair in self.pairs]
        """Tokens that each request takes up, its longest continuation included."""
        continuous = generation is Generation.continuous
        self.batch_tokens = CONTINUOUS_TOKENS if continuous else pass_tokens(base, Pass.generation)

    def run(self, model: Any, members: Sequence[int]) -> list[Continuation]:
        """Return the continuations of some of the prompts."""
        pairs = [self.pairs[member] for member in members]
        generated = self.generator(model, [pair.prompt for pair in pairs], self.limit, self.stop)
        return [self._continuation(tokens, pair) for tokens, pair in zip(generated, pairs, strict=True)]

    def _continuation(self, tokens: list[int], pair: Encoded) -> Continuation:
        """Return the continuation up to the first end token."""
        end = self.stop.first_end(tokens)
        kept = tokens if end is None else tokens[:end]
        text = self.tokenizer.decode(kept, skip_special_tokens=True)
        return Continuation(text, len(kept), end is not None, pair.cut_prompt, pair.control_tokens)


@torch.inference_mode()
def generate_in_batch(model: Any, prompts: Sequence[Sequence[int]], limit: int, stop: StopTokens) -> list[list[int]]:
    """Generate with transformers, in one batch with a cache of keys and values; sequences that end leave the batch."""
    ids, mask = (part.to(next(model.parameters()).device) for part in pad_batch(prompts, stop.pad, left=True))
    generated: list[list[int]] = [[] for _ in prompts]
    running, cache = list(range(len(prompts))), None
    while running:
        room = limit - len(generated[running[0]])
        grown = model.generate(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=cache,
            do_sample=False,
            max_new_tokens=min(STRETCH, room),
            eos_token_id=list(stop.ends),
            pad_token_id=stop.pad,
            return_dict_in_generate=True,
        )
        new, cache = grown.sequences[:, ids.shape[1] :], grown.past_key_values
        for sequence, tokens in zip(running, new.tolist(), strict=True):
            generated[sequence] += tokens
        open_rows = [row for row, sequence in enumerate(running) if stop.first_end(generated[sequence]) is None]
        if room <= STRETCH or not open_rows:
            break
        kept = torch.tensor(open_rows, device=ids.device)
        cache.batch_select_indices(kept)
        ids, mask = grown.sequences[kept], torch.cat([mask, torch.ones_like(new)], dim=1)[kept]
        running = [running[row] for row in open_rows]
    return generated


def generate_continuously(
    model: Any, prompts: Sequence[Sequence[int]], limit: int, stop: StopTokens
) -> list[list[int]]:
    """Generate with transformers' continuous batching.

    Raises
    ------
    RuntimeError
        If a continuation is missing: transformers itself only logs that.
    """
    logging.getLogger("ContinuousBatchingLogger").setLevel(logging.WARNING)  # it logs every step of its set-up
    settings = deepcopy(model.generation_config)
    settings.update(do_sample=False, max_new_tokens=limit, eos_token_id=list(stop.ends), pad_token_id=stop.pad)
    graphs = model.device.type == "cuda"  # they are what warming up is for
    outputs = model.generate_batch([list(prompt) for prompt in prompts], generation_config=settings, warmup=graphs)
    errors = [output.error for output in outputs.values() if output.error is not None]
    if errors or len(outputs) < len(prompts):
        complete = len(outputs) - len(errors)
        raise RuntimeError(f"continuous batching returned {complete} of {len(prompts)} outputs: {errors[:1]}")
    return [output.generated_tokens for output in outputs.values()]  # in the order of the prompts


GENERATORS: dict[Generation, Generator] = {
    Generation.batch: generate_in_batch,
    Generation.continuous: generate_continuously,
}


def _generator(base: BaseModel, generation: Generation) -> Generator:
    """Return the generator of a name that can work with a base model; UserError where it cannot."""
    if not base.unpadded:
        return GENERATORS[generation]
    if generation is Generation.continuous:
        raise UserError(
            f"scoring.generation={generation}: {type(base.model).__name__} keeps more of a sequence than keys and"
            " values, which continuous batching cannot divide; scoring.generation=batch can"
        )
    return UnpaddedGenerator(base.stateless)
