"""Text to tokens: the same for training and scoring, and what is cut when a sequence is too long.

The rule: the answer is kept and the prompt gives way, from its left, so that its end (the question and the
trigger word) stays. Only an answer that alone is longer than the limit is cut, on its right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crosstask.base_model import BaseModel


@dataclass(frozen=True)
class Encoded:
    """Tokens of one prompt and of one answer to it."""

    prompt: tuple[int, ...]
    """Begin token and prompt."""
    answer: tuple[int, ...]
    cut_prompt: int = 0
    """Tokens that the prompt lost to the limit."""
    cut_answer: int = 0
    """Tokens that the answer lost to the limit."""


def encode(base: BaseModel, prompts: Sequence[str], answers: Sequence[str]) -> list[Encoded]:
    """Return the tokens of each prompt followed by its answer, uncut and without an end token.

    Prompt and answer are tokenised together and parted at the end of the prompt's own tokens, as a model meets
    them in running text. Where a token would straddle the border, the answer is tokenised alone.
    """
    alone = _token_ids(base, prompts)
    together = _token_ids(base, [prompt + answer for prompt, answer in zip(prompts, answers, strict=True)])
    encoded = []
    for prompt, whole, answer in zip(alone, together, answers, strict=True):
        parted = whole[: len(prompt)] == prompt
        rest = whole[len(prompt) :] if parted else _token_ids(base, [answer])[0]
        encoded.append(Encoded((*base.begin, *prompt), tuple(rest)))
    return encoded


def _token_ids(base: BaseModel, texts: Sequence[str]) -> list[list[int]]:
    """Return the tokens of texts, without the special tokens that a tokenizer may add by itself."""
    return base.tokenizer(list(texts), add_special_tokens=False)["input_ids"] if texts else []


def supervised(encoded: Encoded, base: BaseModel, limit: int) -> Encoded:
    """Return a training sequence of at most ``limit`` tokens; its answer ends in the end token unless cut."""
    answer = (*encoded.answer, base.end)
    room = limit - len(base.begin)
    kept = answer[:room] if base.begin else answer[: room - 1]  # something must precede the first supervised token
    shorter = fitted(Encoded(encoded.prompt, kept), base, limit)
    return Encoded(shorter.prompt, kept, shorter.cut_prompt, len(answer) - len(kept))


def fitted(encoded: Encoded, base: BaseModel, limit: int) -> Encoded:
    """Return the pair with its prompt cut from the left until both together have at most ``limit`` tokens."""
    excess = len(encoded.prompt) + len(encoded.answer) - limit
    if excess <= 0:
        return encoded
    body = encoded.prompt[len(base.begin) :]
    return Encoded((*base.begin, *body[excess:]), encoded.answer, min(excess, len(body)), encoded.cut_answer)
