"""Answers as SQuAD compares them: without case, punctuation, articles and superfluous white space."""

import re
from collections import Counter
from string import punctuation

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_PUNCTUATION = str.maketrans("", "", punctuation)


def normalized(text: str) -> str:
    r"""Return an answer as it is compared, by the rules of SQuAD's evaluation.

    They are those of Rajpurkar et al. (2016, arXiv 1606.05250): in lower case, the 32 characters of ASCII punctuation
    are removed, then the words ``a``, ``an`` and ``the``; what is left are words with one space between them. Digits of
    other scripts stay what they are.

    Examples
    --------
    >>> normalized("The  Eiffel-Tower!"), normalized("10\n\n"), normalized("1,000"), normalized("A")
    ('eiffeltower', '10', '1000', '')
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def token_f1(prediction: str, gold: str) -> float:
    """Return the F1 of the words that two answers share, 0 to 1, a word counting as often as it comes in both.

    Examples
    --------
    >>> token_f1("the red car", "a red house"), token_f1("", "red")
    (0.5, 0.0)
    """
    found, right = normalized(prediction).split(), normalized(gold).split()
    shared = sum((Counter(found) & Counter(right)).values())
    return 2 * shared / (len(found) + len(right)) if shared else 0.0


def exact_match(prediction: str, gold: str) -> float:
    """Return 1 if two answers are equal when normalized, else 0.

    Examples
    --------
    >>> exact_match("The Beatles.", "beatles"), exact_match("", "the")
    (1.0, 1.0)
    """
    return float(normalized(prediction) == normalized(gold))
