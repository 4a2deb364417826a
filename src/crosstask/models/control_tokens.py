"""Control tokens in data: texts such as ``</s>`` or ``<|im_end|>``, which a tokenizer reads as tokens of their own.

A review that holds the end of a turn could close its own turn and write the answer. As plain text such a string is
tokenized like any other; those that a chat template writes stay what they are.

Before a text is rendered, its control tokens are replaced by characters that mean nothing, so that whatever control
tokens are found afterwards are the template's.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

FIRST = 0xF0000
"""First of the characters that stand for control tokens: Unicode's private use, no text has them."""


@lru_cache
def control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """Return the texts that a tokenizer reads as control tokens, longest first."""
    added = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    return tuple(sorted({*map(str, tokenizer.all_special_tokens), *added} - {""}, key=lambda text: (-len(text), text)))


@lru_cache
def _pattern(tokenizer: Any) -> re.Pattern[str]:
    """Return what finds control tokens in a text; nothing where the tokenizer has none."""
    return re.compile("|".join(map(re.escape, control_tokens(tokenizer))) or r"(?!)")


def count_control_tokens(tokenizer: Any, texts: Iterable[str]) -> list[int]:
    """Return how many control tokens each text holds."""
    pattern = _pattern(tokenizer)
    return [len(pattern.findall(text)) for text in texts]


def shielded(tokenizer: Any, text: str) -> str:
    """Return a text whose control tokens are characters that mean nothing."""
    known = control_tokens(tokenizer)
    return _pattern(tokenizer).sub(lambda found: chr(FIRST + known.index(found[0])), text)


def plain_token_ids(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return the tokens of shielded texts: what was a control token there as the text that it is.

    Special tokens that the tokenizer may add by itself are left out.
    """
    found: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"] if texts else []
    standing = "".join(chr(FIRST + place) for place in range(len(control_tokens(tokenizer))))
    for place, text in enumerate(texts):
        if not set(standing).isdisjoint(text):
            found[place] = _in_pieces(tokenizer, text)
    return found


def _in_pieces(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a shielded text, between the template's control tokens piece by piece."""
    known = control_tokens(tokenizer)
    plain = {FIRST + place: token for place, token in enumerate(known)}
    ids: list[int] = []
    for piece in re.split(f"({_pattern(tokenizer).pattern})", text):
        if piece in known:
            ids.append(tokenizer.convert_tokens_to_ids(piece))
        elif piece:
            written = piece.translate(plain)
            ids += tokenizer(written, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return ids
