"""Sentences from templates: ``{slot}`` stands for a bound value or for a random entry of the lexicon."""

import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from crosstask.miniature.relations import lexicon, relations

STRENGTHS = {-2: "very_bad", -1: "bad", 0: "middling", 1: "good", 2: "very_good"}


def phrase(rng: Random, template: str, **bound: object) -> str:
    """Fill the slots of a template, the slots of what fills them included.

    Parameters
    ----------
    rng
        Source of every choice.
    template
        Text with slots such as ``{city}``. A slot takes its value from `bound` or else a random entry of
        the word list of that name in the lexicon.

    Examples
    --------
    >>> phrase(Random(0), "{name} has {n} cats", name="Ann", n=2)
    'Ann has 2 cats'
    """
    pieces = []
    for literal, slot in _pieces(template):
        pieces.append(literal)
        if slot:
            pieces.append(str(bound[slot]) if slot in bound else phrase(rng, rng.choice(lexicon()[slot]), **bound))
    return "".join(pieces)


def judgement(rng: Random, strength: int) -> str:
    """Judging words of one strength from -2 to 2; a mild one may be the negation of its opposite."""
    if abs(strength) == 1 and rng.random() < relations()["reviews"]["negation"]:
        return phrase(rng, f"not {{{STRENGTHS[-2 * strength]}}}")
    return phrase(rng, f"{{{STRENGTHS[strength]}}}")


def sentence(text: str) -> str:
    """The text with a capital at its start, a full stop at its end and "an" before a vowel.

    Examples
    --------
    >>> sentence("a old dog sleeps")
    'An old dog sleeps.'
    """
    return f"{capital(articles(text))}."


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[0].upper() + text[1:]


def articles(text: str) -> str:
    """The text with "an" for "a" before a vowel (u excepted)."""
    return re.sub(r"\ba (?=[aeio])", "an ", text)


def drawn(rng: Random, shares: Mapping[Any, float]) -> Any:
    """One key of `shares`, with a probability in proportion to its value."""
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def labelled(rng: Random, plan: Mapping[str, Any]) -> tuple[Any, Any]:
    """A class in the `shares` of a plan, and the one its text is drawn for: with `noise`, one without regard to it."""
    label = drawn(rng, plan["shares"])
    return label, drawn(rng, plan["shares"]) if rng.random() < plan["noise"] else label


@cache
def _pieces(template: str) -> tuple[tuple[str, str], ...]:
    """A template as pairs of literal text and the slot after it ('' at the end)."""
    parts = re.split(r"\{(\w+)\}", template)
    return tuple(zip(parts[::2], [*parts[1::2], ""], strict=True))
