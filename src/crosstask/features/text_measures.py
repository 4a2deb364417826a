"""Features of a text that need no parser: lengths, readability, lexical diversity, classes of words.

They are made for English; lengths, numerals and punctuation say something of other languages as well.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence

from crosstask.features import word_classes

VERSION = 1
"""Part of what the features are kept under: raise it when the same text comes to have others."""
NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")
TOKEN = re.compile(rf"{NUMERAL.pattern}|[^\W\d_]+(?:['’][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n+")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?:[^laeiouy]e|[^laeiouytd]ed|[^aeiouylsxzcg]es)$")
"""An ending whose e is not spoken: ``make``, ``makes``, ``walked``; but ``table``, ``wanted``, ``boxes``."""
LONG = 7
"""Letters of a long word."""
WINDOW = 25
"""Words of the window of the moving type-token ratio."""
CLASSES = {
    "negations": word_classes.NEGATIONS,
    "number_words": word_classes.NUMBER_WORDS,
    "comparisons": word_classes.COMPARISONS,
    "question_words": word_classes.QUESTION_WORDS,
    "pronouns": word_classes.PRONOUNS,
    "determiners": word_classes.DETERMINERS,
    "prepositions": word_classes.PREPOSITIONS,
    "conjunctions": word_classes.CONJUNCTIONS,
    "auxiliaries": word_classes.AUXILIARIES,
    "function_words": word_classes.FUNCTION_WORDS,
}
COUNTED = (*CLASSES, "numerals", "long_words", "capitals", "questions", "commas", "symbols")
"""Features that are counts, to be held against the number of words."""
SYMBOLS = frozenset("+-*/=<>%$€£^~|\\{}[]()")
ANSWER = ("characters", "words", "sentences", "numerals")
"""What is measured of the gold answer as well."""


def measures(prompt: str, answer: str) -> dict[str, float]:
    """Return the features of an example.

    Parameters
    ----------
    prompt, answer
        What the model reads, and what it should say.

    Returns
    -------
    dict
        Of the prompt ``characters``, ``words`` (numerals among them), ``sentences``, ``words_per_sentence``,
        ``characters_per_word``, ``syllables_per_word``, ``reading_ease`` and ``grade_level`` (`readability`),
        ``type_token`` and ``moving_type_token`` (`type_token_ratio`), and the counts ``COUNTED``; of the answer
        ``answer_`` with each of ``ANSWER``. NaN: not defined of a text without words.

    Examples
    --------
    >>> found = measures("Why did nobody buy 3 apples, or 4?", "7")
    >>> found["words"], found["negations"], found["numerals"], found["questions"], found["answer_numerals"]
    (8, 1, 2, 1, 1)
    """
    tokens = TOKEN.findall(prompt)
    words = [token for token in tokens if not token[0].isdigit()]
    plain = [word.lower().replace("'", "").replace("’", "") for word in words]
    sentences = count_sentences(prompt)
    syllables = sum(count_syllables(word) for word in plain)
    ease, grade = readability(len(words), sentences, syllables)
    of_answer = _sizes(answer)
    return {
        "characters": len(prompt),
        "words": len(tokens),
        "sentences": sentences,
        "words_per_sentence": _ratio(len(tokens), sentences),
        "characters_per_word": _ratio(sum(map(len, words)), len(words)),
        "syllables_per_word": _ratio(syllables, len(words)),
        "reading_ease": ease,
        "grade_level": grade,
        "type_token": type_token_ratio(plain, max(1, len(plain))),
        "moving_type_token": type_token_ratio(plain, WINDOW),
        **{name: _count(plain, known) for name, known in CLASSES.items()},
        "numerals": len(tokens) - len(words),
        "long_words": sum(len(word) >= LONG for word in plain),
        "capitals": sum(word[0].isupper() for word in words),
        "questions": prompt.count("?"),
        "commas": prompt.count(","),
        "symbols": sum(character in SYMBOLS for character in prompt),
        **{f"answer_{name}": of_answer[name] for name in ANSWER},
    }


def readability(words: int, sentences: int, syllables: int) -> tuple[float, float]:
    """Return Flesch's reading ease and the Flesch-Kincaid grade level; NaN without words ::

        ease   =  206.835 - 1.015 words / sentences - 84.6 syllables / words
        grade  =  0.39 words / sentences + 11.8 syllables / words - 15.59

    (Kincaid and others 1975, "Derivation of new readability formulas for Navy enlisted personnel",
    doi:10.21236/ADA006655). About sentences of a text: of formulas and code the numbers mean little.
    """
    length, syllabic = _ratio(words, sentences), _ratio(syllables, words)
    return 206.835 - 1.015 * length - 84.6 * syllabic, 0.39 * length + 11.8 * syllabic - 15.59


def type_token_ratio(words: Sequence[str], window: int) -> float:
    """Return the share of different words, mean over all windows of so many words; NaN without words.

    A text of at most one window has the plain ratio (Covington and McFall 2010, "Cutting the Gordian knot: the
    moving-average type-token ratio (MATTR)", doi:10.1080/09296171003643098).

    Examples
    --------
    >>> type_token_ratio(["a", "b", "b"], 2)
    0.75
    """
    if not words:
        return math.nan
    window = min(window, len(words))
    counts = Counter(words[:window])
    total, places = len(counts), len(words) - window + 1
    for new, old in zip(words[window:], words, strict=False):
        counts[new] += 1
        counts[old] -= 1
        if not counts[old]:
            del counts[old]
        total += len(counts)
    return total / (places * window)


def count_sentences(text: str) -> int:
    """Return how many parts of a text have a word or numeral, cut after ``.``, ``!``, ``?`` and at ends of lines."""
    return sum(TOKEN.search(part) is not None for part in SENTENCE_END.split(text))


def count_syllables(word: str) -> int:
    """Return about how many syllables an English word in lower case has: groups of vowels without a silent e.

    Examples
    --------
    >>> [count_syllables(word) for word in ("make", "walked", "wanted", "table", "boxes", "readability")]
    [1, 1, 2, 2, 2, 5]
    """
    groups = len(VOWELS.findall(word))
    return max(1, groups - (SILENT.search(word) is not None))


def _sizes(text: str) -> dict[str, float]:
    """Return characters, words, sentences and numerals of a text."""
    tokens = TOKEN.findall(text)
    numerals = sum(token[0].isdigit() for token in tokens)
    return {
        "characters": len(text),
        "words": len(tokens),
        "sentences": count_sentences(text),
        "numerals": numerals,
    }


def _count(words: Sequence[str], known: Collection[str]) -> int:
    """Return how many of the words are among those known."""
    return sum(word in known for word in words)


def _ratio(value: float, over: float) -> float:
    """Return a ratio; NaN over nothing."""
    return value / over if over else math.nan
