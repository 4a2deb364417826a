"""Text to tokens to batches: the same for training and inference, and what is cut when a sequence is too long.

The rule: the answer is kept and the prompt gives way, from its left, so that its end (the question and the
trigger word) stays. Only an answer that alone is longer than the limit is cut, on its right.

With ``model.chat_template`` a prompt is the user's turn in the tokenizer's own chat template, and the answer is what
the template leaves for the assistant to write. The template then decides on the begin token, and its opening (what
stands before the user's words) is kept whatever is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch.nn.utils.rnn import pad_sequence

from crosstask.errors import UserError
from crosstask.models.control_tokens import count_control_tokens, plain_token_ids, shielded
from crosstask.models.framing import framed
from crosstask.models.language_model import BaseModel


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
    opening: int = 0
    """Tokens of a chat template before the user's words; they are never cut."""
    control_tokens: int = 0
    """Control tokens that prompt and answer hold, whatever they are read as."""
    straddled: bool = False
    """Whether running text would have a token across the boundary, so that the answer was tokenized alone."""


def encode(
    base: BaseModel, prompts: Sequence[str], answers: Sequence[str], systems: Sequence[str] | None = None
) -> list[Encoded]:
    """Return the tokens of each prompt followed by its answer, uncut and without an end token.

    ``systems`` has for each prompt what stands before it, or an empty text: the system's turn of the chat template, and
    without one a paragraph of its own, which like that turn is never cut.

    Prompt and answer are tokenized jointly and split at the prompt boundary, the end of the prompt's own tokens, as a
    model meets them in running text. Where a token would straddle the boundary (a prompt that ends in a space, say),
    the answer is tokenized alone, and ``straddled`` tells. Control tokens in them are plain text unless ``base`` keeps
    them.

    Raises
    ------
    UserError
        If the tokenizer's chat template refuses a prompt.
    """
    systems = systems or [""] * len(prompts)
    counts = _control_tokens(base, prompts, answers, systems)
    if not base.keeps_control_tokens and any(counts):
        prompts, answers, systems = (
            [shielded(base.tokenizer, text) for text in texts] for texts in (prompts, answers, systems)
        )
    texts, openings = framed(base, prompts, systems)
    once = list(dict.fromkeys(texts))  # a closed question comes with each of its labels
    tokens = dict(zip(once, _token_ids(base, once), strict=True))
    different = [opening for opening in dict.fromkeys(openings) if opening]
    opening_tokens = {"": [], **dict(zip(different, _token_ids(base, different), strict=True))}
    together = _token_ids(base, [text + answer for text, answer in zip(texts, answers, strict=True)])
    encoded = []
    for text, opening, whole, answer, count in zip(texts, openings, together, answers, counts, strict=True):
        alone = tokens[text]
        straddled = whole[: len(alone)] != alone
        rest = _token_ids(base, [answer])[0] if straddled else whole[len(alone) :]
        shared = _shared(opening_tokens[opening], alone)
        prompt = (*base.begin, *alone)
        encoded.append(Encoded(prompt, tuple(rest), opening=shared, control_tokens=count, straddled=straddled))
    return encoded


def encode_texts(base: BaseModel, texts: Sequence[str]) -> list[tuple[tuple[int, ...], int]]:
    """Return the tokens of plain texts, no turns of any template, and how many control tokens each holds."""
    counts = count_control_tokens(base.tokenizer, texts)
    if not base.keeps_control_tokens and any(counts):
        texts = [shielded(base.tokenizer, text) for text in texts]
    return [(tuple(tokens), count) for tokens, count in zip(_token_ids(base, texts), counts, strict=True)]


def _control_tokens(
    base: BaseModel, prompts: Sequence[str], answers: Sequence[str], systems: Sequence[str]
) -> list[int]:
    """Return how many control tokens each prompt, its answer and what stands before it hold together."""
    joined = (f"{system}\n{prompt}\n{answer}" for system, prompt, answer in zip(systems, prompts, answers, strict=True))
    return count_control_tokens(base.tokenizer, joined)


def _shared(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common from their start."""
    same = [a == b for a, b in zip(first, second, strict=False)]
    return same.index(False) if False in same else len(same)


def _token_ids(base: BaseModel, texts: Sequence[str]) -> list[list[int]]:
    """Return the tokens of texts, without the special tokens that a tokenizer may add by itself."""
    found = plain_token_ids(base.tokenizer, texts)
    if len(base.tokenizer) > base.vocabulary:
        _check_embedded(base, found)
    return found


def _check_embedded(base: BaseModel, tokens: Sequence[Sequence[int]]) -> None:
    """Refuse tokens that a model has no embedding of, as those added to a tokenizer after its training."""
    if unknown := {token for of_text in tokens for token in of_text if token >= base.vocabulary}:
        token = min(unknown)
        raise UserError(
            f"a text has the token {base.tokenizer.convert_ids_to_tokens(token)!r} (number {token}), and the base model"
            f" has embeddings of {base.vocabulary} tokens only: model and tokenizer do not fit together"
        )


def check_preceded(pairs: Sequence[Encoded]) -> None:
    """Refuse prompts without a token: the model says nothing about the first token of a text.

    Raises
    ------
    UserError
        If there is one.
    """
    if not all(pair.prompt for pair in pairs):
        raise UserError(
            "a prompt is empty, and the base model's tokenizer puts no begin token before a text: nothing is there for"
            " an answer to follow"
        )


def training_sequence(encoded: Encoded, base: BaseModel, limit: int) -> Encoded:
    """Return a sequence to train on, of at most ``limit`` tokens; its answer ends in the end token unless cut.

    The answer is empty where the opening of a chat template leaves no room for it.
    """
    answer = (*encoded.answer, base.end)
    fixed = _never_cut(encoded, base)
    # Something must precede the first supervised token, if there is a prompt to leave something of.
    kept = answer[: max(0, limit - (fixed or min(1, len(encoded.prompt))))]
    shorter = truncate_prompt(replace(encoded, answer=kept), base, limit)
    return replace(shorter, cut_answer=len(answer) - len(kept))


def truncate_prompt(encoded: Encoded, base: BaseModel, limit: int) -> Encoded:
    """Return the pair with its prompt cut from the left until both together have at most ``limit`` tokens.

    The begin token and the opening of a chat template stay, even where that is more than the limit.
    """
    excess = len(encoded.prompt) + len(encoded.answer) - limit
    if excess <= 0:
        return encoded
    fixed = _never_cut(encoded, base)
    body = encoded.prompt[fixed:]
    return replace(encoded, prompt=(*encoded.prompt[:fixed], *body[excess:]), cut_prompt=min(excess, len(body)))


def _never_cut(encoded: Encoded, base: BaseModel) -> int:
    """Return how many tokens at the start of a prompt stay whatever is cut."""
    return len(base.begin) + encoded.opening


def pad_batch(sequences: Sequence[Sequence[int]], pad: int, *, left: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad sequences to a batch: token ids and mask (1 for tokens, 0 for padding), each of shape (sequences, longest).

    Examples
    --------
    >>> ids, mask = pad_batch([[7], [8, 9]], pad=0, left=True)
    >>> ids.tolist(), mask.tolist()
    ([[0, 7], [8, 9]], [[0, 1], [1, 1]])
    """
    side = "left" if left else "right"
    rows = [torch.tensor(tokens, dtype=torch.long) for tokens in sequences]
    ids = pad_sequence(rows, batch_first=True, padding_value=pad, padding_side=side)
    mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True, padding_side=side)
    return ids, mask
